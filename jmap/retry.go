package jmap

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"syscall"
	"time"
)

// Defaults of RetryPolicy.
const (
	DefaultTries             = 3
	DefaultFirstWait         = 200 * time.Millisecond
	DefaultLongestWait       = 5 * time.Second
	DefaultRetryTime         = 15 * time.Second
	DefaultLongestRetryAfter = 10 * time.Second
)

// RetryPolicy says how a request is repeated that could not be answered. Requests that only read, fetches of the session, downloads of which
// nothing has come yet or which the server can continue, and uploads whose beginning is still known are repeated after a failed or broken connection
// and after the HTTP statuses 502, 503 and 504. Requests that write are repeated only when the server did nothing: no connection was made, or it said
// so (429). Nothing is repeated after a time-out of the answer.
//
// When there is another endpoint, it is tried at once and before the same one again.
type RetryPolicy struct {
	Tries             int           // of one request in all, further endpoints aside; default DefaultTries, 1 for no repetition
	FirstWait         time.Duration // before the second try, of which a random half is taken off; doubled each time; default DefaultFirstWait
	LongestWait       time.Duration // default DefaultLongestWait
	Time              time.Duration // no try begins later than this after the first; default DefaultRetryTime
	LongestRetryAfter time.Duration // Retry-After (429, 503) is waited for up to this, else it is left to the caller; default DefaultLongestRetryAfter
}

func (p *RetryPolicy) applyDefaults() {
	if p.Tries <= 0 {
		p.Tries = DefaultTries
	}
	for duration, value := range map[*time.Duration]time.Duration{
		&p.FirstWait: DefaultFirstWait, &p.LongestWait: DefaultLongestWait,
		&p.Time: DefaultRetryTime, &p.LongestRetryAfter: DefaultLongestRetryAfter,
	} {
		if *duration <= 0 {
			*duration = value
		}
	}
}

// concurrencyTries is how often a request is sent that the server turns away because too many run at once.
const concurrencyTries = 5

// retrying is a request and what may be done about its failures.
type retrying struct {
	op    string
	reads bool         // it may be repeated even when the server has done it
	once  func() error // makes the request
	spent func() bool  // reports that it cannot be made again; nil means that it always can
	// move goes to another endpoint, unless all were tried since it last said so; nil means that once does so itself.
	move func() (moved bool, err error)
}

// retry makes a request until it is answered, or nothing more can be done about it.
func (c *Client) retry(ctx context.Context, r retrying) error {
	left := &allowance{policy: c.config.Retry, clock: c.config.Clock, start: c.config.Clock.Now()}
	for {
		err := r.once()
		if err == nil || ctx.Err() != nil || !r.mayRepeat(err) {
			return err
		}
		if r.move != nil && left.leaves(err) {
			switch moved, failed := r.move(); {
			case failed != nil:
				return failed
			case moved:
				continue
			}
		}
		wait, ok := left.wait(err)
		if !ok {
			return err
		}
		if err := c.config.Clock.Sleep(ctx, wait); err != nil {
			return transportError(ctx, r.op, err)
		}
	}
}

// mayRepeat reports whether nothing can be done twice.
func (r retrying) mayRepeat(err error) bool {
	if r.spent != nil && r.spent() {
		return false
	}
	var limit *LimitError
	if errors.As(err, &limit) {
		return limit.RetryAfter > 0
	}
	var unavailable *UnavailableError
	switch {
	case !errors.As(err, &unavailable):
		return false
	case unavailable.unsent:
		return true
	}
	return r.reads && !timedOut(err) && (unavailable.unreached || connectionBroke(err))
}

// allowance is what one request has left of repetitions.
type allowance struct {
	policy     RetryPolicy
	clock      Clock
	start      time.Time
	waits      int
	turnedAway int  // by a limit on concurrent requests
	broke      bool // the connection, at least once
}

// leaves reports whether the endpoint is to blame. The first connection that breaks may just have been idle for too long.
func (p *allowance) leaves(err error) bool {
	var unavailable *UnavailableError
	if !errors.As(err, &unavailable) || !unavailable.unreached || p.late(0) {
		return false
	}
	if !p.broke && !unavailable.unsent && connectionBroke(err) {
		p.broke = true
		return false
	}
	return true
}

func (p *allowance) late(wait time.Duration) bool {
	return p.clock.Now().Add(wait).Sub(p.start) > p.policy.Time
}

// wait returns how long to wait before the next try, if there is to be one.
func (p *allowance) wait(err error) (time.Duration, bool) {
	var limit *LimitError
	if errors.As(err, &limit) && concurrencyLimit(limit.Limit) {
		p.turnedAway++
		return jitter(limit.RetryAfter << (p.turnedAway - 1)), p.turnedAway < concurrencyTries
	}
	asked := RetryAfter(err)
	wait := asked + jitter(min(p.policy.FirstWait<<min(p.waits, 20), p.policy.LongestWait))
	p.waits++
	possible := p.waits < p.policy.Tries && asked <= p.policy.LongestRetryAfter && !errors.Is(err, errGivenUp)
	return wait, possible && !p.late(wait)
}

// connectionBroke holds when the connection ended under the request, as one that the server had let go idle does.
func connectionBroke(err error) bool {
	for _, sign := range []error{syscall.ECONNRESET, syscall.EPIPE, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, sign) {
			return true
		}
	}
	return false
}

func jitter(d time.Duration) time.Duration {
	half := d / 2
	return half + rand.N(half+1)
}
