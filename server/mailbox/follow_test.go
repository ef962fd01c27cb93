package mailbox

import (
	"context"
	"testing"
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

	server.before = errFake
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
