package faultproxy

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"
)

// Proxy passes requests on to a JMAP server, but for those that meet a fault. The Host field stays as the client sent it.
type Proxy struct {
	target   *url.URL
	forward  *httputil.ReverseProxy
	server   *http.Server
	address  string
	patience time.Duration // of an octet of a dripping body

	mu         sync.Mutex
	injections []*Injection
	passing    map[*http.Request]passage
}

// passage is a request that is being passed on.
type passage struct {
	kind Kind
	cut  context.CancelFunc
}

// New starts a proxy in front of the server at a base URL such as "http://127.0.0.1:8080", on a free port of loopback.
func New(target string) (*Proxy, error) {
	u, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{
		target: u, address: listener.Addr().String(), patience: 20 * time.Millisecond, passing: map[*http.Request]passage{},
	}
	quiet := log.New(io.Discard, "", 0) // clients that go away, and servers that do
	p.forward = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = u.Scheme, u.Host
			r.Out.Host = r.In.Host
		},
		Transport:     &http.Transport{MaxIdleConnsPerHost: 16, DisableCompression: true},
		FlushInterval: -1,
		ErrorLog:      quiet,
	}
	p.server = &http.Server{Handler: p, ErrorLog: quiet}
	go func() { _ = p.server.Serve(listener) }()
	return p, nil
}

// URL returns the base URL of the proxy.
func (p *Proxy) URL() string { return "http://" + p.address }

// Close stops the proxy and cuts its connections.
func (p *Proxy) Close() error {
	p.Clear()
	err := p.server.Close()
	p.forward.Transport.(*http.Transport).CloseIdleConnections()
	return err
}

// ServeHTTP passes a request on or lets it meet its fault.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := request{kind: kindOf(r)}
	q.user, _, _ = r.BasicAuth()
	var body []byte
	if q.kind == Call {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return
		}
		q.methods = methodsOf(body)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	i := p.meet(q, false)
	if i == nil {
		p.pass(w, r, q.kind)
		return
	}
	x := &exchange{proxy: p, w: w, r: r, body: body, injection: i}
	i.rule.Fault.act(x)
}

// pass passes a request on.
func (p *Proxy) pass(w http.ResponseWriter, r *http.Request, kind Kind) {
	ctx, cut := context.WithCancel(r.Context())
	defer cut()
	r = r.WithContext(ctx)
	p.mu.Lock()
	p.passing[r] = passage{kind, cut}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.passing, r)
	}()
	p.forward.ServeHTTP(w, r)
}

// Passing returns how many requests of a kind are being passed on.
func (p *Proxy) Passing(kind Kind) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, passing := range p.passing {
		if kind == Any || kind == passing.kind {
			n++
		}
	}
	return n
}

// Cut breaks the requests of a kind that are being passed on, such as event streams, and returns how many.
func (p *Proxy) Cut(kind Kind) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, passing := range p.passing {
		if kind == Any || kind == passing.kind {
			passing.cut()
			n++
		}
	}
	return n
}

// exchange is a request that meets a fault.
type exchange struct {
	proxy     *Proxy
	w         http.ResponseWriter
	r         *http.Request
	body      []byte // of a call
	injection *Injection
}

// answer is a whole answer.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// ask has the backend do what the client asks, whether that waits for it or not.
func (x *exchange) ask(body []byte) (*answer, error) {
	r := x.r.Clone(context.WithoutCancel(x.r.Context()))
	r.RequestURI = ""
	r.URL.Scheme, r.URL.Host = x.proxy.target.Scheme, x.proxy.target.Host
	if body != nil {
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	response, err := x.proxy.forward.Transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	a := &answer{status: response.StatusCode, header: response.Header}
	if kindOf(x.r) == Events {
		return a, nil // it has no end
	}
	a.body, err = io.ReadAll(response.Body)
	return a, err
}

// write sends an answer, with the length that it has.
func (x *exchange) write(a *answer) {
	for name, values := range a.header {
		if name != "Content-Length" && name != "Transfer-Encoding" {
			x.w.Header()[name] = values
		}
	}
	x.w.WriteHeader(a.status)
	_, _ = x.w.Write(a.body)
}

// raw takes the connection over.
func (x *exchange) raw() (net.Conn, error) {
	hijacker, ok := x.w.(http.Hijacker)
	if !ok {
		return nil, errors.New("the connection cannot be taken over")
	}
	conn, _, err := hijacker.Hijack()
	return conn, err
}

// reset ends the connection with RST, after sending some octets of an answer.
func (x *exchange) reset(octets []byte) {
	conn, err := x.raw()
	if err != nil {
		return
	}
	if len(octets) > 0 {
		_, _ = conn.Write(octets)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// wait blocks until the client gives up or the fault is lifted.
func (x *exchange) wait(d time.Duration) (goesOn bool) {
	var after <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		after = timer.C
	}
	select {
	case <-x.r.Context().Done():
		return false
	case <-x.injection.lifted:
		return true
	case <-after:
		return true
	}
}
