package jmap

import (
	"errors"
	"net"
	"net/url"
	"sync"
	"time"
)

// Defaults of BreakerPolicy.
const (
	DefaultBreakerFailures = 5
	DefaultFirstPause      = time.Second
	DefaultLongestPause    = 10 * time.Second
)

var errGivenUp = errors.New("it failed again and again and is left alone for a while")

// BreakerPolicy says when a host that cannot be reached is left alone. After Failures in a row all requests to it fail at once, with an
// *UnavailableError that says for how long. After a pause one request is let through: when it succeeds all is as
// before, else the next pause is twice as long.
//
// A failure is a connection that cannot be made or that breaks before there is an answer, a time-out, or one of the HTTP statuses 502,
// 503 and 504. Any other answer shows that the host is there. Event streams are neither counted nor held back.
type BreakerPolicy struct {
	Failures     int           // in a row, before the host is given up; default DefaultBreakerFailures, negative for never
	FirstPause   time.Duration // before the first try after that, of which a random half is taken off; default DefaultFirstPause
	LongestPause time.Duration // default DefaultLongestPause
}

func (p *BreakerPolicy) applyDefaults() {
	if p.Failures == 0 {
		p.Failures = DefaultBreakerFailures
	}
	if p.FirstPause <= 0 {
		p.FirstPause = DefaultFirstPause
	}
	if p.LongestPause <= 0 {
		p.LongestPause = DefaultLongestPause
	}
	p.LongestPause = max(p.LongestPause, p.FirstPause)
}

// outcome is what a request says of the host it went to.
type outcome int

const (
	outcomeUnknown outcome = iota // nothing: the caller gave up
	outcomeReached
	outcomeFailed
)

// breaker is the circuit of one host: closed, open until a time, or after that half open.
type breaker struct {
	mu       sync.Mutex
	policy   BreakerPolicy
	clock    Clock
	failures int       // in a row, while closed
	pauses   int       // in a row
	until    time.Time // when it is half open; zero while it is closed
	trial    time.Time // when the request that was let through while half open stops to be waited for
}

// enter lets a request through, whose outcome is to be told to settle, or says how long to wait.
func (b *breaker) enter() (settle func(outcome), wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.until.IsZero() {
		return b.settle, 0
	}
	now := b.clock.Now()
	if wait := max(b.until.Sub(now), b.trial.Sub(now)); wait > 0 {
		return nil, wait
	}
	b.trial = now.Add(b.policy.LongestPause)
	return b.settleTrial, 0
}

func (b *breaker) settle(o outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case o == outcomeUnknown || !b.until.IsZero():
	case o == outcomeReached:
		b.failures = 0
	case b.policy.Failures > 0:
		if b.failures++; b.failures >= b.policy.Failures {
			b.open()
		}
	}
}

func (b *breaker) settleTrial(o outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trial = time.Time{}
	switch o {
	case outcomeReached:
		b.failures, b.pauses, b.until = 0, 0, time.Time{}
	case outcomeFailed:
		b.open()
	}
}

// open starts a pause; b.mu must be held.
func (b *breaker) open() {
	pause := min(b.policy.FirstPause<<min(b.pauses, 20), b.policy.LongestPause)
	b.pauses++
	b.until = b.clock.Now().Add(jitter(pause))
}

// breakers has the breaker of each host that the client talks to. Only trusted hosts are talked to, so they are few.
type breakers struct {
	mu    sync.Mutex
	known map[string]*breaker
}

func (c *Client) breaker(u *url.URL) *breaker {
	c.breakers.mu.Lock()
	defer c.breakers.mu.Unlock()
	key := net.JoinHostPort(u.Hostname(), port(u))
	found := c.breakers.known[key]
	if found == nil {
		if c.breakers.known == nil {
			c.breakers.known = map[string]*breaker{}
		}
		found = &breaker{policy: c.config.Breaker, clock: c.config.Clock}
		c.breakers.known[key] = found
	}
	return found
}
