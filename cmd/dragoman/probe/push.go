package probe

import (
	"context"
	"errors"
	"fmt"
	"time"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap"
)

const (
	noPush   = "IDLE polls: changes that others make are seen some seconds later"
	noSocket = "the event stream takes its place, or IDLE polls"
	latePush = "changes are seen up to a minute late: the gateway trusts the stream while it is open"
)

// way is one of the ways in which a session is told of changes.
type way func(context.Context, jmap.EventOptions, func(jmap.Event)) error

// eventStream checks push over the event stream (RFC 8620 section 7.3).
func (p *prober) eventStream(ctx context.Context) (string, error) {
	text, err := p.pushed(ctx, p.session.Events)
	var ended endedError
	switch {
	case !errors.As(err, &ended):
		return text, err
	case errors.Is(ended.why, jmap.ErrNoPush):
		return "", missing(Optional, ended.Error(), noPush)
	}
	return "", broken(Degraded, ended.Error(), noPush)
}

// socket checks push over a WebSocket (RFC 8887). Without it the gateway does as well, so it may be missing.
func (p *prober) socket(ctx context.Context) (string, error) {
	var capability proto.WebSocketCapability
	raw, announced := p.session.Info().Capabilities[proto.CapabilityWebSocket]
	if !announced {
		return "", missing(Optional, "not announced", noSocket)
	}
	if err := capability.UnmarshalJSON(raw); err != nil {
		return "", broken(Optional, fmt.Sprintf("the capability cannot be read: %v", err), noSocket)
	}
	if !capability.SupportsPush {
		return "", missing(Optional, "announced for requests only", noSocket)
	}
	text, err := p.pushed(ctx, p.session.SocketEvents)
	var ended endedError
	if errors.As(err, &ended) {
		return "", broken(Optional, ended.Error(), noSocket)
	}
	return text, err
}

// listener is a stream that is open.
type listener struct {
	events chan jmap.Event
	ended  chan struct{}
	why    error // once ended
	stop   func()
}

// endedError says that a stream ended, or did not open.
type endedError struct{ why error }

func (e endedError) Error() string { return e.why.Error() }

// listen opens a stream.
func listen(ctx context.Context, open way) (*listener, error) {
	ctx, cancel := context.WithCancel(ctx)
	l := &listener{events: make(chan jmap.Event), ended: make(chan struct{})}
	l.stop = func() { cancel(); <-l.ended }
	opened := make(chan struct{}, 1)
	options := jmap.EventOptions{Types: []string{"Email", "Mailbox"}, Opened: func() { opened <- struct{}{} }}
	go func() {
		defer close(l.ended)
		l.why = open(ctx, options, func(e jmap.Event) {
			select {
			case l.events <- e:
			case <-ctx.Done():
			}
		})
	}()
	select {
	case <-opened:
		return l, nil
	case <-l.ended:
		cancel()
		return nil, endedError{l.why}
	}
}

// pushed opens a stream, makes a change, and waits for the event that tells of it.
//
// Some servers send an event at once that tells of no change, and some name other states in events than in answers. So an event counts when it
// names the state that the change led to, or the second time that it names one that was not there before.
func (p *prober) pushed(ctx context.Context, open way) (string, error) {
	state, err := p.emailsState(ctx)
	if err != nil {
		return "", err
	}
	l, err := listen(ctx, open)
	if err != nil {
		return "", err
	}
	defer l.stop()
	t := &tidings{account: p.account, old: map[string]bool{state: true}, current: map[string]bool{}}
	took, err := p.round(ctx, l, t)
	if err == nil && !t.sure {
		t.again = true
		took, err = p.round(ctx, l, t)
	}
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("an event %s after a change", took.Round(time.Millisecond))
	if !t.sure {
		text += ", of another state than Email/get gives"
	}
	return text, nil
}

// tidings judges what the events of a stream tell.
type tidings struct {
	account proto.ID
	old     map[string]bool // states that are no news
	current map[string]bool // states that our changes led to
	again   bool            // what is new now counts
	sure    bool            // an event named one of current
}

// news reports whether an event is about the account and names a state that was not there before.
func (t *tidings) news(e jmap.Event) bool {
	found := false
	for kind, state := range e.Changed[t.account] {
		if kind != "Email" && kind != "Mailbox" || t.old[state] {
			continue
		}
		found = true
		t.old[state] = true
		t.sure = t.sure || kind == "Email" && t.current[state]
	}
	return found
}

// change is what came of a change.
type change struct {
	state string
	err   error
}

// round makes a change and waits for an event that brings news. It returns the time from the one to the other.
func (p *prober) round(ctx context.Context, l *listener, t *tidings) (time.Duration, error) {
	ctx, cancel := context.WithCancel(ctx)
	begun, changed := time.Now(), make(chan change, 1)
	go func() { changed <- p.change(ctx) }()
	pending := true
	defer func() {
		cancel()
		if pending {
			<-changed
		}
	}()
	var early []jmap.Event // before the change was answered, when it is not known yet what they have to name
	var came time.Duration
	var wait <-chan time.Time
	for {
		select {
		case event := <-l.events:
			if came = time.Since(begun); pending {
				early = append(early, event)
			} else if t.news(event) {
				return came, nil
			}
		case c := <-changed:
			pending = false
			if c.err != nil {
				return 0, c.err
			}
			t.current[c.state] = true
			brought := false
			for _, event := range early {
				brought = t.news(event) || brought
			}
			if brought {
				return came, nil
			}
			wait = time.After(p.options.PushWait)
		case <-wait:
			return 0, fmt.Errorf("the stream is open, but no event came in %s after a change", p.options.PushWait)
		case <-l.ended:
			return 0, endedError{l.why}
		}
	}
}

// change adds a keyword that is not there yet, and asks for the state after that.
func (p *prober) change(ctx context.Context) (c change) {
	p.marks++
	keyword := fmt.Sprint("dragoman-probe-push", p.marks)
	if c.err = p.update(ctx, nil, proto.NewEmailPatch().SetKeyword(keyword, true)); c.err == nil {
		c.state, c.err = p.emailsState(ctx)
	}
	return c
}
