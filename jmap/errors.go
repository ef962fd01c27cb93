package jmap

import (
	"errors"
	"fmt"
	"time"
)

var (
	// ErrUnauthorized says that the server does not accept the credentials (HTTP 401 or 403, or a session
	// without any account).
	ErrUnauthorized = errors.New("the JMAP server rejected the credentials")
	// ErrUnavailable says that the server could not be reached, or answered with something that is no JMAP.
	// Every *UnavailableError is one.
	ErrUnavailable = errors.New("the JMAP server is unavailable")
	// ErrUntrustedHost says that a redirect or a URL of the session leads to a host that may not see the
	// credentials. It comes wrapped in an *UnavailableError.
	ErrUntrustedHost = errors.New("not a trusted host")
	// ErrOtherAccount says that an endpoint knows the user of a session by another name or with another mail account than the
	// endpoint before, or lacks a capability that the session uses. Nothing is asked there, because states and ids would
	// not mean the same. It comes wrapped in an *UnavailableError.
	ErrOtherAccount = errors.New("the endpoints of the JMAP server do not agree about the account")
	// ErrNotFound says that the server has no such blob, or does not let this user see it.
	ErrNotFound = errors.New("the JMAP server has no such blob")
	// ErrNoPush says that the server offers no event stream, or that its event stream does harm: poll.
	ErrNoPush = errors.New("the JMAP server offers no push")
)

// UnavailableError is a failure of the server or of the way to it: DNS, connection, TLS, time-out, HTTP 5xx, a body
// that is not JMAP. Whether a request that failed so took effect is unknown, unless Unsent says that it did not.
type UnavailableError struct {
	Op         string        // what was tried: "logging in", "calling Email/get", …
	Status     int           // HTTP status, 0 when there was no response
	Detail     string        // what the server said, one line, shortened
	RetryAfter time.Duration // what the server asked for, else 0
	Err        error         // the cause, may be nil

	unsent    bool // nothing of the request was sent
	unreached bool // the host is to blame, not the request: another one may do better
}

// Error describes the failure in one line.
func (e *UnavailableError) Error() string {
	text := e.Op + ": " + ErrUnavailable.Error()
	if e.Status != 0 {
		text += fmt.Sprintf(": HTTP %d", e.Status)
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *UnavailableError) Unwrap() error { return e.Err }

// Unsent reports that nothing of the request has reached the server, because there was no connection: it has no effect.
func (e *UnavailableError) Unsent() bool { return e.unsent }

// Is makes every UnavailableError an ErrUnavailable.
func (e *UnavailableError) Is(target error) bool { return target == ErrUnavailable }

// LimitError says that a limit of the server stands in the way. Nothing was done.
type LimitError struct {
	Limit      string        // the name of the limit, such as "maxSizeRequest"; empty when the server named none
	Detail     string        // what the server said, or what was measured
	RetryAfter time.Duration // how long to wait; 0 when waiting does not help or the server did not say
}

// Error describes the limit in one line.
func (e *LimitError) Error() string {
	text := "a limit of the JMAP server was reached"
	if e.Limit != "" {
		text += ": " + e.Limit
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	if e.RetryAfter > 0 {
		text += fmt.Sprintf(" (retry after %s)", e.RetryAfter)
	}
	return text
}
