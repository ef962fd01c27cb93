package jmap

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"sync"
	"time"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

// Download streams a blob from the server (RFC 8620 section 6.2). It returns the length as well, or -1 when the server does not
// give it. contentType and name are what the server is to label the blob with. ErrNotFound says that there is no such blob. Read
// reports a break in the middle as an *UnavailableError, never as the end. One before the first octet is mended as RetryPolicy says, and so is one
// behind it where the server gives ranges of octets.
//
// An open download counts against the user's concurrent requests until it is closed.
func (s *Session) Download(ctx context.Context, account, blob proto.ID, contentType, name string) (io.ReadCloser, int64, error) {
	start := time.Now()
	body, size, err := s.download(ctx, account, blob, contentType, name)
	if err == nil {
		err = body.checkKind(contentType)
	}
	if err != nil {
		record(ctx, start, Exchange{Kind: KindDownload, Err: err})
		return nil, 0, err
	}
	body.onClose = func(read int64, err error) {
		record(ctx, start, Exchange{Kind: KindDownload, Size: read, Err: err})
	}
	return body, size, nil
}

func (s *Session) download(ctx context.Context, account, blob proto.ID, contentType, name string) (body *downloadBody, size int64, err error) {
	op := "downloading " + string(blob)
	where := func(r *resource) (*url.URL, error) { return s.downloadURL(r, account, blob, contentType, name) }
	err = s.retry(ctx, retrying{op: op, reads: true}, where, func(r *resource, from *url.URL) (err error) {
		body, size, err = s.downloadOnce(ctx, op, r, from)
		return err
	})
	return body, size, err
}

// downloadOnce returns when the first octets are there.
func (s *Session) downloadOnce(ctx context.Context, op string, r *resource, from *url.URL) (*downloadBody, int64, error) {
	leave, err := r.gate.enterDownload(ctx)
	if err != nil {
		return nil, 0, transportError(ctx, op, err)
	}
	request := outgoing{
		op: op, method: http.MethodGet, url: from, accept: "*/*",
		header: map[string]string{"Accept-Encoding": "identity"}, // compressed, it would come without a length
	}
	first, err := s.transfer(ctx, request, http.StatusOK)
	if err != nil {
		leave()
		return nil, 0, err
	}
	body := &downloadBody{now: first, more: s.continuation(ctx, request, first.response), leave: leave}
	if err := body.begin(); err != nil {
		first.end()
		leave()
		return nil, 0, err
	}
	return body, first.response.ContentLength, nil
}

func downloadError(op string, response *http.Response) error {
	if status := response.StatusCode; status == http.StatusNotFound || status == http.StatusGone {
		discard(response)
		return fmt.Errorf("%s: %w", op, ErrNotFound)
	}
	return statusError(op, response)
}

// downloadBody reads a blob. It is closed once, by whoever is first.
type downloadBody struct {
	now     *transfer
	more    *continuation // nil where the server gives no ranges
	leave   func()
	first   []byte // read already
	ended   bool   // behind first there is nothing
	broken  error  // what is to be mended before the next octet
	onClose func(read int64, err error)
	read    int64
	failed  error
	close   sync.Once
}

// checkKind ends a download that brings a web page or JSON where something else was asked for: it comes from a box on the way, or speaks of an
// error. Servers label a blob as they are asked to (RFC 8620 section 6.2); of those that do not, most take octets for octets.
func (b *downloadBody) checkKind(asked string) error {
	kind, _, _ := mime.ParseMediaType(b.now.response.Header.Get("Content-Type"))
	wanted, _, _ := mime.ParseMediaType(asked)
	if kind == wanted || kind != "text/html" && kind != "application/json" && kind != "application/problem+json" {
		return nil
	}
	b.now.end()
	b.leave()
	return &UnavailableError{Op: b.now.op, Status: http.StatusOK, Detail: "the answer is no " + wanted + " but " + kind}
}

// begin waits for the first octets: until then the download can be repeated. What ends before is no error here.
func (b *downloadBody) begin() error {
	first := make([]byte, 512)
	n, err := b.now.read(first)
	b.first, b.ended = first[:n], err == io.EOF
	if err == nil || err == io.EOF {
		return nil
	}
	b.broken = err
	if n == 0 {
		return err
	}
	return nil
}

func (b *downloadBody) Read(p []byte) (int, error) {
	if len(b.first) > 0 {
		n := copy(p, b.first)
		b.first = b.first[n:]
		b.read += int64(n)
		return n, nil
	}
	for {
		switch {
		case b.failed != nil:
			return 0, b.failed
		case b.ended:
			return 0, io.EOF
		case b.broken != nil:
			b.mend()
			continue
		}
		n, err := b.now.read(p)
		b.read += int64(n)
		if err == io.EOF {
			b.ended = true
		} else {
			b.broken = err
		}
		if n > 0 {
			return n, nil
		}
	}
}

// mend goes on where the download broke, or says that it failed.
func (b *downloadBody) mend() {
	rest, err := b.more.from(b.read, b.broken)
	b.broken = nil
	if err != nil {
		b.failed = err
		return
	}
	b.now.end()
	b.now = rest
}

// Close ends the download and gives its slot back.
func (b *downloadBody) Close() error {
	b.close.Do(func() {
		b.now.end()
		b.leave()
		b.onClose(b.read, b.failed)
	})
	return nil
}
