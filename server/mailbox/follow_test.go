package mailbox

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/server/store/memstore"
)

// pushed opens an account whose server pushes, and waits for the stream.
func pushed(t *testing.T, o Options) (*fakeServer, *Account, *Registry) {
	server := newFake()
	o.Server, o.Linger = "fake", -1
	registry := NewRegistry(memstore.New(), o)
	t.Cleanup(func() { registry.Close() })
	a, err := registry.Open(ctx, &pushSession{&fakeSession{server}}, fakeAccount)
	require.NoError(t, err)
	t.Cleanup(a.Close)
	require.Eventually(t, a.replica.isLive, 5*time.Second, time.Millisecond)
	return server, a, registry
}

func TestNoRequestWhilePushVouches(t *testing.T) {
	server, a, _ := pushed(t, Options{})
	id := server.add(1, "inbox")
	require.NoError(t, a.Sync(ctx))
	box, _ := a.ByPath("INBOX")
	v, err := a.Select(ctx, box, false)
	require.NoError(t, err)
	server.taken()
	for range 3 {
		require.NoError(t, a.Sync(ctx))
		_, err = a.Status(ctx, box)
		require.NoError(t, err)
	}
	require.Empty(t, server.taken())

	_, err = a.StoreFlags(ctx, v, StoreRequest{Seqs: []uint32{1}, Op: StoreAdd, Flags: []string{`\Seen`}})
	require.NoError(t, err)
	require.Len(t, server.taken(), 1)
	require.NoError(t, a.Sync(ctx))
	require.Empty(t, server.taken(), "the hint about its own write is no news")

	server.change(id, func(e *jmap.Email) { e.Keywords["$flagged"] = true })
	require.NoError(t, a.Sync(ctx))
	require.Equal(t, []string{syncCalls}, server.taken())
	require.Len(t, v.Poll(true), 1)

	server.before = &jmapclient.LimitError{Limit: "maxConcurrentRequests"}
	_, err = a.StoreFlags(ctx, v, StoreRequest{Seqs: []uint32{1}, Op: StoreRemove, Flags: []string{`\Seen`}})
	require.ErrorIs(t, err, ErrUnavailable)
	server.taken()
	require.NoError(t, a.Sync(ctx))
	require.Len(t, server.taken(), 1, "after a failure nobody vouches")
}

// slowPush is a session whose stream comes up when it is told to.
type slowPush struct {
	*pushSession
	open chan struct{}
}

