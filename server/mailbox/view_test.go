package mailbox

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/jmap"
)

func TestResolve(t *testing.T) {
	f := newFixture(t)
	ids := make([]jmap.ID, 6)
	for i := range ids {
		ids[i] = f.server.add(int64(i), "inbox")
	}
	v := f.view("INBOX")
	f.server.change(ids[1], func(e *jmap.Email) { clear(e.MailboxIDs) })
	f.server.change(ids[5], func(e *jmap.Email) { clear(e.MailboxIDs) })
	f.sync()
	v.Poll(true) // UIDs 1 3 4 5
	const most = math.MaxUint32
	for _, c := range []struct {
		set  imap.SequenceSet
		uid  bool
		want []uint32
	}{
		{set(1, 4), false, []uint32{1, 2, 3, 4}},
		{set(3, 2, 2, 4), false, []uint32{2, 3, 4}},
		{set(0, 0), false, []uint32{4}},
		{set(0, 3), false, []uint32{3, 4}},
		{set(1, most), true, []uint32{1, 2, 3, 4}},
		{set(2, 2, 3, 3), true, []uint32{2}},
		{set(0, 0), true, []uint32{4}},
		{set(1000, 0), true, []uint32{4}},
		{set(6, most), true, []uint32{}},
		{set(0, 4), true, []uint32{3, 4}},
		{set(4, 1, 1, 1), true, []uint32{1, 2, 3}},
	} {
		got, err := v.Resolve(c.set, c.uid)
		require.NoError(t, err)
		require.Equal(t, c.want, got, "%v %v", c.set, c.uid)
	}
	for _, bad := range []imap.SequenceSet{set(5, 5), set(1, 5), set(1, most)} {
		_, err := v.Resolve(bad, false)
		require.ErrorIs(t, err, ErrSequence)
	}
	empty := f.view("Trash")
	got, err := empty.Resolve(set(1, 0), true)
	require.NoError(t, err)
	require.Empty(t, got)
	_, err = empty.Resolve(set(1, 0), false)
	require.ErrorIs(t, err, ErrSequence)
}

func TestRecentIsTheFirstSessionsThatIsTold(t *testing.T) {
	f := newFixture(t)
	f.server.add(1, "inbox")
	first, second := f.view("INBOX"), f.view("INBOX")
	require.Equal(t, 1, first.Counters().Recent)
	require.Equal(t, 0, second.Counters().Recent)
	f.server.add(2, "inbox")
	f.sync()
	require.Equal(t, 1, f.box("INBOX").Recent)
	require.Equal(t, []Event{{Kind: EventExists, N: 2}, {Kind: EventRecent, N: 1}}, second.Poll(true))
	require.Equal(t, []Event{{Kind: EventExists, N: 2}}, first.Poll(true))
	m, _ := second.Message(2)
	require.True(t, m.Recent)
	require.Equal(t, 0, f.box("INBOX").Recent)
}

func TestNothingIsToldThatChangesNothing(t *testing.T) {
	f := newFixture(t)
	id := f.server.add(1, "inbox")
	v := f.view("INBOX")
	f.server.change(id, func(*jmap.Email) {})
	f.server.change(id, func(e *jmap.Email) { e.MailboxIDs["work"] = true })
	f.sync()
	require.Empty(t, v.Poll(true))
}

func TestUIDsAreRefusedRatherThanWrapped(t *testing.T) {
	f := newFixture(t)
	f.server.add(1, "inbox")
	v := f.view("INBOX")
	state := *v.box.state.Load()
	state.uidNext = maxUID
	v.box.state.Store(&state)
	f.server.add(2, "inbox")
	f.sync()
	require.Equal(t, uint32(math.MaxUint32), v.Box().UIDNext)
	f.server.add(3, "inbox")
	require.ErrorIs(t, f.account.Sync(ctx), ErrLimit)
	require.ErrorIs(t, f.account.Sync(ctx), ErrLimit)
}

func TestUIDValidityGrowsWithTheClockAndNeverRepeats(t *testing.T) {
	f := newFixture(t)
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	f.account.replica.clock = func() time.Time { return now }
	first, second := f.view("INBOX").Counters().UIDValidity, f.view("Trash").Counters().UIDValidity
	require.Equal(t, uint32(now.Unix()), first)
	require.Equal(t, first+1, second)
	f.account.replica.clock = func() time.Time { return time.Unix(0, 0) }
	require.Equal(t, second+1, f.view("Work").Counters().UIDValidity)

	c := &change{r: f.account.replica}
	f.account.replica.clock = func() time.Time { return time.Unix(math.MaxUint32, 0) }
	_, err := c.nextUIDValidity()
	require.ErrorIs(t, err, ErrLimit)
}

