package jmap

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// world is a network without a network: hosts by name, each of which can be made to fail.
type world struct {
	mu    sync.Mutex
	hosts map[string]*host
	seen  []string // "host path", in order
	now   time.Time
	slept []time.Duration
}

// host is a JMAP server. Where fail is set, it decides about requests other than those for the session object.
type host struct {
	session string
	down    failure // of every request
	fail    failure // of requests for anything but the session object
}

// failure answers in place of a host.
type failure func(*http.Request) (*http.Response, error)

func closedPort(r *http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
}

func nameless(r *http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: r.URL.Hostname(), IsNotFound: true}}
}

// broken takes the request, and then the connection ends.
func broken(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	return nil, io.EOF
}

// hung takes the request and says nothing.
func hung(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func answers(status int, retryAfter string) failure {
	return func(r *http.Request) (*http.Response, error) {
		if r.Body != nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		header := http.Header{}
		if retryAfter != "" {
			header.Set("Retry-After", retryAfter)
		}
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader("busy")), Request: r}, nil
	}
}

// first fails n times, then lets requests through.
func first(n int, f failure) failure {
	return func(r *http.Request) (*http.Response, error) {
		if n--; n >= 0 {
			return f(r)
		}
		return nil, nil
	}
}

func newWorld(names ...string) *world {
	w := &world{hosts: map[string]*host{}, now: time.Date(2026, 11, 28, 2, 0, 0, 0, time.UTC)}
	for _, name := range names {
		w.hosts[name] = &host{session: (&fake{}).sessionObject()}
	}
	return w
}

// RoundTrip implements http.RoundTripper.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	w.seen = append(w.seen, r.URL.Host+" "+r.URL.Path)
	h := w.hosts[r.URL.Host]
	var fail failure
	switch {
	case h == nil:
		fail = nameless
	case h.down != nil:
		fail = h.down
	case !isSession(r.URL):
		fail = h.fail
	}
	w.mu.Unlock()
	if fail != nil {
		if response, err := fail(r); response != nil || err != nil {
			return response, err
		}
	}
	out := httptest.NewRecorder()
	h.serve(out, r)
	response := out.Result()
	response.Request = r
	return response, nil
}

func isSession(u *url.URL) bool { return u.Path == wellKnown || u.Path == "/jmap" }

func (h *host) serve(w http.ResponseWriter, r *http.Request) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	switch {
	case r.URL.Path == wellKnown:
		w.Header().Set("Location", "/jmap")
		w.WriteHeader(http.StatusMovedPermanently)
	case r.URL.Path == "/jmap":
		if user, password, _ := r.BasicAuth(); user != "ann" || password != "secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		io.WriteString(w, h.session)
	case strings.Contains(r.URL.Path, "/upload/"):
		io.WriteString(w, `{"accountId":"A1","blobId":"B1","type":"text/plain","size":1}`)
	case strings.Contains(r.URL.Path, "/download/"):
		io.WriteString(w, "octets")
	default:
		echo(w, r)
	}
}

// Now and Sleep make a Clock: time passes only by sleeping.
func (w *world) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) Sleep(ctx context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
	w.slept = append(w.slept, d)
	return ctx.Err()
}

// fails makes a host fail from now on.
func (w *world) fails(name string, down, fail failure) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hosts[name].down, w.hosts[name].fail = down, fail
}

// take returns the hosts asked since the last time, with what was asked: s for the session, c for a call, u and d for up- and downloads.
func (w *world) take() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var text []string
	for _, line := range w.seen {
		name, path, _ := strings.Cut(line, " ")
		kind := "c"
		switch {
		case isSession(&url.URL{Path: path}):
			kind = "s"
		case strings.Contains(path, "/upload/"):
			kind = "u"
		case strings.Contains(path, "/download/"):
			kind = "d"
		}
		name, _, _ = strings.Cut(name, ".")
		text = append(text, fmt.Sprint(name, kind))
	}
	w.seen, w.slept = nil, nil
	return strings.Join(text, " ")
}

func (w *world) client(t *testing.T, change func(*Config)) *Client {
	config := Config{
		URLs: []string{"https://a.test/jmap"}, HTTPTransport: w, Clock: w, Resolver: resolver{}, Timeout: 10 * time.Second,
		Breaker: BreakerPolicy{Failures: -1},
	}
	if w.hosts["b.test"] != nil {
		config.URLs = append(config.URLs, "https://b.test/jmap")
	}
	if change != nil {
		change(&config)
	}
	client, err := New(config)
	require.NoError(t, err)
	return client
}

func (w *world) login(t *testing.T, change func(*Config)) *Session {
	session, err := w.client(t, change).Login(t.Context(), ann)
	require.NoError(t, err)
	w.take()
	return session
}

// resolver has SRV records, or errors, by domain.
type resolver map[string]any

func (r resolver) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	switch found := r["_"+service+"._"+proto+"."+name].(type) {
	case []*net.SRV:
		return name, found, nil
	case error:
		return "", nil, found
	}
	return "", nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}