func (s *slowPush) Watch(ctx context.Context, o jmapclient.WatchOptions, handle func(jmapclient.Event)) error {
	select {
	case <-s.open:
		return s.pushSession.Watch(ctx, o, handle)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func openSlowly(t *testing.T, patience time.Duration) (*fakeServer, *slowPush, *Account) {
	server := newFake()
	registry := NewRegistry(memstore.New(), Options{Server: "fake", Linger: -1, PushPatience: patience})
	t.Cleanup(func() { registry.Close() })
	session := &slowPush{&pushSession{&fakeSession{server}}, make(chan struct{})}
	a, err := registry.Open(ctx, session, fakeAccount)
	require.NoError(t, err)
	t.Cleanup(a.Close)
	return server, session, a
}

func TestTheFirstSyncIsVouchedFor(t *testing.T) {
	server, session, a := openSlowly(t, time.Hour)
	done := make(chan error)
	go func() { done <- a.Sync(ctx) }()
	close(session.open)
	require.NoError(t, <-done)
	require.Len(t, server.taken(), 1)
	require.NoError(t, a.Sync(ctx))
	require.Empty(t, server.taken())
}

func TestAStreamThatDoesNotComeUpHoldsNothingBack(t *testing.T) {
	server, _, a := openSlowly(t, time.Millisecond)
	require.NoError(t, a.Sync(ctx))
	require.Len(t, server.taken(), 1)
}

// wait returns the events of a view that listens.
func wait(t *testing.T, v *View) []Event {
	t.Helper()
	for deadline := time.After(10 * time.Second); ; {
		select {
		case <-v.Changed():
			if events := v.Poll(true); len(events) > 0 {
				return events
			}
		case <-deadline:
			t.Fatal("nothing was told")
		}
	}
}

func TestListenersHearOfHints(t *testing.T) {
	server, a, _ := pushed(t, Options{Poll: time.Hour, SafePoll: time.Hour})
	require.NoError(t, a.Sync(ctx))
	box, _ := a.ByPath("INBOX")
	v, err := a.Select(ctx, box, false)
	require.NoError(t, err)
	stop := v.Listen()
	defer stop()
	server.add(1, "inbox")
	require.Equal(t, EventExists, wait(t, v)[0].Kind)
}

// Without push, too: the write has read back what it did.
func TestPollingListenersDoNotAskForWhatAWriteBrings(t *testing.T) {
	server := newFake()
	registry := NewRegistry(memstore.New(), Options{Server: "fake", Linger: -1, Poll: time.Hour})
	t.Cleanup(func() { registry.Close() })
	a, err := registry.Open(ctx, &fakeSession{server}, fakeAccount)
	require.NoError(t, err)
	t.Cleanup(a.Close)
	server.add(1, "inbox")
	require.NoError(t, a.Sync(ctx))
	box, _ := a.ByPath("INBOX")
	v, err := a.Select(ctx, box, false)
	require.NoError(t, err)
	other, err := a.Select(ctx, box, false)
	require.NoError(t, err)
	server.taken()
	defer v.Listen()()
	require.Eventually(t, func() bool { return len(server.taken()) == 1 }, 5*time.Second, time.Millisecond, "it asks when it begins")
	require.Eventually(t, func() bool {
		a.replica.flights.mu.Lock()
		defer a.replica.flights.mu.Unlock()
		return a.replica.flights.flying == nil
	}, 5*time.Second, time.Millisecond)
	for op := range 20 {
		_, err := a.StoreFlags(ctx, other, StoreRequest{Seqs: []uint32{1}, Op: StoreAdd + StoreOp(op%2), Flags: []string{`\Seen`}})
		require.NoError(t, err)
		require.Equal(t, EventFlags, wait(t, v)[0].Kind)
	}
	require.Len(t, server.taken(), 20)
}

// A session that listens hears of another session's write without a request of its own.
func TestListenersDoNotAskForWhatAWriteBrings(t *testing.T) {
	server, a, _ := pushed(t, Options{Poll: time.Hour, SafePoll: time.Hour})
	server.add(1, "inbox")
	require.NoError(t, a.Sync(ctx))
	box, _ := a.ByPath("INBOX")
	v, err := a.Select(ctx, box, false)
	require.NoError(t, err)
	other, err := a.Select(ctx, box, false)
	require.NoError(t, err)
	defer v.Listen()()
	require.Eventually(t, a.replica.inStep, 5*time.Second, time.Millisecond)
	server.taken()
	for op := range 20 {
		_, err := a.StoreFlags(ctx, other, StoreRequest{Seqs: []uint32{1}, Op: StoreAdd + StoreOp(op%2), Flags: []string{`\Seen`}})
		require.NoError(t, err)
		require.Equal(t, EventFlags, wait(t, v)[0].Kind)
	}
	require.Len(t, server.taken(), 20)
}

func TestListenersPollWithoutPushAndThroughAnOutage(t *testing.T) {
	server := newFake()
	registry := NewRegistry(memstore.New(), Options{Server: "fake", Poll: time.Millisecond, Linger: -1})
	defer registry.Close()
	a, err := registry.Open(ctx, &fakeSession{server}, fakeAccount)
	require.NoError(t, err)
	require.NoError(t, a.Sync(ctx))
	box, _ := a.ByPath("INBOX")
	v, err := a.Select(ctx, box, false)
	require.NoError(t, err)
	stop := v.Listen()
	server.add(1, "inbox")
	require.Equal(t, EventExists, wait(t, v)[0].Kind)
	server.mu.Lock()
	server.before = errFake
	server.mu.Unlock()
	server.add(2, "inbox")
	require.Equal(t, EventExists, wait(t, v)[0].Kind)
	stop()
	stop()
}

// A session that starts to listen hears of what happened just before.
func TestListenLooksAtOnce(t *testing.T) {
	server := newFake()
	registry := NewRegistry(memstore.New(), Options{Server: "fake", Poll: time.Hour, Linger: -1})
	defer registry.Close()
	a, err := registry.Open(ctx, &fakeSession{server}, fakeAccount)
	require.NoError(t, err)
	require.NoError(t, a.Sync(ctx))
	box, _ := a.ByPath("INBOX")
	v, err := a.Select(ctx, box, false)
	require.NoError(t, err)
	server.add(1, "inbox")
	defer v.Listen()()
	require.Equal(t, EventExists, wait(t, v)[0].Kind)
}

func TestStreamMovesOnWhenItsSessionEnds(t *testing.T) {
	server, first, registry := pushed(t, Options{})
	second, err := registry.Open(ctx, &pushSession{&fakeSession{server}}, fakeAccount)
	require.NoError(t, err)
	require.NoError(t, first.Sync(ctx))
	first.Close()
	require.False(t, second.replica.inStep(), "a stream that ended vouches for nothing")
	require.Eventually(t, func() bool {
		r := second.replica
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.pulse.live == second
	}, 5*time.Second, time.Millisecond)
	second.Close()
}

func TestSessionsShareOneSync(t *testing.T) {
	f := newFixture(t)
	f.sync()
	f.server.taken()
	release, entered := make(chan struct{}), make(chan struct{}, 100)
	f.server.hook = func(*jmap.Request) {
		entered <- struct{}{}
		<-release
	}
	done := make(chan error)
	const sessions = 20
	go func() { done <- f.account.Sync(ctx) }()
	<-entered
	for range sessions {
		a := f.session()
		go func() { done <- a.Sync(ctx) }()
	}
	fl := &f.account.replica.flights
	require.Eventually(t, func() bool {
		fl.mu.Lock()
		defer fl.mu.Unlock()
		return fl.waiting != nil && fl.waiting.waiters == sessions
	}, 5*time.Second, time.Millisecond)
	close(release)
	for range sessions + 1 {
		require.NoError(t, <-done)
	}
	require.Len(t, f.server.taken(), 2, "those who came while one was under way share the next")
}

func TestALateHintIsNoNews(t *testing.T) {
	server, a, _ := pushed(t, Options{})
	require.NoError(t, a.Sync(ctx))
	r := a.replica
	r.write.Lock()
	left := map[string]string{"Email": r.head.EmailState, "Mailbox": r.head.MailboxState}
	r.write.Unlock()
	server.add(1, "inbox")
	require.NoError(t, a.Sync(ctx))
	server.taken()

	r.hint(jmapclient.Event{Changed: map[jmap.ID]map[string]string{fakeAccount: left}})
	require.NoError(t, a.Sync(ctx))
	require.Empty(t, server.taken(), "the replica was in that state before")

	r.hint(jmapclient.Event{Changed: map[jmap.ID]map[string]string{fakeAccount: {"Email": "never seen"}}})
	require.NoError(t, a.Sync(ctx))
	require.Len(t, server.taken(), 1)
}

// scripted is a session that does what a test says.
type scripted struct {
	*fakeSession
	watch func(context.Context, jmapclient.WatchOptions, func(jmapclient.Event)) error
	do    func() error
	info  func(*jmap.Session)
}

func (s *scripted) Watch(ctx context.Context, o jmapclient.WatchOptions, handle func(jmapclient.Event)) error {
	return s.watch(ctx, o, handle)
}

func (s *scripted) Do(ctx context.Context, q *jmap.Request) (*jmap.Response, error) {
	if s.do != nil {
		if err := s.do(); err != nil {
			return nil, err
		}
	}
	return s.fakeSession.Do(ctx, q)
}

func (s *scripted) Info() *jmap.Session {
	info := s.fakeSession.Info()
	if s.info != nil {
		s.info(info)
	}
	return info
}

func openScripted(t *testing.T, server *fakeServer, o Options, s *scripted) (*Account, *Registry) {
	t.Helper()
	o.Server, o.Linger = "fake", -1
	registry := NewRegistry(memstore.New(), o)
	t.Cleanup(func() { registry.Close() })
	s.fakeSession = &fakeSession{server}
	a, err := registry.Open(ctx, s, fakeAccount)
	require.NoError(t, err)
	t.Cleanup(a.Close)
	return a, registry
}

// untilEnd is a stream on which nothing happens.
func untilEnd(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// A stream may be open and yet never let anything through, as behind a proxy that holds events back.
func TestAStreamThatHasShownNoLifeVouchesForNothing(t *testing.T) {
	server, opened := newFake(), make(chan struct{})
	a, _ := openScripted(t, server, Options{PushPatience: time.Millisecond}, &scripted{
		watch: func(ctx context.Context, o jmapclient.WatchOptions, _ func(jmapclient.Event)) error {
			if o.Opened != nil {
				o.Opened()
			}
			close(opened)
			return untilEnd(ctx)
		},
	})
	<-opened
	for range 3 {
		require.NoError(t, a.Sync(ctx))
		require.Len(t, server.taken(), 1)
	}
}

// Some servers send no event for some changes.
func TestNoStreamVouchesForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newFake()
		a, registry := openScripted(t, server, Options{}, &scripted{
			watch: func(ctx context.Context, o jmapclient.WatchOptions, _ func(jmapclient.Event)) error {
				o.Alive()
				return untilEnd(ctx)
			},
		})
		require.NoError(t, a.Sync(ctx))
		require.Len(t, server.taken(), 1)
		time.Sleep(DefaultSafePoll - time.Second)
		require.NoError(t, a.Sync(ctx))
		require.Empty(t, server.taken())
		time.Sleep(time.Second)
		require.NoError(t, a.Sync(ctx))
		require.Len(t, server.taken(), 1)
		a.Close()
		registry.Close()
	})
}