func TestDifferentCountLeadsToAComparison(t *testing.T) {
	f := newFixture(t)
	f.server.add(1, "inbox")
	v := f.view("INBOX")
	f.server.mu.Lock()
	lost := f.server.create("x", 2, "inbox")
	kept := f.server.log[:0]
	for _, c := range f.server.log {
		if c.id != lost {
			kept = append(kept, c)
		}
	}
	f.server.log = kept // the server forgets to tell of the Email, but not of the mailbox's new count
	f.server.mu.Unlock()
	f.sync()
	f.sync()
	f.sync()
	require.Equal(t, EventExists, v.Poll(true)[0].Kind)
	f.server.taken()
	f.sync()
	require.Len(t, f.server.taken(), 1, "and is then at rest")
}

func TestLoadGoesOnAfterARestart(t *testing.T) {
	f := newFixture(t)
	f.server.limits.MaxObjectsInGet, f.server.limits.MaxCallsInRequest = 2, 4
	var id jmap.ID
	for i := range 40 {
		id = f.server.add(int64(i), "inbox")
	}
	box := f.box("INBOX")
	gets := 0
	f.server.hook = func(q *jmap.Request) {
		if q.MethodCalls[0].Name == "Email/get" {
			if gets++; gets == 3 {
				f.server.before = errFake
			}
		}
	}
	_, err := f.account.Select(ctx, box, false)
	require.ErrorIs(t, err, ErrUnavailable)
	f.server.hook = nil
	f.restart()
	known := len(f.account.replica.emails)
	require.Greater(t, known, 10)
	f.server.change(id, func(e *jmap.Email) { e.Keywords["$seen"] = true }) // while it was down
	box = f.box("INBOX")
	v, err := f.account.Select(ctx, box, false)
	require.NoError(t, err)
	require.Equal(t, 40, v.Len())
	require.Equal(t, 39, v.Counters().Unseen)
}

// What changes while a mailbox is loaded is neither lost nor undone by what was read before.
func TestChangesDuringTheLoad(t *testing.T) {
	f := newFixture(t)
	f.server.limits.MaxObjectsInGet, f.server.limits.MaxCallsInRequest = 2, 4
	ids := make([]jmap.ID, 20)
	for i := range ids {
		ids[i] = f.server.add(int64(i), "inbox")
	}
	box := f.box("INBOX")
	other := f.session()
	n := 0
	f.server.hook = func(q *jmap.Request) {
		hook := f.server.hook
		f.server.hook = nil
		defer func() { f.server.hook = hook }()
		if n++; n > len(ids)-1 {
			return
		}
		f.server.change(ids[n], func(e *jmap.Email) { e.Keywords["$seen"] = true })
		if n%3 == 0 {
			f.server.change(ids[n-1], func(e *jmap.Email) { clear(e.MailboxIDs) })
			f.server.add(1000, "inbox")
		}
		if q.MethodCalls[0].Name == "Email/get" {
			require.NoError(t, other.Sync(ctx))
		}
	}
	_, err := f.account.Select(ctx, box, false)
	f.server.hook = nil
	require.NoError(t, err)
	v := f.view("INBOX")
	got := map[jmap.ID]bool{}
	for _, m := range v.Messages() {
		got[m.EmailID] = m.Has(`\Seen`)
	}
	want := map[jmap.ID]bool{}
	for id, e := range f.server.emails {
		want[id] = e.Keywords["$seen"]
	}
	require.Equal(t, want, got)
}

// States that nothing but themselves changed are stored at the end, so that a restart does not ask for old changes.
func TestStatesAreStoredAtTheEnd(t *testing.T) {
	f := newFixture(t)
	f.view("INBOX")
	f.server.add(1, "work") // not loaded
	f.sync()
	state := f.account.replica.head.EmailState
	f.restart()
	require.Equal(t, state, f.account.replica.head.EmailState)
}

func TestOtherPeoplesAccountsAreKeptApart(t *testing.T) {
	f := newFixture(t)
	open := func(user string) *Account {
		a, err := f.registry.Open(ctx, &namedSession{&fakeSession{f.server}, user}, fakeAccount)
		require.NoError(t, err)
		t.Cleanup(a.Close)
		return a
	}
	require.Equal(t, "bob", open("bob").Key().Viewer)
	require.NotSame(t, open("bob").replica, open("carol").replica)
	require.Same(t, open("bob").replica, open("bob").replica)
	require.Same(t, f.session().replica, f.account.replica)
}

// namedSession looks at an account that is not the user's own.
type namedSession struct {
	*fakeSession
	user string
}

func (s *namedSession) Info() *jmap.Session {
	return &jmap.Session{Username: s.user, Accounts: map[jmap.ID]jmap.Account{fakeAccount: {Name: "ann"}}}
}
