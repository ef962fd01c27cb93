package probe

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap"
)

const noPush = "IDLE polls: changes that others make are seen some seconds later"

// push opens the event stream, makes a change, and waits for the event that tells of it.
func (p *prober) push(ctx context.Context) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	opened, events, ended := make(chan struct{}), make(chan jmap.Event), make(chan struct{})
	var failure error
	options := jmap.EventOptions{Types: []string{"Email", "Mailbox"}, Opened: sync.OnceFunc(func() { close(opened) })}
	go func() {
		defer close(ended)
		failure = p.session.Events(ctx, options, func(e jmap.Event) {
			select {
			case events <- e:
			case <-ctx.Done():
			}
		})
	}()
	defer func() { cancel(); <-ended }()
	for open := false; !open; {
		select {
		case <-opened:
			open = true
		case <-ended:
			return "", pushError(failure)
		}
	}
	changed := make(chan error, 1)
	begun := time.Now()
	go func() { changed <- p.update(ctx, nil, proto.NewEmailPatch().SetKeyword("dragoman-probe-push", true)) }()
	defer func() {
		if changed != nil {
			cancel()
			<-changed
		}
	}()
	var wait <-chan time.Time // once the change is made
	for {
		select {
		case event := <-events:
			if len(event.Changed[p.account]) > 0 {
				return fmt.Sprintf("an event %s after a change", time.Since(begun).Round(time.Millisecond)), nil
			}
		case err := <-changed:
			changed = nil
			if err != nil {
				return "", err
			}
			wait = time.After(p.options.PushWait)
		case <-wait:
			return "", fmt.Errorf("the stream is open, but no event came in %s after a change", p.options.PushWait)
		case <-ended:
			return "", pushError(failure)
		}
	}
}

// pushError tells a server that has no push from one whose push breaks. Without it the gateway polls, so it may be missing.
func pushError(err error) error {
	if errors.Is(err, jmap.ErrNoPush) {
		return missing(Optional, err.Error(), noPush)
	}
	return broken(Degraded, err.Error(), noPush)
}
