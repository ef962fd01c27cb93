package embedded

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

const (
	// minPing and maxPing are the seconds between pings that a client may ask for.
	minPing = 1
	maxPing = 3600
	// sendWait is how long a client may take to receive an event.
	sendWait = 30 * time.Second
)

// eventStream is one connection to the event source (RFC 8620 section 7.3).
type eventStream struct {
	*pushed
	w     http.ResponseWriter
	http  *http.ResponseController
	asked []string // types; nil is all
	once  bool     // closeafter=state
	ping  time.Duration
}

func (s *Store) serveEventSource(w http.ResponseWriter, r *http.Request, u *user) {
	stream, err := newEventStream(w, r)
	if err != nil {
		writeProblem(w, problem(http.StatusBadRequest, err.Error()))
		return
	}
	if !s.gates.enter(u, "events", s.limits.MaxEventSources) {
		writeProblem(w, problem(http.StatusTooManyRequests, "there are too many event streams"))
		return
	}
	defer s.gates.leave(u, "events")
	stream.pushed, err = s.push(u, stream.asked)
	if err != nil && s.isClosed() {
		writeProblem(w, problem(http.StatusServiceUnavailable, "the store is closing"))
		return
	}
	if err != nil {
		s.log.Error("opening an event stream", "err", err)
		writeProblem(w, problem(http.StatusInternalServerError, "the state could not be read"))
		return
	}
	defer stream.end()
	stream.catchUp(r.Header.Get("Last-Event-ID"))
	stream.begin()
	stream.run(r.Context().Done(), s.closing)
}

func newEventStream(w http.ResponseWriter, r *http.Request) (*eventStream, error) {
	q := r.URL.Query()
	e := &eventStream{w: w, http: http.NewResponseController(w)}
	if types := q.Get("types"); types != "*" && types != "" {
		e.asked = strings.Split(types, ",")
	}
	switch q.Get("closeafter") {
	case "state":
		e.once = true
	case "no", "":
	default:
		return nil, fmt.Errorf("closeafter is state or no")
	}
	if ping := q.Get("ping"); ping != "" {
		n, err := strconv.ParseUint(ping, 10, 31)
		if err != nil {
			return nil, fmt.Errorf("ping is a number of seconds")
		}
		if n > 0 {
			e.ping = time.Duration(min(max(n, minPing), maxPing)) * time.Second
		}
	}
	return e, nil
}

// begin sends the header at once, so that the client knows that it is connected.
func (e *eventStream) begin() {
	h := e.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-cache, no-store, must-revalidate")
	h.Set("X-Accel-Buffering", "no")
	e.w.WriteHeader(http.StatusOK)
	e.http.Flush()
}

// run sends events until the client goes, the store closes, or one was enough. A first ping at once shows that events come through.
func (e *eventStream) run(gone, closing <-chan struct{}) {
	var pings <-chan time.Time
	if e.ping > 0 {
		ticker := time.NewTicker(e.ping)
		defer ticker.Stop()
		pings = ticker.C
		if e.sendPing() != nil {
			return
		}
	}
	for {
		select {
		case <-gone:
			return
		case <-closing:
			return
		case <-pings:
			if e.sendPing() != nil {
				return
			}
		case <-e.sub.ready:
			sent, err := e.sendState()
			if err != nil || sent && e.once {
				return
			}
		}
	}
}

func (e *eventStream) sendPing() error {
	return e.send("ping", "", jmap.PushPing{Interval: uint64(e.ping / time.Second)}.AppendJSON(nil))
}

// sendState sends a StateChange with the types that the client wants, if any.
func (e *eventStream) sendState() (sent bool, err error) {
	change := jmap.StateChange{Changed: e.take()}
	if len(change.Changed) == 0 {
		return false, nil
	}
	return true, e.send("state", e.position(), change.AppendJSON(nil))
}

func (e *eventStream) send(event, id string, data []byte) error {
	text := "event: " + event + "\n"
	if id != "" {
		text += "id: " + id + "\n"
	}
	e.http.SetWriteDeadline(time.Now().Add(sendWait)) // where there are deadlines
	if _, err := e.w.Write([]byte(text + "data: " + string(data) + "\n\n")); err != nil {
		return err
	}
	return e.http.Flush()
}
