package jmap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
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
		request, err := c.build(ctx, credentials, out, at)
		if err != nil {
			return nil, nil, &UnavailableError{Op: out.op, Err: err}
		}
		response, err := c.http.Do(request)
		if err != nil {
			return nil, nil, transportError(ctx, out.op, err)
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

// transportError tells apart who gave up: a canceled caller gets context.Canceled, all else is the server's.
func transportError(ctx context.Context, op string, err error) error {
	switch cause := context.Cause(ctx); {
	case cause == nil:
	case errors.Is(cause, errTimeout), errors.Is(cause, errStalled), errors.Is(cause, errSilent),
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
