package mailbox

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	jmapclient "github.com/dragoman-mail/dragoman/jmap"
)

// pushRetry is how long to leave a server alone that offered no push.
const pushRetry = time.Hour

// follower keeps a push stream open while sessions hold the account, and asks for changes by itself while any of them listens.
type follower struct {
	r        *replica
	poll     time.Duration
	safePoll time.Duration
	patience time.Duration
	wake     chan struct{} // something may be due; holds one
	owed     atomic.Bool   // a write kept the listener from looking

	mu        sync.Mutex
	accounts  []*Account // who holds the account; requests are made with the session of the last
	listeners int
	quiet     context.CancelFunc // ends what listens
	streaming *Account           // whose stream it is
	opening   <-chan struct{}    // closed when the stream shows life, when it was found not to come up now, or after some patience
	stop      context.CancelFunc
	notBefore time.Time // when push may be tried again
}

func (f *follower) init(r *replica, o Options) {
	f.r, f.poll, f.safePoll, f.patience = r, o.Poll, o.SafePoll, o.PushPatience
	f.wake = make(chan struct{}, 1)
}

// attach adds a session that holds the account.
func (r *replica) attach(a *Account) {
	f := &r.follow
	f.mu.Lock()
	defer f.mu.Unlock()
	f.accounts = append(f.accounts, a)
	f.stream()
}

// detach removes it, with its stream: from now on that vouches for nothing.
func (r *replica) detach(a *Account) {
	f := &r.follow
	f.mu.Lock()
	defer f.mu.Unlock()
	f.accounts = slices.DeleteFunc(f.accounts, func(b *Account) bool { return a == b })
	if f.streaming == a {
		f.stop()
		f.streaming = nil
		r.streamLost(a)
		f.stream()
	}
}

// stream opens the push stream when there is none; f.mu must be held. Servers push what happens in a user's own account only.
func (f *follower) stream() {
	if f.streaming != nil || !f.r.own || time.Now().Before(f.notBefore) {
		return
	}
	a, watcher := f.watcher()
	if a == nil {
		return
	}
	var ctx context.Context
	ctx, f.stop = context.WithCancel(f.r.life)
	f.streaming = a
	opening, settled := context.WithTimeout(f.r.life, f.patience)
	f.opening = opening.Done()
	go f.watch(ctx, a, watcher, settled)
}

// watcher returns the session that came last, of those that can watch.
func (f *follower) watcher() (*Account, Watcher) {
	now := time.Now()
	for _, a := range slices.Backward(f.accounts) {
		if w, ok := a.session.(Watcher); ok && !now.Before(a.mute) {
			return a, w
		}
	}
	return nil, nil
}

// watch holds the stream of a session. It calls settled as soon as the stream shows life, or is found not to come up now.
func (f *follower) watch(ctx context.Context, a *Account, watcher Watcher, settled func()) {
	defer settled()
	options := jmapclient.WatchOptions{Lost: func(error) {
		f.r.streamLost(a)
		settled()
		f.nudge()
	}}
	options.Types = []string{"Email", "Mailbox"}
	options.Alive = func() {
		f.alive(a)
		settled()
		f.nudge()
	}
	err := watcher.Watch(ctx, options, func(e jmapclient.Event) {
		if f.r.hint(e) {
			f.nudge()
		}
	})
	f.r.streamLost(a)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.streaming != a || ctx.Err() != nil {
		return
	}
	f.streaming = nil
	f.stop()
	if errors.Is(err, jmapclient.ErrUnauthorized) { // which says nothing about the API: it may be a proxy that does not let streams through
		a.mute = time.Now().Add(pushRetry)
		f.stream()
		return
	}
	f.notBefore = time.Now().Add(pushRetry)
}

// alive notes that a stream is up and shows life, unless its session has left meanwhile.
func (f *follower) alive(a *Account) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.streaming == a {
		f.r.streamOpened(a)
	}
}

// await waits for a stream that has just begun to be opened: it vouches for what is asked for after that only, so that a sync before
// it would soon be followed by another one. It also is where push that was given up for some time is tried again.
func (f *follower) await(ctx context.Context) {
	f.mu.Lock()
	f.stream()
	opening := f.opening
	f.mu.Unlock()
	if opening == nil {
		return
	}
	select {
	case <-opening:
	case <-ctx.Done():
	}
}

// nudge makes the listener look.
func (f *follower) nudge() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// wrote makes the listener look when it could not during a write. What was written needs no look: the write has read it back.
func (f *follower) wrote() {
	if f.owed.Swap(false) {
		f.nudge()
	}
}

// Listen makes the replica follow the server by itself, by push or by polling, until stop is called: for IDLE.
func (v *View) Listen() (stop func()) {
	f := &v.account.replica.follow
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.listeners++; f.listeners == 1 {
		var ctx context.Context
		ctx, f.quiet = context.WithCancel(f.r.life)
		go f.listen(ctx)
	}
	f.nudge()
	return sync.OnceFunc(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.listeners--; f.listeners == 0 {
			f.quiet()
		}
	})
}

const (
	// longestWait is how long to wait at most between two tries while the server is away.
	longestWait = time.Minute
	// longestAsked is how long to wait at most when the server asks for it.
	longestAsked = 10 * time.Minute
)

// listen asks for changes when a hint came, and otherwise as often as the stream's state calls for. Views are told by the commits that
// this leads to.
func (f *follower) listen(ctx context.Context) {
	timer := time.NewTimer(f.poll)
	defer timer.Stop()
	failures := 0
	for {
		due := false
		var err error
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			due = true
		case <-f.wake:
			f.owed.Store(true)
			if f.r.writing.Load() > 0 {
				continue // the write wakes us when it ends
			}
			f.owed.Store(false)
		}
		if a := f.holder(); a != nil && (due || !f.r.inStep()) {
			err = f.r.flights.join(ctx, a, scope{})
			if err != nil {
				failures++
				f.r.log.Debug("asking for changes", "account", f.r.id, "error", err)
				f.refused(a, err)
			} else {
				failures = 0
			}
		}
		timer.Reset(max(f.wait(failures), min(jmapclient.RetryAfter(err), longestAsked)))
	}
}

// refused makes other sessions ask first, when the server no longer takes the credentials of one, and tells that one.
func (f *follower) refused(a *Account, err error) {
	if !errors.Is(err, ErrUnauthorized) {
		return
	}
	a.expire()
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := slices.Index(f.accounts, a); i > 0 {
		f.accounts = slices.Insert(slices.Delete(f.accounts, i, i+1), 0, a)
	}
}

// wait returns how long to wait for the next look: longer each time that one failed.
func (f *follower) wait(failures int) time.Duration {
	if failures > 0 {
		return min(f.poll<<min(failures, 10), max(longestWait, f.poll))
	}
	if f.r.isLive() {
		return f.safePoll
	}
	return f.poll
}

// holder returns the session to ask with, and sees to it that there is a stream where there can be one.
func (f *follower) holder() *Account {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stream()
	if len(f.accounts) == 0 {
		return nil
	}
	return f.accounts[len(f.accounts)-1]
}
