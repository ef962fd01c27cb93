package jmap

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// pushHealth gives push up for an hour when its stream gets in the way of API calls: some servers lock the account
// for as long as a stream is open. It also remembers that WebSockets do not work.
type pushHealth struct {
	mu       sync.Mutex
	cancels  map[int]context.CancelCauseFunc
	next     int
	until    time.Time // no streams before that
	noSocket time.Time // no WebSocket before that
	harmless bool      // a call was quick while a stream was open
	server   *serverHealth
}

// serverHealth is what the sessions of a server share: once one of them has proof, the others need not find out by themselves.
type serverHealth struct {
	mu    sync.Mutex
	until time.Time // no streams before that
}

const (
	// pushPause is how long push, or a way of it, stays given up.
	pushPause = time.Hour
	// proofTime is how soon after the end of a stream a call that hung must come back to prove that the stream held it up.
	proofTime = 500 * time.Millisecond
)

var errPushHarmful = fmt.Errorf("%w: API calls are slow while the event stream is open", ErrNoPush)

// open notes a stream, unless push was given up; forget is to be called at its end.
func (p *pushHealth) open(cancel context.CancelCauseFunc) (forget func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Now().Before(p.until) || p.server.bad() {
		return nil, errPushHarmful
	}
	if p.cancels == nil {
		p.cancels = map[int]context.CancelCauseFunc{}
	}
	p.next++
	id := p.next
	p.cancels[id] = cancel
	return func() { p.forget(id) }, nil
}

func (p *pushHealth) forget(id int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.cancels, id)
}

// watchCall has an eye on an API call, until done is called: when it takes longer than slow while a stream is open, the stream is ended.
// If that lets the call through at once, and no call was quick under a stream before, which happens on a server that is busy, the stream was to
// blame, and no session of the server opens another for some time.
func (p *pushHealth) watchCall(slow time.Duration) (done func()) {
	streaming := p.streaming()
	var suspected time.Time
	checked := make(chan struct{})
	timer := time.AfterFunc(slow, func() {
		defer close(checked)
		if p.suspect() {
			suspected = time.Now()
		}
	})
	return func() {
		if timer.Stop() {
			p.wasQuick(streaming)
			return
		}
		<-checked
		if !suspected.IsZero() && time.Since(suspected) < proofTime && !p.isHarmless() {
			p.server.blame()
		}
	}
}

// streaming tells which stream is open, 0 for none.
func (p *pushHealth) streaming() (latest int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id := range p.cancels {
		latest = max(latest, id)
	}
	return latest
}

// wasQuick notes that a call was quick that began under a stream, if that is still open.
func (p *pushHealth) wasQuick(stream int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, open := p.cancels[stream]; open {
		p.harmless = true
	}
}

func (p *pushHealth) isHarmless() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.harmless
}

// suspect ends the open streams; it reports false when there was none.
func (p *pushHealth) suspect() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, cancel := range p.cancels {
		p.until = time.Now().Add(pushPause)
		cancel(errPushHarmful)
	}
	return len(p.cancels) > 0
}

// maySocket reports whether a WebSocket is worth a try.
func (p *pushHealth) maySocket() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !time.Now().Before(p.noSocket)
}

// avoidSocket notes that WebSockets failed at that time.
func (p *pushHealth) avoidSocket(failed time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.noSocket = failed.Add(pushPause)
}

func (h *serverHealth) bad() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Now().Before(h.until)
}

func (h *serverHealth) blame() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.until = time.Now().Add(pushPause)
}

// interrupt ends the streams that are open, without giving push up.
func (p *pushHealth) interrupt(cause error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, cancel := range p.cancels {
		cancel(cause)
	}
}
