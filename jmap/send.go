package jmap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

// maxRedirects is how many redirects are followed before they are taken for a loop.
const maxRedirects = 5

var errTimeout = errors.New("no answer in time")

// outgoing is an HTTP request to the JMAP server.
type outgoing struct {
	op          string // for errors: "logging in", "calling Email/get"
	method      string
	url         *url.URL
	contentType string
	accept      string
	header      map[string]string         // further fields
	body        func() (io.Reader, int64) // content and its length, -1 when unknown; nil for none
	once        bool                      // body can be read only once
}

// send sends a request, with the credentials, and follows redirects as far as credentials may go. It returns the
// response, whatever its status unless a redirect, and the URL that gave it.
func (c *Client) send(ctx context.Context, credentials Credentials, out outgoing) (*http.Response, *url.URL, error) {
	at := out.url
	for range maxRedirects + 1 {
		response, err := c.exchange(ctx, credentials, out, at)
		if err != nil {
			return nil, nil, err
		}
		location, redirected := redirect(response)
		if !redirected {
			return response, at, nil
		}
		discard(response)
		if !out.mayFollow(response.StatusCode) {
			return nil, nil, &UnavailableError{Op: out.op, Status: response.StatusCode, Detail: "unexpected redirect to " + location}
		}
		if at, err = c.resolve(at, location); err != nil {
			return nil, nil, &UnavailableError{Op: out.op, Status: response.StatusCode, Err: fmt.Errorf("following a redirect: %w", err)}
		}
	}
	return nil, nil, &UnavailableError{Op: out.op, Detail: fmt.Sprintf("more than %d redirects", maxRedirects)}
}

// exchange sends one request to one host, unless that has been given up.
func (c *Client) exchange(ctx context.Context, credentials Credentials, out outgoing, at *url.URL) (*http.Response, error) {
	settle := func(outcome) {}
	if !out.streams() {
		var wait time.Duration
		if settle, wait = c.breaker(at).enter(); wait > 0 {
			return nil, &UnavailableError{
				Op: out.op, RetryAfter: wait, Err: fmt.Errorf("%s: %w", at.Host, errGivenUp), unsent: true, unreached: true,
			}
		}
	}
	path := &path{}
	request, err := c.build(httptrace.WithClientTrace(ctx, path.trace()), credentials, out, at)
	if err != nil {
		settle(outcomeUnknown)
		return nil, &UnavailableError{Op: out.op, Err: err}
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, lost(ctx, out.op, err, path, settle)
	}
	if isAway(response.StatusCode) {
		settle(outcomeFailed)
	} else {
		settle(outcomeReached)
	}
	return response, nil
}

// lost makes an error of a request that got no answer.
func lost(ctx context.Context, op string, err error, path *path, settle func(outcome)) error {
	failure := transportError(ctx, op, err)
	var unavailable *UnavailableError
	if !errors.As(failure, &unavailable) || callerLate(ctx) {
		settle(outcomeUnknown)
		return failure
	}
	settle(outcomeFailed)
	unavailable.unreached = true
	unavailable.unsent = path.unsent(err)
	return failure
}

// callerLate reports whether a deadline of the caller's own has passed, which says nothing of the server.
func callerLate(ctx context.Context) bool {
	return errors.Is(context.Cause(ctx), context.DeadlineExceeded)
}

// path notes how far a request got.
type path struct {
	asked, connected atomic.Bool
}

func (p *path) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { p.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { p.connected.Store(true) },
	}
}

// unsent reports whether the request failed before there was a connection, TLS included: nothing of it was written then. A
// transport that tells nothing of its connections can say so by its error.
func (p *path) unsent(err error) bool {
	var dial *net.OpError
	var name *net.DNSError
	return p.asked.Load() && !p.connected.Load() ||
		!p.connected.Load() && (errors.As(err, &dial) && dial.Op == "dial" || errors.As(err, &name))
}

// streams holds for event streams.
func (out outgoing) streams() bool { return out.accept == "text/event-stream" }

func (c *Client) build(ctx context.Context, credentials Credentials, out outgoing, at *url.URL) (*http.Request, error) {
	var body io.Reader
	var size int64
	if out.body != nil {
		body, size = out.body()
	}
	request, err := http.NewRequestWithContext(ctx, out.method, at.String(), body)
	if err != nil {
		return nil, err
	}
	switch {
	case body == nil:
	case size == 0:
		request.Body = http.NoBody
	default:
		request.ContentLength = size
	}
	for name, value := range out.header {
		request.Header.Set(name, value)
	}
	request.Header.Set("User-Agent", c.config.UserAgent)
	if out.contentType != "" {
		request.Header.Set("Content-Type", out.contentType)
	}
	if out.accept != "" {
		request.Header.Set("Accept", out.accept)
	}
	credentials.authorize(request)
	return request, nil
}

func redirect(response *http.Response) (location string, redirected bool) {
	switch response.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		location = response.Header.Get("Location")
	}
	return location, location != ""
}

// mayFollow keeps to redirects that repeat the request as it was (RFC 9110 section 15.4).
func (out outgoing) mayFollow(status int) bool {
	if out.method == http.MethodGet {
		return true
	}
	return !out.once && (status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect)
}

// discard reads a short rest, so that the connection can be used again, and closes.
func discard(response *http.Response) {
	_, _ = io.CopyN(io.Discard, response.Body, 64<<10)
	_ = response.Body.Close()
}

// timedOut holds when the server had the time to answer, and did not.
func timedOut(err error) bool {
	var slow net.Error
	return errors.Is(err, errTimeout) || errors.Is(err, errStalled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &slow) && slow.Timeout()
}

// transportError tells apart who gave up: a canceled caller gets context.Canceled, all else is the server's.
func transportError(ctx context.Context, op string, err error) error {
	switch cause := context.Cause(ctx); {
	case cause == nil:
	case errors.Is(cause, errTimeout), errors.Is(cause, errStalled), errors.Is(cause, errSilent), errors.Is(cause, errMoved),
		errors.Is(cause, context.DeadlineExceeded):
		return &UnavailableError{Op: op, Err: cause}
	default:
		return fmt.Errorf("%s: %w", op, context.Canceled)
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return &UnavailableError{Op: op, Err: err}
}
