package jmap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

// DefaultPing is the interval at which an event stream is asked to show that it lives.
const DefaultPing = 60 * time.Second

const longestPing = time.Hour

var errSilent = errors.New("the event stream fell silent")

// Event says that something changed. It is a hint: what changed is asked with the /changes methods.
type Event struct {
	ID      string                         // the id of the event, for EventOptions.LastEventID; may be empty
	Changed map[proto.ID]map[string]string // by account and type, the new state; empty when it could not be read
}

// EventOptions says what to listen for. The zero value listens for every type.
type EventOptions struct {
	Types       []string      // such as "Email", "Mailbox"; none means all
	Ping        time.Duration // ping interval, whole seconds; default DefaultPing
	LastEventID string        // continue after this event, where the server can
	Opened      func()        // called when the stream is up: changes before that are to be asked for
}

// Events opens the event stream of the session (RFC 8620 section 7.3) and calls handle for each state change, until the stream ends,
// falls silent for two and a half ping intervals, or ctx is canceled. It always returns an error: ErrNoPush when the server has
// no such stream or its stream gets in the way of API calls, ErrUnauthorized, or an *UnavailableError when it broke.
//
// The stream does not count against the concurrent requests.
func (s *Session) Events(ctx context.Context, options EventOptions, handle func(Event)) error {
	stream := eventStream{session: s, options: options, lastID: options.LastEventID, handle: handle}
	return stream.run(ctx)
}

// eventStream is one connection, or with Watch a series of them.
type eventStream struct {
	session *Session
	options EventOptions
	handle  func(Event)
	lastID  string
	retry   time.Duration // what the server asked for
	alive   bool          // something came on the last connection
}

const opListen = "listening for changes"

func (e *eventStream) run(ctx context.Context) error {
	e.alive = false
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	forget, err := e.session.push.open(cancel)
	if err != nil {
		return err
	}
	defer forget()
	ping := e.options.Ping.Truncate(time.Second)
	if ping <= 0 {
		ping = DefaultPing
	}
	silence := time.AfterFunc(patience(ping), func() { cancel(errSilent) })
	defer silence.Stop()
	response, err := e.connect(ctx, ping)
	if err != nil {
		return e.why(ctx, err)
	}
	defer response.Body.Close()
	if e.options.Opened != nil {
		e.options.Opened()
	}
	return e.why(ctx, e.read(&pulse{from: response.Body, timer: silence, after: patience(ping)}))
}

// patience is how long a stream may be silent: two and a half intervals.
func patience(ping time.Duration) time.Duration { return ping * 5 / 2 }

// why names the reason of the end of a stream.
func (e *eventStream) why(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), ErrNoPush) {
		return context.Cause(ctx)
	}
	var known *UnavailableError
	if ctx.Err() == nil && (errors.As(err, &known) || errors.Is(err, ErrNoPush) || errors.Is(err, ErrUnauthorized)) {
		return err
	}
	return transportError(ctx, opListen, err)
}

func (e *eventStream) connect(ctx context.Context, ping time.Duration) (*http.Response, error) {
	if e.session.Info().EventSourceURL == "" {
		return nil, fmt.Errorf("%s: %w: the session has no eventSourceUrl", opListen, ErrNoPush)
	}
	types := "*"
	if len(e.options.Types) > 0 {
		types = strings.Join(e.options.Types, ",")
	}
	from, err := e.session.eventSourceURL(types, ping)
	if err != nil {
		return nil, &UnavailableError{Op: opListen, Err: err}
	}
	header := map[string]string{"Cache-Control": "no-cache", "Accept-Encoding": "identity"}
	if e.lastID != "" {
		header["Last-Event-ID"] = e.lastID
	}
	response, _, err := e.session.client.send(ctx, e.session.credentials, outgoing{
		op: opListen, method: http.MethodGet, url: from, accept: "text/event-stream", header: header,
	})
	if err != nil {
		return nil, err
	}
	return checkStream(response)
}

// checkStream sorts the ways in which servers say that they have no event stream from failures.
func checkStream(response *http.Response) (*http.Response, error) {
	switch response.StatusCode {
	case http.StatusOK:
		kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
		if kind == "text/event-stream" {
			return response, nil
		}
		_ = response.Body.Close()
		return nil, &UnavailableError{Op: opListen, Status: response.StatusCode, Detail: "the answer is no event stream but " + kind}
	case http.StatusNoContent, http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		status := response.StatusCode
		discard(response)
		return nil, fmt.Errorf("%s: %w: HTTP %d", opListen, ErrNoPush, status)
	}
	return nil, statusError(opListen, response)
}

// read handles events until the stream ends, which it always reports as an error.
func (e *eventStream) read(body *pulse) error {
	events := newEventReader(body)
	events.id = e.lastID
	for {
		event, err := events.next()
		e.lastID, e.retry = events.id, events.retry
		if err != nil {
			return err
		}
		e.alive = true
		switch event.kind {
		case "ping":
			body.adapt(event.data)
		case "state":
			e.handle(stateEvent(event))
		}
	}
}

func stateEvent(raw rawEvent) Event {
	var change proto.StateChange
	if err := change.UnmarshalJSON(raw.data); err != nil {
		return Event{ID: raw.id}
	}
	return Event{ID: raw.id, Changed: change.Changed}
}

// pulse resets the timer of the watchdog whenever something comes.
type pulse struct {
	from  io.Reader
	timer *time.Timer
	after time.Duration
}

func (p *pulse) Read(b []byte) (int, error) {
	n, err := p.from.Read(b)
	if n > 0 {
		p.timer.Reset(p.after)
	}
	return n, err
}

// adapt takes over the interval that the server really uses: it may differ from what was asked for.
func (p *pulse) adapt(data []byte) {
	var ping proto.PushPing
	if ping.UnmarshalJSON(data) != nil || ping.Interval == 0 {
		return
	}
	p.after = patience(min(time.Duration(min(ping.Interval, 1<<20))*time.Second, longestPing))
	p.timer.Reset(p.after)
}
