package importer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
)

// transient holds for failures that may pass: the server is unavailable, or asks to wait.
func transient(err error) bool {
	var limit *jmapclient.LimitError
	if errors.As(err, &limit) {
		return limit.Limit != "maxSizeUpload" && limit.Limit != "maxSizeRequest" && limit.Limit != "maxCallsInRequest"
	}
	var method *proto.MethodError
	if errors.As(err, &method) {
		switch method.Type {
		case proto.MethodErrorServerUnavailable, proto.MethodErrorServerFail, proto.MethodErrorServerPartialFail:
			return true
		}
	}
	return errors.Is(err, jmapclient.ErrUnavailable) && !errors.Is(err, jmapclient.ErrUntrustedHost)
}

// asked is how long the server wants to be left alone.
func asked(err error) time.Duration {
	var limit *jmapclient.LimitError
	var unavailable *jmapclient.UnavailableError
	switch {
	case errors.As(err, &limit):
		return limit.RetryAfter
	case errors.As(err, &unavailable):
		return unavailable.RetryAfter
	}
	return 0
}

// backoff grows the pauses between failures, over all that a run does.
type backoff struct {
	patience time.Duration
	first    time.Duration
	mu       sync.Mutex
	since    time.Time // of the first failure after the last success
	next     time.Duration
}

func (b *backoff) success() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.since, b.next = time.Time{}, 0
}

// failure returns how long to wait, and false when it has been going on for too long.
func (b *backoff) failure(asked time.Duration) (time.Duration, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if b.since.IsZero() {
		b.since = now
	}
	b.next = min(max(b.next*2, b.first), mostBackoff)
	wait := max(b.next/2+rand.N(b.next/2+1), asked)
	return wait, now.Add(wait).Sub(b.since) <= b.patience
}

// wait pauses after a failure, or returns it when patience is at its end.
func (r *run) wait(ctx context.Context, why error) error {
	wait, ok := r.backoff.failure(asked(why))
	if !ok {
		return fmt.Errorf("giving up for now: %w", why)
	}
	r.tell.Lock()
	r.Notice(fmt.Sprintf("%s; trying again in %s", why, wait.Round(100*time.Millisecond)))
	r.tell.Unlock()
	return sleep(ctx, wait)
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ask makes one call that only reads, and makes it again after failures that may pass.
func ask[R any](r *run, call interface {
	proto.Method
	NewResponse() *R
}) (*R, error) {
	for {
		response, err := jmapclient.Call(r.ctx, r.Session, call)
		if err == nil {
			r.backoff.success()
			return response, nil
		}
		if !transient(err) {
			return nil, err
		}
		if err := r.wait(r.ctx, err); err != nil {
			return nil, err
		}
	}
}
