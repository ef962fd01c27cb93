package jmap

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

const longestPing = time.Hour

// Events opens the event stream of the session (RFC 8620 section 7.3) and calls handle for each state change, until the stream ends,
// falls silent for two and a half ping intervals, or ctx is canceled. It always returns an error: ErrNoPush when the server has
// no such stream or its stream gets in the way of API calls, ErrUnauthorized, or an *UnavailableError when it broke.
//
// The stream does not count against the concurrent requests.
func (s *Session) Events(ctx context.Context, options EventOptions, handle func(Event)) error {
	stream := newStream(s, options, handle)
	return stream.run(ctx, stream.listenEvents)
}

// listenEvents opens the event stream and handles its events until it ends, which it always reports as an error.
func (s *stream) listenEvents(ctx context.Context, dog *watchdog) error {
	response, err := s.openEvents(ctx)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	s.up()
	return s.readEvents(pulse{response.Body, dog, s.living})
}

func (s *stream) openEvents(ctx context.Context) (*http.Response, error) {
	if s.session.Info().EventSourceURL == "" {
		return nil, noPush("the session has no eventSourceUrl")
	}
	types := "*"
	if len(s.options.Types) > 0 {
		types = strings.Join(s.options.Types, ",")
	}
	from, err := s.session.eventSourceURL(types, s.ping())
	if err != nil {
		return nil, &UnavailableError{Op: opListen, Err: err}
	}
	header := map[string]string{"Cache-Control": "no-cache", "Accept-Encoding": "identity"}
	if s.lastID != "" {
		header["Last-Event-ID"] = s.lastID
	}
	response, _, err := s.session.client.send(ctx, s.session.credentials, outgoing{
		op: opListen, method: http.MethodGet, url: from, accept: "text/event-stream", header: header,
	})
	if err != nil {
		return nil, err
	}
	return checkStream(response)
}

// checkStream sorts the ways in which servers say that they have no event stream from failures.
func checkStream(response *http.Response) (*http.Response, error) {
	switch status := response.StatusCode; {
	case status == http.StatusOK:
		kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
		if kind == "text/event-stream" {
			return response, nil
		}
		_ = response.Body.Close()
		return nil, &UnavailableError{Op: opListen, Status: response.StatusCode, Detail: "the answer is no event stream but " + kind}
	case saysNever(status):
		discard(response)
		return nil, noPush(fmt.Sprint("HTTP ", status))
	}
	return nil, statusError(opListen, response)
}

// saysNever holds for the statuses of servers that have no such stream, Cyrus's 204 among them.
func saysNever(status int) bool {
	switch status {
	case http.StatusNoContent, http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	}
	return false
}

func (s *stream) readEvents(body pulse) error {
	events := newEventReader(body)
	events.id = s.lastID
	for {
		event, err := events.next()
		s.lastID, s.retry = events.id, events.retry
		if err != nil {
			return err
		}
		switch event.kind {
		case "ping":
			body.dog.adapt(event.data)
		case "state":
			s.handle(stateEvent(event))
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

// adapt takes over the interval that the server really uses: it may differ from what was asked for.
func (w *watchdog) adapt(data []byte) {
	var ping proto.PushPing
	if ping.UnmarshalJSON(data) != nil || ping.Interval == 0 {
		return
	}
	w.after = patience(min(time.Duration(min(ping.Interval, 1<<20))*time.Second, longestPing))
	w.pat()
}
