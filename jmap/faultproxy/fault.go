package faultproxy

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Fault is one way to fail.
type Fault struct {
	Name  string // for tables of outcomes
	after bool
	run   func(x *exchange, got *answer)
	calls func(x *exchange, after bool)
	dial  error // the connection fails so; see Proxy.Transport
}

// Afterwards returns the same fault, but the server does first what it is asked: its answer is lost or spoiled.
func (f Fault) Afterwards() Fault {
	f.Name += ", done"
	f.after = true
	return f
}

// Done reports whether the server does what it is asked all the same.
func (f Fault) Done() bool { return f.after }

func (f Fault) act(x *exchange) {
	if f.calls != nil {
		f.calls(x, f.after)
		return
	}
	var got *answer
	if f.after {
		var err error
		if got, err = x.ask(x.body); err != nil {
			got = nil
		}
	}
	f.run(x, got)
}

// made stands in for an answer of the server, for faults that spoil one.
var made = &answer{
	status: http.StatusOK, header: http.Header{"Content-Type": {"application/json"}},
	body: []byte(`{"methodResponses":[["Email/changes",{"accountId":"x","oldState":"1","newState":"1","hasMoreChanges":false}`),
}

func or(got *answer) *answer {
	if got == nil {
		return made
	}
	return got
}

// Hang gives no answer until the fault is lifted or the client gives up.
func Hang() Fault {
	return Fault{Name: "no answer", run: func(x *exchange, got *answer) {
		if !x.wait(0) {
			return
		}
		if got == nil {
			x.proxy.forward.ServeHTTP(x.w, x.r)
			return
		}
		x.write(got)
	}}
}

// Reset breaks the connection where the answer is due.
func Reset() Fault {
	return Fault{Name: "reset", run: func(x *exchange, _ *answer) { x.reset(nil) }}
}

// ResetInHeader breaks the connection in the middle of the status line and header.
func ResetInHeader() Fault {
	return Fault{Name: "reset in header", run: func(x *exchange, _ *answer) {
		x.reset([]byte("HTTP/1.1 200 OK\r\nContent-Type: applicat"))
	}}
}

// ResetInBody breaks the connection in the middle of the body.
func ResetInBody() Fault {
	return Fault{Name: "reset in body", run: func(x *exchange, got *answer) {
		a := or(got)
		var b bytes.Buffer
		fmt.Fprintf(&b, "HTTP/1.1 %d OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", a.status, a.header.Get("Content-Type"), len(a.body)+1)
		b.Write(a.body[:len(a.body)/2])
		x.reset(b.Bytes())
	}}
}

// Status answers with an HTTP status and, unless it is negative, with Retry-After in seconds.
func Status(status, retryAfter int) Fault {
	return Fault{Name: strconv.Itoa(status), run: func(x *exchange, _ *answer) {
		a := &answer{status: status, header: http.Header{"Content-Type": {"text/plain"}}, body: []byte(http.StatusText(status) + "\n")}
		if retryAfter >= 0 {
			a.header.Set("Retry-After", strconv.Itoa(retryAfter))
		}
		x.write(a)
	}}
}

// Problem answers with a request-level error (RFC 8620 section 3.6.1); limit names a limit, or is empty.
func Problem(status int, kind, limit string) Fault {
	name, detail := kind, ""
	if limit != "" {
		name, detail = limit, fmt.Sprintf(`,"limit":%q`, limit)
	}
	return Fault{Name: name, run: func(x *exchange, _ *answer) {
		x.write(&answer{
			status: status, header: http.Header{"Content-Type": {"application/problem+json"}},
			body: []byte(fmt.Sprintf(`{"type":"urn:ietf:params:jmap:error:%s","status":%d,"detail":"a fault"%s}`, kind, status, detail)),
		})
	}}
}

// Truncated answers with the first half, as if that were all.
func Truncated() Fault {
	return Fault{Name: "truncated", run: func(x *exchange, got *answer) {
		a := *or(got)
		a.body = a.body[:len(a.body)/2]
		x.write(&a)
	}}
}

// WrongShape answers with valid JSON that is no JMAP.
func WrongShape() Fault {
	return Fault{Name: "wrong shape", run: func(x *exchange, _ *answer) {
		x.write(&answer{status: http.StatusOK, header: made.header, body: []byte(`{"methodResponses":{"ok":true},"accounts":[],"blobId":7}`)})
	}}
}

// Page answers with a web page and the status 200, as captive portals and maintenance pages do.
func Page() Fault {
	return Fault{Name: "web page", run: func(x *exchange, _ *answer) {
		x.write(&answer{
			status: http.StatusOK, header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
			body: []byte("<!DOCTYPE html><html><title>Maintenance</title><p>We will be back soon.</html>\n"),
		})
	}}
}

// Drip sends the answer octet by octet, one in a while, until the client gives up or the fault is lifted.
func Drip() Fault {
	return Fault{Name: "drip", run: func(x *exchange, got *answer) {
		a := or(got)
		x.w.Header().Set("Content-Type", a.header.Get("Content-Type"))
		x.w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
		x.w.WriteHeader(a.status)
		for at := range a.body {
			if _, err := x.w.Write(a.body[at : at+1]); err != nil {
				return
			}
			_ = http.NewResponseController(x.w).Flush()
			if !x.wait(x.proxy.patience) {
				return
			}
		}
	}}
}

// Redirect sends the client elsewhere, keeping the method (RFC 9110 section 15.4.8).
func Redirect(to string) Fault {
	return Fault{Name: "redirect", run: func(x *exchange, _ *answer) {
		http.Redirect(x.w, x.r, to, http.StatusTemporaryRedirect)
	}}
}

// Slow answers after some time.
func Slow(d time.Duration) Fault {
	return Fault{Name: "slow", run: func(x *exchange, got *answer) {
		switch goesOn := x.wait(d); {
		case !goesOn:
		case got == nil:
			x.proxy.forward.ServeHTTP(x.w, x.r)
		default:
			x.write(got)
		}
	}}
}
