package mailbox

import (
	"context"
	"errors"
	"sync"
	"time"
)

// flightTime bounds a sync, however many requests it takes.
const flightTime = 10 * time.Minute

// flights makes sure that one sync runs at a time, and that whoever asks gets one that began after he asked.
type flights struct {
	mu      sync.Mutex
	flying  *flight
	waiting *flight // begins when flying ends
}

type flight struct {
	account  *Account
	scope    scope
	context  context.Context
	cancel   context.CancelFunc
	waiters  int
	progress progress
	done     chan struct{}
	err      error
}

// join waits for a sync that begins now or later. It gives up with ctx; the sync itself stops when nobody waits for it.
func (f *flights) join(ctx context.Context, a *Account, s scope) error {
	for {
		own := f.board(ctx, a, s)
		own.progress.follow(ctx)
		err := own.wait(ctx, f)
		if errors.Is(err, ErrUnauthorized) && own.account != a && ctx.Err() == nil {
			continue // somebody else's credentials
		}
		return err
	}
}

// board returns the flight to wait for, and sees to it that it starts.
func (f *flights) board(ctx context.Context, a *Account, s scope) *flight {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.waiting == nil || f.waiting.waiters == 0 { // everybody left: it is canceled
		f.waiting = newFlight(ctx, a)
	}
	own := f.waiting
	own.waiters++
	own.scope.allBoxes = own.scope.allBoxes || s.allBoxes
	if f.flying == nil {
		f.launch()
	}
	return own
}

// newFlight keeps the values of ctx, such as a recorder of requests, but not its end.
func newFlight(ctx context.Context, a *Account) *flight {
	own := &flight{account: a, done: make(chan struct{})}
	own.context, own.cancel = context.WithTimeout(withWork(context.WithoutCancel(ctx), &own.progress), flightTime)
	return own
}

// launch starts the waiting flight; f.mu must be held.
func (f *flights) launch() {
	own := f.waiting
	f.flying, f.waiting = own, nil
	go func() {
		own.err = own.account.replica.sync(own.context, own.account.link(), own.scope)
		own.cancel()
		f.mu.Lock()
		f.flying = nil
		if f.waiting != nil {
			f.launch()
		}
		f.mu.Unlock()
		close(own.done)
	}()
}

func (own *flight) wait(ctx context.Context, f *flights) error {
	select {
	case <-own.done:
		return own.err
	case <-ctx.Done():
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if own.waiters--; own.waiters == 0 {
		own.cancel()
	}
	return ctx.Err()
}
