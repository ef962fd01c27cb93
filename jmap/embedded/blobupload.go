package embedded

import (
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// maxDataSources is how many sources one blob is made of at most. RFC 9404 section 3.1 asks for 64.
const maxDataSources = 100

// blobUpload makes blobs of texts and of pieces of other blobs (RFC 9404 section 4.1).
func blobUpload(b *batch, q *jmap.BlobUpload) (jmap.Method, error) {
	a, err := b.account(q.AccountID)
	if err != nil {
		return nil, err
	}
	if err := b.checkSet(len(q.Create)); err != nil {
		return nil, err
	}
	response := &jmap.BlobUploadResponse{AccountID: q.AccountID}
	for _, key := range slices.Sorted(maps.Keys(q.Create)) {
		made, err := b.makeBlob(a, q.Create[key])
		refusal := new(jmap.SetError)
		switch {
		case errors.As(err, &refusal):
			put(&response.NotCreated, key, *refusal)
		case err != nil:
			return nil, err
		default:
			put(&response.Created, key, *made)
			b.created[key] = made.ID
		}
	}
	return response, nil
}

// makeBlob stores one blob. What is wrong with what it is to be made of is a *jmap.SetError.
func (b *batch) makeBlob(a *account, o *jmap.UploadObject) (*jmap.UploadedBlob, error) {
	if o == nil {
		return nil, invalidProperties("an UploadObject is an object")
	}
	if bad := append(slices.Clone(o.Invalid), slices.Sorted(maps.Keys(o.Extra))...); len(bad) > 0 {
		return nil, invalidProperties("unknown properties, or of the wrong type", bad...)
	}
	if o.Data == nil {
		return nil, invalidProperties("there is no data", "data")
	}
	if len(o.Data) > maxDataSources {
		return nil, invalidProperties("more sources than maxDataSources", "data")
	}
	limit := b.store.limits.MaxSizeUpload
	d, size, err := a.blobs.write(b.store.now(), func(w io.Writer) error {
		out := &limitedWriter{w: w, left: limit}
		for _, source := range o.Data {
			if err := b.writeSource(a, source, out); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, ErrTooLarge) {
		refusal := setError(jmap.SetErrorTooLarge, "larger than maxSizeUpload")
		max := uint64(limit)
		refusal.MaxSize = &max
		return nil, refusal
	}
	if err != nil {
		return nil, err
	}
	return &jmap.UploadedBlob{ID: blobName{digest: d}.id(), Type: o.Type, Size: uint64(size)}, nil
}

// limitedWriter fails with ErrTooLarge before it writes too much.
type limitedWriter struct {
	w    io.Writer
	left int64
}

func (l *limitedWriter) Write(p []byte) (int, error) {
	if l.left -= int64(len(p)); l.left < 0 {
		return 0, ErrTooLarge
	}
	return l.w.Write(p)
}

// writeSource writes the octets of one source. There has to be exactly one kind of it.
func (b *batch) writeSource(a *account, s *jmap.DataSourceObject, w io.Writer) error {
	if s == nil || len(s.Invalid) > 0 || len(s.Extra) > 0 {
		return invalidProperties("a source has unknown properties, or of the wrong type", "data")
	}
	base64Given := s.DataAsBase64 != nil
	switch {
	case s.DataAsText != nil && !base64Given && s.BlobID == "":
		if !utf8.ValidString(*s.DataAsText) {
			return invalidProperties("data:asText is not valid UTF-8", "data")
		}
		_, err := io.WriteString(w, *s.DataAsText)
		return err
	case s.DataAsText == nil && base64Given && s.BlobID == "":
		return writeBase64(*s.DataAsBase64, w)
	case s.DataAsText == nil && !base64Given && s.BlobID != "":
		return b.writePiece(a, s, w)
	}
	return invalidProperties("a source is one of data:asText, data:asBase64 and blobId", "data")
}

// writeBase64 takes nothing but the alphabet and the padding of RFC 4648 section 4.
func writeBase64(text string, w io.Writer) error {
	octets, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") {
		return invalidProperties("data:asBase64 is not valid base64", "data")
	}
	_, err = w.Write(octets)
	return err
}

// writePiece writes a piece of another blob, which has to be there as a whole.
func (b *batch) writePiece(a *account, s *jmap.DataSourceObject, w io.Writer) error {
	name, ok := parseBlobID(b.id(s.BlobID))
	if !ok {
		return invalidProperties("there is no such blob", "data")
	}
	selected := octetRange{length: s.Length}
	if s.Offset != nil {
		selected.offset = *s.Offset
	}
	err := b.withRange(a, name, selected, func(octets []byte, size uint64) error {
		if selected.in(size).truncated {
			return invalidProperties("a source goes beyond the end of its blob", "data")
		}
		_, err := w.Write(octets)
		return err
	})
	if errors.Is(err, errNoBlob) {
		return invalidProperties("there is no such blob", "data")
	}
	return err
}