// Without push a listener polls, and once an hour push is tried again; where it works then, polling becomes rare.
func TestPollingUntilPushComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newFake()
		var tries atomic.Int32
		a, registry := openScripted(t, server, Options{}, &scripted{
			watch: func(ctx context.Context, o jmapclient.WatchOptions, _ func(jmapclient.Event)) error {
				if tries.Add(1) == 1 {
					o.Lost(jmapclient.ErrNoPush)
					return jmapclient.ErrNoPush
				}
				o.Alive()
				return untilEnd(ctx)
			},
		})
		require.NoError(t, a.Sync(ctx))
		box, _ := a.ByPath("INBOX")
		v, err := a.Select(ctx, box, false)
		require.NoError(t, err)
		stop := v.Listen()
		synctest.Wait()
		server.taken()
		time.Sleep(10*DefaultPoll + time.Second)
		require.Len(t, server.taken(), 10)
		require.EqualValues(t, 1, tries.Load())
		time.Sleep(time.Hour)
		require.EqualValues(t, 2, tries.Load())
		server.taken()
		time.Sleep(10*DefaultSafePoll + time.Second)
		require.Len(t, server.taken(), 10)
		stop()
		v.Close()
		a.Close()
		registry.Close()
	})
}

// A stream that is refused says nothing about the session: its user is polled for.
func TestARefusedStreamLeavesPolling(t *testing.T) {
	server, refused := newFake(), make(chan struct{})
	a, _ := openScripted(t, server, Options{Poll: time.Millisecond}, &scripted{
		watch: func(context.Context, jmapclient.WatchOptions, func(jmapclient.Event)) error {
			defer close(refused)
			return jmapclient.ErrUnauthorized
		},
	})
	<-refused
	require.NoError(t, a.Sync(ctx))
	box, _ := a.ByPath("INBOX")
	v, err := a.Select(ctx, box, false)
	require.NoError(t, err)
	defer v.Listen()()
	server.add(1, "inbox")
	require.Equal(t, EventExists, wait(t, v)[0].Kind)
}

