package embedded

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
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
	w     http.ResponseWriter
	http  *http.ResponseController
	types []string // nil is all
	once  bool     // closeafter=state
	ping  time.Duration
	known map[string]states // what the client knows, by account
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
	sub := newSubscription()
	for _, a := range s.accountsOf(u) {
		a.push.add(sub)
		defer a.push.remove(sub)
		now, err := a.states()
		if err != nil && s.isClosing() {
			writeProblem(w, problem(http.StatusServiceUnavailable, "the store is closing"))
			return
		}
		if err != nil {
			s.log.Error("opening an event stream", "account", a.id, "err", err)
			writeProblem(w, problem(http.StatusInternalServerError, "the state could not be read"))
			return
		}
		stream.known[a.id] = now
	}
	stream.catchUp(sub, r.Header.Get("Last-Event-ID"))
	stream.begin()
	stream.run(sub, r.Context().Done(), s.closing)
}

func (s *Store) isClosing() bool {
	select {
	case <-s.closing:
		return true
	default:
		return false
	}
}

func newEventStream(w http.ResponseWriter, r *http.Request) (*eventStream, error) {
	q := r.URL.Query()
	e := &eventStream{w: w, http: http.NewResponseController(w), known: map[string]states{}}
	if types := q.Get("types"); types != "*" && types != "" {
		e.types = strings.Split(types, ",")
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

// states are the current states of all types.
func (a *account) states() (states, error) {
	now := states{}
	err := a.view(func(s *snapshot) error {
		for name, bucket := range loggedTypes {
			now[name] = s.state(bucket)
		}
		return nil
	})
	return now, err
}

// eventID writes down what the client knows, for Last-Event-ID.
func (e *eventStream) eventID() string {
	var b strings.Builder
	for _, account := range slices.Sorted(maps.Keys(e.known)) {
		fmt.Fprintf(&b, "%s", account)
		for _, name := range slices.Sorted(maps.Keys(e.known[account])) {
			if _, logged := loggedTypes[name]; logged {
				fmt.Fprintf(&b, ":%s=%s", name, e.known[account][name])
			}
		}
		b.WriteByte(';')
	}
	return b.String()
}

// catchUp finds what changed since the client's last event.
func (e *eventStream) catchUp(sub *subscription, last string) {
	for _, part := range strings.Split(last, ";") {
		account, rest, ok := strings.Cut(part, ":")
		now := e.known[account]
		if !ok || now == nil {
			continue
		}
		missed := states{}
		for _, item := range strings.Split(rest, ":") {
			if name, state, ok := strings.Cut(item, "="); ok && now[name] != "" && now[name] != state {
				missed[name] = now[name]
			}
		}
		if len(missed) > 0 {
			sub.add(account, missed)
		}
	}
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

// run sends events until the client goes, the store closes, or one was enough.
func (e *eventStream) run(sub *subscription, gone, closing <-chan struct{}) {
	var pings <-chan time.Time
	if e.ping > 0 {
		ticker := time.NewTicker(e.ping)
		defer ticker.Stop()
		pings = ticker.C
	}
	for {
		select {
		case <-gone:
			return
		case <-closing:
			return
		case <-pings:
			data := jmap.PushPing{Interval: uint64(e.ping / time.Second)}.AppendJSON(nil)
			if e.send("ping", "", data) != nil {
				return
			}
		case <-sub.ready:
			sent, err := e.state(sub.take())
			if err != nil || sent && e.once {
				return
			}
		}
	}
}

// state sends a StateChange with the types that the client wants, if any.
func (e *eventStream) state(changes map[string]states) (sent bool, err error) {
	change := jmap.StateChange{Type: "StateChange", Changed: map[jmap.ID]map[string]string{}}
	for account, changed := range changes {
		maps.Copy(e.known[account], changed)
		wanted := maps.Clone(map[string]string(changed))
		maps.DeleteFunc(wanted, func(name, _ string) bool { return e.types != nil && !slices.Contains(e.types, name) })
		if len(wanted) > 0 {
			change.Changed[jmap.ID(account)] = wanted
		}
	}
	if len(change.Changed) == 0 {
		return false, nil
	}
	return true, e.send("state", e.eventID(), change.AppendJSON(nil))
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
