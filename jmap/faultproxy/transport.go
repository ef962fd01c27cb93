package faultproxy

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"syscall"
)

// Unresolvable is a host without an address. It needs Proxy.Transport.
func Unresolvable() Fault {
	return Fault{Name: "no DNS", dial: &net.DNSError{Err: "no such host", Name: "mail.invalid", IsNotFound: true}}
}

// Refused is a host on which nobody listens. It needs Proxy.Transport.
func Refused() Fault {
	return Fault{Name: "refused", dial: &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}}
}

// Transport returns the transport for a client of the proxy: over it requests meet the faults of Unresolvable and Refused, too.
func (p *Proxy) Transport() http.RoundTripper {
	return &transport{proxy: p, real: &http.Transport{MaxIdleConnsPerHost: 16}}
}

type transport struct {
	proxy *Proxy
	real  *http.Transport
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	q := request{kind: kindOf(r)}
	q.user, _, _ = r.BasicAuth()
	if q.kind == Call && r.Body != nil {
		body, err := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil {
			return nil, err
		}
		q.methods = methodsOf(body)
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
	if i := t.proxy.meet(q, true); i != nil {
		return failing(i.rule.Fault.dial).RoundTrip(r)
	}
	return t.real.RoundTrip(r)
}

// CloseIdleConnections is what http.Client.CloseIdleConnections looks for.
func (t *transport) CloseIdleConnections() { t.real.CloseIdleConnections() }

// failing is a transport that gets no connection.
func failing(err error) *http.Transport {
	return &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return nil, err },
	}
}
