package jmap

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// transfer is one HTTP response that brings octets of a blob.
type transfer struct {
	ctx      context.Context
	op       string
	response *http.Response
	watch    *stall
	cancel   context.CancelCauseFunc
}

// transfer sends a request whose response has one of the wanted statuses.
func (s *Session) transfer(ctx context.Context, out outgoing, wanted int) (*transfer, error) {
	ctx, watch, cancel := newStall(ctx, s.client.config.StallTimeout)
	t := &transfer{ctx: ctx, op: out.op, watch: watch, cancel: cancel}
	response, _, err := s.client.send(ctx, s.credentials, out)
	if err == nil && response.StatusCode != wanted {
		err = downloadError(out.op, response)
	}
	if err != nil {
		watch.pause()
		cancel(nil)
		return nil, err
	}
	t.response = response
	return t, nil
}

func (t *transfer) read(p []byte) (int, error) {
	t.watch.resume()
	n, err := t.response.Body.Read(p)
	t.watch.pause()
	if err != nil && err != io.EOF {
		err = transportError(t.ctx, t.op, err)
	}
	return n, err
}

func (t *transfer) end() {
	_ = t.response.Body.Close()
	t.watch.pause()
	t.cancel(nil)
}

// continuation is what it takes to go on with a download that broke, where the server gives ranges of octets (RFC 9110 section 14): a blob never
// changes, so that the rest of it is the rest of what came.
type continuation struct {
	session *Session
	ctx     context.Context // of the whole download
	request outgoing
	size    int64  // of the blob
	tag     string // strong entity tag, or none
	left    int    // how often it may be used
}

// continuation returns nil where the server does not say that it gives ranges, or how long the blob is.
func (s *Session) continuation(ctx context.Context, request outgoing, response *http.Response) *continuation {
	if response.ContentLength <= 0 || !strings.EqualFold(response.Header.Get("Accept-Ranges"), "bytes") {
		return nil
	}
	c := &continuation{session: s, ctx: ctx, request: request, size: response.ContentLength, left: s.client.config.Retry.Tries - 1}
	if tag := response.Header.Get("ETag"); strings.HasPrefix(tag, `"`) {
		c.tag = tag
	}
	return c
}

// from asks for the rest of the blob, until it begins to come or no try is left. cause is what broke the download, and the error where it
// cannot go on.
func (c *continuation) from(offset int64, cause error) (*transfer, error) {
	if c == nil {
		return nil, cause
	}
	for wait := c.session.client.config.Retry.FirstWait; c.left > 0 && c.ctx.Err() == nil; wait *= 2 {
		c.left--
		if c.session.client.config.Clock.Sleep(c.ctx, jitter(wait)) != nil {
			break
		}
		if rest, err := c.ask(offset); err == nil {
			return rest, nil
		}
	}
	return nil, cause
}

func (c *continuation) ask(offset int64) (*transfer, error) {
	request := c.request
	request.header = map[string]string{"Range": "bytes=" + strconv.FormatInt(offset, 10) + "-"}
	for name, value := range c.request.header {
		request.header[name] = value
	}
	if c.tag != "" {
		request.header["If-Range"] = c.tag
	}
	rest, err := c.session.transfer(c.ctx, request, http.StatusPartialContent)
	if err != nil {
		return nil, err
	}
	want := fmt.Sprintf("bytes %d-%d/%d", offset, c.size-1, c.size)
	if got := rest.response.Header.Get("Content-Range"); !strings.EqualFold(got, want) {
		rest.end()
		return nil, &UnavailableError{Op: request.op, Detail: "asked for " + want + ", got " + got}
	}
	return rest, nil
}
