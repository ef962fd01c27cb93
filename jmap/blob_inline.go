package jmap

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

// besideInline is how many octets of a request are left to the calls that stand beside an inline blob.
const besideInline = 64 << 10

// ErrNotUploaded says that a server did not make a blob whose octets were in the request. The upload URL may take them yet.
var ErrNotUploaded = errors.New("the JMAP server did not take a blob within the request")

// InlineBlob is a blob that a request has the octets of.
type InlineBlob struct {
	session  *Session
	creation proto.ID
	size     int
	call     proto.Call[proto.BlobUploadResponse]
}

// MaxInlineBlob returns how many octets a blob may have that AddBlob puts into a request, 0 where the account takes none so: without
// Blob/upload (RFC 9404 section 4.1), or where the capability lacks the limits that section 3.1 demands. The request is left 64 KiB
// for other calls.
func (s *Session) MaxInlineBlob(account proto.ID) int64 {
	if s.blobs.noUpload.Load() || !slices.Contains(s.using, proto.CapabilityBlob) {
		return 0
	}
	raw, has := s.Info().Accounts[account].AccountCapabilities[proto.CapabilityBlob]
	var limits proto.BlobCapability
	if !has || limits.UnmarshalJSON(raw) != nil || limits.MaxDataSources == 0 {
		return 0
	}
	core := s.Limits()
	most := min(core.MaxSizeUpload, (core.MaxSizeRequest-besideInline)/4*3)
	if own := limits.MaxSizeBlobSet; own != nil && *own < uint64(max(most, 0)) {
		most = int64(*own)
	}
	return max(most, 0)
}

// AddBlob adds a call that makes a blob of octets, with Blob/upload (RFC 9404 section 4.1), so that later calls of the same request
// can name it by Ref. creation is the creation id, which nothing else in the request has; contentType may be empty. The octets are copied.
//
// A *LimitError says that there are more than MaxInlineBlob, and nothing was added.
func (s *Session) AddBlob(q *proto.Request, account, creation proto.ID, contentType string, octets []byte) (*InlineBlob, error) {
	if most := s.MaxInlineBlob(account); int64(len(octets)) > most || most == 0 {
		return nil, &LimitError{Limit: "maxSizeBlobSet", Detail: fmt.Sprintf("%d octets within a request, %d allowed", len(octets), most)}
	}
	text := base64.StdEncoding.EncodeToString(octets)
	object := &proto.UploadObject{Data: []*proto.DataSourceObject{{DataAsBase64: &text}}}
	if contentType != "" {
		object.Type = &contentType
	}
	upload := &proto.BlobUpload{AccountID: account, Create: map[proto.ID]*proto.UploadObject{creation: object}}
	return &InlineBlob{session: s, creation: creation, size: len(octets), call: proto.Add(q, upload)}, nil
}

// Ref is what stands for the id of the blob in later calls of the request (RFC 8620 section 5.3).
func (b *InlineBlob) Ref() proto.ID { return "#" + b.creation }

// ID returns the id of the blob out of the response to the request. ErrNotUploaded says that there is none, with the *proto.MethodError or
// proto.SetError that tells why; calls that named it have failed then, too. Where the server does not have the method that it announces,
// MaxInlineBlob is 0 from then on.
//
// Any other error says that the server told nothing certain of the blob, which calls may have used.
func (b *InlineBlob) ID(response *proto.Response) (proto.ID, error) {
	answer, err := b.call.Response(response)
	var method *proto.MethodError
	switch {
	case errors.As(err, &method):
		return "", b.failed(method)
	case err != nil:
		return "", fmt.Errorf("uploading within a request: %w", err)
	}
	if refusal, refused := answer.NotCreated[b.creation]; refused {
		return "", fmt.Errorf("%w: %w", ErrNotUploaded, refusal)
	}
	made := answer.Created[b.creation]
	if made.ID == "" || made.Size != uint64(b.size) {
		return "", fmt.Errorf("uploading within a request: of %d octets the server made a blob %q of %d", b.size, made.ID, made.Size)
	}
	return made.ID, nil
}

// failed judges a method-level error. Of serverPartialFail and what is unknown nobody can say that nothing was done.
func (b *InlineBlob) failed(e *proto.MethodError) error {
	switch e.Type {
	case proto.MethodErrorUnknownMethod, proto.MethodErrorInvalidArguments:
		b.session.blobs.noUpload.Store(true)
	case proto.MethodErrorServerPartialFail:
		return fmt.Errorf("uploading within a request: %w", e)
	}
	return fmt.Errorf("%w: %w", ErrNotUploaded, e)
}
