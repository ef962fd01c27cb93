package jmap

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// pushHealth gives push up for an hour when its event stream gets in the way of API calls: some servers lock the account
// for as long as a stream is open.
type pushHealth struct {
	mu      sync.Mutex
	cancels map[int]context.CancelCauseFunc
	next    int
	until   time.Time // no streams before that
}

// pushPause is how long push stays given up.
const pushPause = time.Hour

var errPushHarmful = fmt.Errorf("%w: API calls are slow while the event stream is open", ErrNoPush)

// open notes an event stream, unless push was given up; forget is to be called at its end.
func (p *pushHealth) open(cancel context.CancelCauseFunc) (forget func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Now().Before(p.until) {
		return nil, errPushHarmful
	}
	if p.cancels == nil {
		p.cancels = map[int]context.CancelCauseFunc{}
	}
	id := p.next
	p.next++
	p.cancels[id] = cancel
	return func() { p.forget(id) }, nil
}

func (p *pushHealth) forget(id int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.cancels, id)
}

// suspect is called when an API call is slow. It does nothing when no stream is open.
func (p *pushHealth) suspect() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, cancel := range p.cancels {
		p.until = time.Now().Add(pushPause)
		cancel(errPushHarmful)
	}
}
