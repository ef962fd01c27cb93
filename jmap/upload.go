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

const maxUploadAnswer = 1 << 20

var errBodyClosed = errors.New("the upload is over")

// Upload streams a blob to the server (RFC 8620 section 6.1), once: it is sent again only as long as nothing of r was read. size is the number of octets in r, or -1 when it is not known.
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
	err = s.retry(ctx, retrying{op: op, spent: source.touched}, where, func(r *resource, target *url.URL) (err error) {
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
	source.begin(watch)
	response, _, err := s.client.send(ctx, s.credentials, outgoing{
		op: op, method: http.MethodPost, url: target,
		contentType: contentType, accept: "application/json",
		body: func() (io.Reader, int64) { return source, size }, once: true,
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

// uploadSource is the body of an upload. The HTTP transport may go on reading after it has returned a
// response; finish ends that.
type uploadSource struct {
	from  io.Reader
	limit int64
	watch *stall

	mu    sync.Mutex
	read  int64
	begun bool  // something was asked of from
	err   error // of from, or the limit
	done  bool
}

// begin makes the source the body of a request that watch watches.
func (u *uploadSource) begin(watch *stall) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.watch = watch
}

// touched reports whether the content can no longer be sent from its beginning.
func (u *uploadSource) touched() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.begun
}

func (u *uploadSource) Read(p []byte) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.done {
		return 0, errBodyClosed
	}
	if u.err != nil {
		return 0, u.err
	}
	u.begun = true
	u.watch.pause()
	defer u.watch.resume()
	n, err := u.from.Read(p)
	u.read += int64(n)
	switch {
	case u.read > u.limit:
		u.err = u.tooLarge(u.read)
		return 0, u.err
	case err != nil && err != io.EOF:
		u.err = fmt.Errorf("reading what to upload: %w", err)
		return n, u.err
	}
	return n, err
}

// finish waits for a Read under way and fails all later ones.
func (u *uploadSource) finish() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.done = true
}

// blame returns the error of the source, when there was one, in place of what it led to.
func (u *uploadSource) blame(err error) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.err != nil {
		return u.err
	}
	return err
}

func (u *uploadSource) tooLarge(size int64) error {
	return &LimitError{Limit: "maxSizeUpload", Detail: fmt.Sprintf("%d octets, %d allowed", size, u.limit)}
}
