package jmap

import (
	"context"
	"errors"
	"time"
)

const (
	firstReconnect   = time.Second
	longestReconnect = 5 * time.Minute
	// steady is how long a connection has to live to be one that works: shorter ones are taken up again ever more rarely.
	steady = 10 * time.Second
	// flickers is how many WebSockets in a row may be shorter than that before the event stream is used instead.
	flickers = 3
)

// WatchOptions says what to watch and whom to tell of the state of the stream.
type WatchOptions struct {
	EventOptions
	// Lost is called when a stream ends, or when none can be opened for now: until Alive is called, nobody vouches for the state.
	Lost func(error)
}

// Watch keeps a stream of state changes open: over a WebSocket where the server announces push over one (RFC 8887), else an event stream
// (RFC 8620 section 7.3). It reconnects after a break, after a random and growing time, and asks the server to
// continue where it left off. It returns ErrNoPush, ErrUnauthorized or the error of ctx.
//
// When a WebSocket cannot be opened, or does not last, the event stream takes its place at once, and the session does without WebSockets for an hour.
//
// Opened is called after each connect, because servers may have forgotten what came between.
func (s *Session) Watch(ctx context.Context, options WatchOptions, handle func(Event)) error {
	w := watch{stream: newStream(s, options.EventOptions, handle), lost: options.Lost}
	wait := firstReconnect
	for {
		err := w.listen(ctx)
		w.tell(err)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, ErrNoPush) || errors.Is(err, ErrUnauthorized) {
			return err
		}
		if w.lasted() {
			wait = firstReconnect
		}
		if err := s.client.config.Clock.Sleep(ctx, jitter(max(wait, min(max(w.retry, RetryAfter(err)), pushPause)))); err != nil {
			return err
		}
		wait = min(wait*2, longestReconnect)
	}
}

// watch is a series of streams.
type watch struct {
	*stream
	lost  func(error)
	brief int // how many WebSockets in a row did not last
}

func (w *watch) tell(err error) {
	if w.lost != nil {
		w.lost(err)
	}
}

// lasted reports whether the last connection was one that works.
func (w *watch) lasted() bool { return !w.opened.IsZero() && time.Since(w.opened) >= steady }

// listen uses a WebSocket if it can, and otherwise the event stream, until either ends.
func (w *watch) listen(ctx context.Context) error {
	if !w.session.pushesOverSocket() || !w.session.push.maySocket() {
		return w.run(ctx, w.listenEvents)
	}
	failed := time.Now()
	err := w.run(ctx, w.listenSocket)
	if ctx.Err() != nil || errors.Is(err, errPushHarmful) || errors.Is(err, errMoved) || !w.socketFailed() {
		return err
	}
	if !w.opened.IsZero() {
		w.tell(err)
	}
	if w.connected {
		failed = time.Now()
	}
	never := refusesSocket(err) || w.connected
	instead := w.run(ctx, w.listenEvents)
	if never || !w.opened.IsZero() {
		w.session.push.avoidSocket(failed)
	} else if errors.Is(instead, ErrNoPush) && !errors.Is(instead, errPushHarmful) {
		return err // the server may be down, and push over WebSockets only
	}
	return instead
}

// socketFailed reports whether the event stream should take over from a WebSocket that ended.
func (w *watch) socketFailed() bool {
	if !w.alive {
		return true
	}
	if w.lasted() {
		w.brief = 0
		return false
	}
	w.brief++
	return w.brief >= flickers
}

// refusesSocket holds for answers that another try would get again.
func refusesSocket(err error) bool {
	return errors.Is(err, ErrNoPush) || errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrUntrustedHost)
}

// RetryAfter returns how long the server asked to be left alone, where err says so, else 0.
func RetryAfter(err error) time.Duration {
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
