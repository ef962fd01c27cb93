package jmap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

const (
	maxUploadAnswer = 1 << 20
	// keptOfUpload is how many octets of an upload are kept, to send them again should the connection break: most messages are smaller, and
	// a connection that the server has just closed takes the beginning of what is sent.
	keptOfUpload = 64 << 10
)

var errBodyClosed = errors.New("the upload is over")

// Upload streams a blob to the server (RFC 8620 section 6.1). It is sent again, as RetryPolicy says of reads, as long as no more than keptOfUpload octets
// of r were read: a blob that is there twice does no harm. size is the number of octets in r, or -1 when it is not known.
// A *LimitError says that it is over maxSizeUpload. An error of r is returned as it is, wrapped.
//
// Upload does not return while a Read of r is under way, so the caller may go on with r at once.
func (s *Session) Upload(ctx context.Context, account proto.ID, contentType string, r io.Reader, size int64) (*proto.UploadResponse, error) {
	start := time.Now()
	source := &uploadSource{from: r, limit: s.Limits().MaxSizeUpload}
	uploaded, err := s.upload(ctx, account, contentType, source, size)
	source.finish()
	record(ctx, start, Exchange{Kind: KindUpload, Size: source.read, Err: err})
	return uploaded, err
}

func (s *Session) upload(ctx context.Context, account proto.ID, contentType string, source *uploadSource, size int64) (uploaded *proto.UploadResponse, err error) {
	const op = "uploading"
	if size > source.limit {
		return nil, source.tooLarge(size)
	}
	where := func(r *resource) (*url.URL, error) { return s.uploadURL(r, account) }
	err = s.retry(ctx, retrying{op: op, reads: true, spent: source.spent}, where, func(r *resource, target *url.URL) (err error) {
		uploaded, err = s.uploadOnce(ctx, op, r, target, contentType, source, size)
		return err
	})
	return uploaded, err
}

func (s *Session) uploadOnce(ctx context.Context, op string, r *resource, target *url.URL, contentType string, source *uploadSource, size int64) (*proto.UploadResponse, error) {
	leave, err := r.gate.enterUpload(ctx)
	if err != nil {
		return nil, transportError(ctx, op, err)
	}
	defer leave()
	ctx, watch, cancel := newStall(ctx, s.client.config.StallTimeout)
	defer cancel(nil)
	defer watch.pause()
	body := source.begin(watch)
	response, _, err := s.client.send(ctx, s.credentials, outgoing{
		op: op, method: http.MethodPost, url: target,
		contentType: contentType, accept: "application/json",
		body: func() (io.Reader, int64) { return body, size }, once: true,
	})
	if err != nil {
		return nil, source.blame(err)
	}
	if response.StatusCode == http.StatusRequestEntityTooLarge {
		discard(response)
		return nil, source.tooLarge(size)
	}
	if response.StatusCode/100 != 2 {
		return nil, source.blame(statusError(op, response))
	}
	defer response.Body.Close()
	return readUploaded(ctx, op, response.Body)
}

func readUploaded(ctx context.Context, op string, r io.Reader) (*proto.UploadResponse, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxUploadAnswer))
	if err != nil {
		return nil, transportError(ctx, op, err)
	}
	uploaded := &proto.UploadResponse{}
	if err := uploaded.UnmarshalJSON(body); err != nil {
		return nil, &UnavailableError{Op: op, Detail: detailOf(body), Err: fmt.Errorf("the answer is no upload response: %w", err)}
	}
	if uploaded.BlobID == "" {
		return nil, &UnavailableError{Op: op, Detail: "the answer names no blob"}
	}
	return uploaded, nil
}

// uploadSource is what is uploaded. Each request has a body of its own, which ends with the next one or with finish: the HTTP transport may go on
// reading after it has returned a response.
type uploadSource struct {
	from  io.Reader
	limit int64

	mu   sync.Mutex
	read int64
	kept []byte // what was read, unless that is too much
	err  error  // of from, its end too, or the limit
	now  *uploadBody
}

// uploadBody reads a source from its beginning.
type uploadBody struct {
	source *uploadSource
	watch  *stall
	at     int // in what is kept
}

// begin makes the body of a request that watch watches.
func (u *uploadSource) begin(watch *stall) *uploadBody {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.now = &uploadBody{source: u, watch: watch}
	return u.now
}

// spent reports whether the content can no longer be sent from its beginning.
func (u *uploadSource) spent() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.read > keptOfUpload || u.err != nil && u.err != io.EOF
}

func (b *uploadBody) Read(p []byte) (int, error) {
	u := b.source
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.now != b:
		return 0, errBodyClosed
	case b.at < len(u.kept):
		n := copy(p, u.kept[b.at:])
		b.at += n
		return n, nil
	case u.err != nil:
		return 0, u.err
	}
	b.watch.pause()
	defer b.watch.resume()
	n, err := u.from.Read(p)
	u.keep(p[:n])
	b.at += n
	switch {
	case u.read > u.limit:
		u.err = u.tooLarge(u.read)
		return 0, u.err
	case err != nil && err != io.EOF:
		u.err = fmt.Errorf("reading what to upload: %w", err)
	default:
		u.err = err
	}
	return n, u.err
}

// keep notes what was read.
func (u *uploadSource) keep(octets []byte) {
	if u.read += int64(len(octets)); u.read > keptOfUpload {
		u.kept = nil
		return
	}
	u.kept = append(u.kept, octets...)
}

// finish waits for a Read under way and fails all later ones.
func (u *uploadSource) finish() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.now = nil
}

// blame returns the error of the source, when there was one, in place of what it led to.
func (u *uploadSource) blame(err error) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.err != nil && u.err != io.EOF {
		return u.err
	}
	return err
}

func (u *uploadSource) tooLarge(size int64) error {
	return &LimitError{Limit: "maxSizeUpload", Detail: fmt.Sprintf("%d octets, %d allowed", size, u.limit)}
}
