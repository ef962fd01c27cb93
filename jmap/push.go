package jmap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

// DefaultPing is the interval at which a stream is asked to show that it lives.
const DefaultPing = 60 * time.Second

var errSilent = errors.New("the event stream fell silent")

// Event says that something changed. It is a hint: what changed is asked with the /changes methods.
type Event struct {
	ID        string                         // of an event stream: for EventOptions.LastEventID; may be empty
	PushState string                         // of a WebSocket: for EventOptions.PushState; may be empty
	Changed   map[proto.ID]map[string]string // by account and type, the new state; empty when it could not be read
}

// EventOptions says what to listen for. The zero value listens for every type.
type EventOptions struct {
	Types       []string      // such as "Email", "Mailbox"; none means all
	Ping        time.Duration // ping interval, whole seconds; default DefaultPing
	LastEventID string        // continue after this event of an event stream, where the server can
	PushState   string        // continue after this event of a WebSocket, where the server can
	Opened      func()        // called when the stream is up: changes before that are to be asked for
	// Alive is called after Opened: at the first octet of an event stream, and at once for a WebSocket, which is up when it has answered. Before
	// that, the stream may well be one whose events never come through, as with a proxy that holds them back, so its silence means nothing.
	Alive func()
}

// stream is one connection over which the server pushes, or with Watch a series of them.
type stream struct {
	session   *Session
	options   EventOptions
	handle    func(Event)
	lastID    string        // to continue an event stream
	pushState string        // to continue on a WebSocket
	retry     time.Duration // what the server asked for
	connected bool          // the last connection was made, which does not mean that the server pushes over it
	opened    time.Time     // when the last connection came up; zero: it did not
	alive     bool          // something came over the last connection
}

const opListen = "listening for changes"

func newStream(s *Session, options EventOptions, handle func(Event)) *stream {
	return &stream{session: s, options: options, handle: handle, lastID: options.LastEventID, pushState: options.PushState}
}

// run listens until the connection ends, falls silent, or push is given up. listen connects and reads.
func (s *stream) run(ctx context.Context, listen func(context.Context, *watchdog) error) error {
	s.connected, s.opened, s.alive = false, time.Time{}, false
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	forget, err := s.session.push.open(cancel)
	if err != nil {
		return err
	}
	defer forget()
	dog := newWatchdog(s.ping(), func() { cancel(errSilent) })
	defer dog.timer.Stop()
	return s.why(ctx, listen(ctx, dog))
}

func (s *stream) ping() time.Duration {
	if ping := s.options.Ping.Truncate(time.Second); ping > 0 {
		return ping
	}
	return DefaultPing
}

// up notes that the connection is up.
func (s *stream) up() {
	s.opened = time.Now()
	if s.options.Opened != nil {
		s.options.Opened()
	}
}

// living notes that something came.
func (s *stream) living() {
	if !s.alive && s.options.Alive != nil {
		s.options.Alive()
	}
	s.alive = true
}

// why names the reason of the end of a stream.
func (s *stream) why(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), ErrNoPush) {
		return context.Cause(ctx)
	}
	var known *UnavailableError
	var limit *LimitError
	var problem *proto.RequestError
	if ctx.Err() == nil && (errors.Is(err, ErrNoPush) || errors.Is(err, ErrUnauthorized) ||
		errors.As(err, &known) || errors.As(err, &limit) || errors.As(err, &problem)) {
		return err
	}
	return transportError(ctx, opListen, err)
}

// watchdog ends a stream that is silent for two and a half of its ping intervals.
type watchdog struct {
	timer *time.Timer
	after time.Duration
}

func newWatchdog(ping time.Duration, bite func()) *watchdog {
	return &watchdog{timer: time.AfterFunc(patience(ping), bite), after: patience(ping)}
}

// patience is how long a stream may be silent.
func patience(ping time.Duration) time.Duration { return ping * 5 / 2 }

// pat is called whenever something comes.
func (w *watchdog) pat() { w.timer.Reset(w.after) }

// pulse pats the watchdog whenever something can be read.
type pulse struct {
	from   io.Reader
	dog    *watchdog
	living func()
}

func (p pulse) Read(b []byte) (int, error) {
	n, err := p.from.Read(b)
	if n > 0 {
		p.dog.pat()
		p.living()
	}
	return n, err
}

func noPush(reason string) error { return fmt.Errorf("%s: %w: %s", opListen, ErrNoPush, reason) }