// Of several sessions, those whose credentials have died do not keep the others from hearing.
func TestListenersAskWithASessionThatMayAsk(t *testing.T) {
	server := newFake()
	noPush := func(context.Context, jmapclient.WatchOptions, func(jmapclient.Event)) error {
		return jmapclient.ErrNoPush
	}
	a, registry := openScripted(t, server, Options{Poll: time.Millisecond}, &scripted{watch: noPush})
	require.NoError(t, a.Sync(ctx))
	dead, err := registry.Open(ctx, &scripted{
		fakeSession: &fakeSession{server}, watch: noPush, do: func() error { return jmapclient.ErrUnauthorized },
	}, fakeAccount)
	require.NoError(t, err)
	defer dead.Close()
	box, _ := a.ByPath("INBOX")
	v, err := a.Select(ctx, box, false)
	require.NoError(t, err)
	defer v.Listen()()
	server.add(1, "inbox")
	require.Equal(t, EventExists, wait(t, v)[0].Kind)
}

// Servers tell of the user's own account only, if that.
func TestOtherAccountsAreNotWatched(t *testing.T) {
	for name, info := range map[string]func(*jmap.Session){
		"shared": func(s *jmap.Session) { s.Accounts[fakeAccount] = jmap.Account{Name: "bob"} },
		"second": func(s *jmap.Session) { s.PrimaryAccounts = map[string]jmap.ID{jmap.CapabilityMail: "another"} },
	} {
		t.Run(name, func(t *testing.T) {
			server := newFake()
			a, _ := openScripted(t, server, Options{Poll: time.Millisecond}, &scripted{info: info, watch: func(context.Context, jmapclient.WatchOptions, func(jmapclient.Event)) error {
				t.Error("a stream was opened")
				return jmapclient.ErrNoPush
			}})
			for range 2 {
				require.NoError(t, a.Sync(ctx))
				require.Len(t, server.taken(), 1)
			}
			box, _ := a.ByPath("INBOX")
			v, err := a.Select(ctx, box, false)
			require.NoError(t, err)
			defer v.Listen()()
			server.add(1, "inbox")
			require.Equal(t, EventExists, wait(t, v)[0].Kind)
		})
	}
}

func TestListenersGiveAServerTheTimeItAsksFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := newFake()
		var busy atomic.Bool
		var asked atomic.Int32
		a, registry := openScripted(t, server, Options{}, &scripted{
			watch: func(context.Context, jmapclient.WatchOptions, func(jmapclient.Event)) error {
				return jmapclient.ErrNoPush
			},
			do: func() error {
				asked.Add(1)
				if busy.Load() {
					return &jmapclient.LimitError{RetryAfter: 5 * time.Minute}
				}
				return nil
			},
		})
		require.NoError(t, a.Sync(ctx))
		box, _ := a.ByPath("INBOX")
		v, err := a.Select(ctx, box, false)
		require.NoError(t, err)
		stop := v.Listen()
		synctest.Wait()
		asked.Store(0)
		busy.Store(true)
		time.Sleep(5 * time.Minute)
		require.EqualValues(t, 1, asked.Load())
		busy.Store(false)
		server.add(1, "inbox")
		require.Equal(t, EventExists, wait(t, v)[0].Kind)
		stop()
		v.Close()
		a.Close()
		registry.Close()
	})
}
