package jmap

import (
	"context"
	"errors"
	"time"
)

const (
	firstReconnect   = time.Second
	longestReconnect = 5 * time.Minute
)

// WatchOptions says what to watch and whom to tell of the state of the stream.
type WatchOptions struct {
	EventOptions
	// Lost is called when a stream ends or cannot be opened: until Opened is called, nobody vouches for the state.
	Lost func(error)
}

// Watch keeps an event stream open: it reconnects after a break, after a random and growing time, and asks the server to
// continue where it left off. It returns ErrNoPush, ErrUnauthorized or the error of ctx.
//
// Opened is called after each connect, because servers may have forgotten what came between.
func (s *Session) Watch(ctx context.Context, options WatchOptions, handle func(Event)) error {
	stream := eventStream{session: s, options: options.EventOptions, lastID: options.LastEventID, handle: handle}
	wait := firstReconnect
	for {
		err := stream.run(ctx)
		if options.Lost != nil {
			options.Lost(err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, ErrNoPush) || errors.Is(err, ErrUnauthorized) {
			return err
		}
		if stream.alive {
			wait = firstReconnect
		}
		if err := pause(ctx, max(wait, stream.retry, retryAfter(err))); err != nil {
			return err
		}
		wait = min(wait*2, longestReconnect)
	}
}

// retryAfter returns the time that the server asked to be left alone.
func retryAfter(err error) time.Duration {
	var unavailable *UnavailableError
	var limit *LimitError
	switch {
	case errors.As(err, &unavailable):
		return unavailable.RetryAfter
	case errors.As(err, &limit):
		return limit.RetryAfter
	}
	return 0
}
