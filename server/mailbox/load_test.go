package mailbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/server/store"
	"github.com/dragoman-mail/dragoman/server/store/boltstore"
	"github.com/dragoman-mail/dragoman/server/store/memstore"
)

// cutStore takes some commits and then none: what the next process finds is what a kill would leave.
type cutStore struct {
	store.Store
	left int
}

var errCut = errors.New("the process is gone")

func (s *cutStore) Commit(ctx context.Context, key store.Key, change *store.Change) error {
	if s.left == 0 {
		return errCut
	}
	s.left--
	return s.Store.Commit(ctx, key, change)
}

// loadOver opens the account over a store, with small parts, and selects INBOX.
func loadOver(t *testing.T, s store.Store, session Session) (*Account, *View, error) {
	registry := NewRegistry(s, Options{Server: "fake", Linger: -1})
	t.Cleanup(func() { registry.Close() })
	a, err := registry.Open(ctx, session, fakeAccount)
	require.NoError(t, err)
	a.replica.numberPart = 70
	if err := a.Sync(ctx); err != nil {
		return a, nil, err
	}
	box, ok := a.ByPath("INBOX")
	require.True(t, ok)
	v, err := a.Select(ctx, box, false)
	return a, v, err
}

func smallPages(server *bulkServer) *bulkServer {
	server.limits.MaxObjectsInGet, server.limits.MaxCallsInRequest, server.queryPage = 10, 3, 200
	return server
}

// Wherever the load of a mailbox is cut off, the next process goes on with it: UIDs are those of an undisturbed load, and what was
// durable is not asked for again.
func TestLoadCutOffAtEveryCommit(t *testing.T) {
	const messages = 500
	server := smallPages(newBulk(messages))
	_, v, err := loadOver(t, memstore.New(), server)
	require.NoError(t, err)
	want, total := uids(v), server.asked
	require.Len(t, want, messages)
	cuts := 0
	for done := false; !done; cuts++ {
		kept := memstore.New()
		server.taken()
		a, _, err := loadOver(t, &cutStore{kept, cuts}, server)
		done = err == nil
		if done {
			break
		}
		require.ErrorIs(t, err, errCut)
		durable := map[string]bool{}
		require.NoError(t, kept.Emails(ctx, a.Key(), func(e store.Email) bool { durable[e.ID] = true; return true }))
		server.taken()
		_, v, err := loadOver(t, kept, server)
		require.NoError(t, err)
		require.Equal(t, want, uids(v), "cut after %d commits", cuts)
		require.LessOrEqual(t, server.asked, total-len(durable), "cut after %d commits", cuts)
	}
	require.Greater(t, cuts, messages/30+messages/70)
}

// What happens between a load that was cut off and the next process is in what that shows.
func TestMailboxChangesBetweenTwoLoads(t *testing.T) {
	for cuts := 0; ; cuts++ {
		server := newFake()
		server.limits.MaxObjectsInGet, server.limits.MaxCallsInRequest, server.queryPage = 10, 3, 50
		var ids []jmap.ID
		for i := range 300 {
			ids = append(ids, server.add(int64(i), "inbox"))
		}
		kept := memstore.New()
		_, _, err := loadOver(t, &cutStore{kept, cuts}, &fakeSession{server})
		if err == nil {
			require.Greater(t, cuts, 10)
			return
		}
		server.change(ids[7], func(e *jmap.Email) { e.Keywords["$flagged"] = true })
		server.change(ids[80], func(e *jmap.Email) { clear(e.MailboxIDs) })
		oldest := server.add(-1, "inbox")
		if cuts%2 == 1 {
			server.forget()
		}
		_, v, err := loadOver(t, kept, &fakeSession{server})
		require.NoError(t, err)
		got := uids(v)
		require.Len(t, got, 300)
		require.Equal(t, []jmap.ID{oldest, ids[0], ids[299]}, []jmap.ID{got[1], got[2], got[300]}, "by arrival, without a gap")
		m, ok := v.Message(9)
		require.True(t, ok)
		require.Equal(t, ids[7], m.EmailID)
		require.True(t, m.Has(FlagFlagged))
	}
}

// copyingStore keeps a copy of the file as each commit leaves it.
type copyingStore struct {
	*boltstore.Store
	t      *testing.T
	path   string
	copies []string
}

func (s *copyingStore) Commit(ctx context.Context, key store.Key, change *store.Change) error {
	err := s.Store.Commit(ctx, key, change)
	data, failed := os.ReadFile(s.path)
	require.NoError(s.t, failed)
	path := fmt.Sprintf("%s.%d", s.path, len(s.copies))
	require.NoError(s.t, os.WriteFile(path, data, 0o600))
	s.copies = append(s.copies, path)
	return err
}

// The same with the file that kill -9 would leave after each commit.
func TestLoadGoesOnFromTheFileOfEveryCommit(t *testing.T) {
	const messages = 300
	server := smallPages(newBulk(messages))
	path := filepath.Join(t.TempDir(), "state")
	kept, err := boltstore.Open(path)
	require.NoError(t, err)
	defer kept.Close()
	s := &copyingStore{Store: kept, t: t, path: path}
	_, v, err := loadOver(t, s, server)
	require.NoError(t, err)
	want, validity := uids(v), v.Counters().UIDValidity
	require.Greater(t, len(s.copies), 10)
	for n, path := range s.copies {
		left, err := boltstore.Open(path)
		require.NoError(t, err)
		a, v, err := loadOver(t, left, server)
		require.NoError(t, err)
		require.Equal(t, want, uids(v))
		if n == len(s.copies)-1 {
			require.Equal(t, validity, v.Counters().UIDValidity, "it was numbered")
		}
		a.Close()
		require.NoError(t, left.Close())
	}
}

// The store gets a numbering in parts, between which the account goes on changing.
func TestMailboxChangesWhileItIsNumbered(t *testing.T) {
	server, kept := newFake(), memstore.New()
	var ids []jmap.ID
	for i := range 10 {
		ids = append(ids, server.add(int64(i), "inbox"))
	}
	registry := NewRegistry(kept, Options{Server: "fake", Linger: -1})
	a, err := registry.Open(ctx, &fakeSession{server}, fakeAccount)
	require.NoError(t, err)
	require.NoError(t, a.Sync(ctx))
	r := a.replica
	b := r.box("inbox")
	_, err = r.startLoading(ctx, a, b)
	require.NoError(t, err)
	_, _, err = r.loadFirst(ctx, a.link(), b)
	require.NoError(t, err)

	n := numbering{r: r, box: b}
	arrived, err := n.begin(false)
	require.NoError(t, err)
	n.order(arrived)
	require.NoError(t, n.put(0, 5))
	server.change(ids[1], func(e *jmap.Email) { clear(e.MailboxIDs) })
	server.change(ids[8], func(e *jmap.Email) { delete(e.MailboxIDs, "inbox"); e.MailboxIDs["work"] = true })
	server.change(ids[2], func(e *jmap.Email) { e.Keywords["$seen"] = true })
	renamed := server.rename(ids[3])
	late := server.add(-1, "inbox")
	require.NoError(t, a.Sync(ctx))
	require.NoError(t, n.finish(5))

	want := map[uint32]jmap.ID{1: ids[0], 3: ids[2], 5: ids[4], 6: ids[5], 7: ids[6], 8: ids[7], 10: ids[9], 11: late, 12: renamed}
	look := func(a *Account) {
		t.Helper()
		box, _ := a.ByPath("INBOX")
		v, err := a.Select(ctx, box, true)
		require.NoError(t, err)
		require.Equal(t, want, uids(v))
		require.Equal(t, uint32(13), v.Counters().UIDNext)
		m, _ := v.Message(2)
		require.True(t, m.Has(FlagSeen))
		require.Equal(t, uint32(10), func() uint32 { uid, _ := r.emails[string(ids[9])].in(b); return uid }())
	}
	look(a)
	require.NoError(t, registry.Close())
	a, err = NewRegistry(kept, Options{Server: "fake", Linger: -1}).Open(ctx, &fakeSession{server}, fakeAccount)
	require.NoError(t, err)
	look(a)
}

// Servers give as many ids and Emails at a time as they like: 256 and 500 in James, 5,000 and 500 in Stalwart, which also takes a position
// past the end for 0. And there may be such that take fewer than they say.
func TestLoadWithTheLimitsOfServers(t *testing.T) {
	const messages = 3000
	for name, set := range map[string]func(*fakeServer){
		"James":    func(f *fakeServer) { f.queryPage = 256 },
		"Stalwart": func(f *fakeServer) { f.queryPage, f.pastIsZero = 1500, true }, // ends with a full page
		"Cyrus": func(f *fakeServer) {
			f.queryPage, f.limits = 1<<30, jmapclient.Limits{MaxCallsInRequest: 50, MaxObjectsInGet: 4096, MaxObjectsInSet: 4096}
		},
		"five at a time": func(f *fakeServer) { f.limits.MaxObjectsInGet = 5 },
		"five in truth":  func(f *fakeServer) { f.getTakes = 5 },
		"one call":       func(f *fakeServer) { f.limits.MaxCallsInRequest, f.queryPage = 1, 256 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake()
			f.changesPage = 1 << 30
			for i := range messages {
				f.create(f.id("b"), int64(i), "inbox")
			}
			set(f)
			for range 2 { // the load, and the comparison
				_, v, err := loadOver(t, memstore.New(), &fakeSession{f})
				require.NoError(t, err)
				require.Equal(t, messages, v.Len())
				f.forget()
				require.NoError(t, v.account.Sync(ctx))
				require.Empty(t, v.Poll(true))
			}
			if name == "Cyrus" {
				require.Less(t, len(f.taken()), 40)
			}
		})
	}
}

// A mailbox that changes with every page of its list is loaded all the same.
func TestLoadOfABusyMailbox(t *testing.T) {
	server := newFake()
	server.queryPage = 10
	for i := range 300 {
		server.add(int64(i), "inbox")
	}
	rounds := 0
	server.hook = func(q *jmap.Request) {
		if q.MethodCalls[0].Name == "Email/query" && rounds < 60 {
			rounds++
			ids := server.ids()
			server.change(ids[rounds*4], func(e *jmap.Email) { clear(e.MailboxIDs) })
			server.add(int64(rounds*7), "inbox")
		}
	}
	_, v, err := loadOver(t, memstore.New(), &fakeSession{server})
	require.NoError(t, err)
	require.Greater(t, rounds, 20)
	require.ElementsMatch(t, server.ids(), emailsOf(v))
}

func emailsOf(v *View) []jmap.ID {
	var ids []jmap.ID
	for _, m := range v.Messages() {
		ids = append(ids, m.EmailID)
	}
	return ids
}

// Who gives up, and comes back, finds the load further on; others are not held up by it, and all can see how far it is.
func TestLoadGoesOnWithoutTheClient(t *testing.T) {
	const messages = 500
	server := smallPages(newBulk(messages))
	registry := NewRegistry(memstore.New(), Options{Server: "fake", Linger: -1})
	defer registry.Close()
	a, err := registry.Open(ctx, server, fakeAccount)
	require.NoError(t, err)
	require.NoError(t, a.Sync(ctx))
	box, _ := a.ByPath("INBOX")
	pages, proceed := make(chan int), make(chan struct{})
	n := 0
	server.hook = func(q *jmap.Request) {
		if q.MethodCalls[0].Name == "Email/get" {
			n++
			pages <- n
			<-proceed
		}
	}
	impatient, giveUp := context.WithCancel(ctx)
	meter := &Meter{}
	gaveUp := make(chan error, 1)
	go func() {
		_, err := a.Select(WithMeter(impatient, meter), box, false)
		gaveUp <- err
	}()
	for range 4 {
		<-pages
		proceed <- struct{}{}
	}
	<-pages
	done, total, ok := meter.Progress()
	require.True(t, ok)
	require.Equal(t, messages, total)
	require.True(t, 0 < done && done < total, "%d", done)
	giveUp()
	require.ErrorIs(t, <-gaveUp, context.Canceled)
	other, err := registry.Open(ctx, server, fakeAccount)
	require.NoError(t, err)
	require.NoError(t, other.Sync(ctx), "others are not held up")

	server.hook = nil
	second := &Meter{}
	loaded := make(chan *View, 1)
	waiting := a.replica.box(string(box.ID))
	require.NotNil(t, waiting.loader)
	go func() {
		v, err := other.Select(WithMeter(ctx, second), box, false)
		if err == nil {
			loaded <- v
		}
		close(loaded)
	}()
	proceed <- struct{}{}
	v := <-loaded
	require.NotNil(t, v)
	require.Equal(t, messages, v.Len())
	require.Equal(t, messages, server.asked, "nothing was asked for twice")
	_, _, ok = second.Progress()
	require.False(t, ok)
}

// Credentials that expire in the middle end the load for their session, not for others that wait.
func TestLoadGoesOnWithOtherCredentials(t *testing.T) {
	server := newFake()
	for i := range 5 {
		server.add(int64(i), "inbox")
	}
	registry := NewRegistry(memstore.New(), Options{Server: "fake", Linger: -1})
	defer registry.Close()
	a, err := registry.Open(ctx, &fakeSession{server}, fakeAccount)
	require.NoError(t, err)
	require.NoError(t, a.Sync(ctx))
	other, err := registry.Open(ctx, &fakeSession{server}, fakeAccount)
	require.NoError(t, err)
	box, _ := a.ByPath("INBOX")
	joined := make(chan error, 1)
	server.hook = func(q *jmap.Request) {
		if slices.ContainsFunc(q.MethodCalls, func(c jmap.Invocation) bool { return c.Name == "Email/query" }) {
			server.hook = nil
			server.before = jmapclient.ErrUnauthorized
			own := other.startLoad(ctx, other.replica.box(string(box.ID)))
			require.Equal(t, a, own.account)
			waits := make(chan struct{})
			go func() {
				close(waits)
				_, err := other.Select(ctx, box, false)
				joined <- err
			}()
			<-waits
		}
	}
	_, err = a.Select(ctx, box, false)
	require.ErrorIs(t, err, ErrUnauthorized)
	require.NoError(t, <-joined)
}

// A server that lists less than there is, as one whose index lags behind, expunges nothing.
func TestComparisonExpungesNothingForTheListAlone(t *testing.T) {
	f := newFixture(t)
	var ids []jmap.ID
	for i := range 20 {
		ids = append(ids, f.server.add(int64(i), "inbox"))
	}
	v := f.view("INBOX")
	f.server.unlisted = map[jmap.ID]bool{}
	for _, id := range ids[:15] {
		f.server.unlisted[id] = true
	}
	f.server.change(ids[3], func(e *jmap.Email) { clear(e.MailboxIDs) })
	f.server.change(ids[4], func(e *jmap.Email) { delete(e.MailboxIDs, "inbox"); e.MailboxIDs["work"] = true })
	f.server.change(ids[5], func(e *jmap.Email) { e.Keywords["$seen"] = true })
	f.server.forget()
	f.sync()
	require.Equal(t, []Event{
		{Kind: EventExpunge, Seq: 5, UID: 5}, {Kind: EventExpunge, Seq: 4, UID: 4}, {Kind: EventFlags, Seq: 4, UID: 6},
	}, v.Poll(true))
}

// Over Cyrus, deleting a mailbox leads to a comparison of the whole account: all UIDs stay, in a few requests.
func TestLargeMailboxOverCyrus(t *testing.T) {
	const messages = 800 // more than a page
	s := cyrusScaled(t, messages)
	s.open(filepath.Join(t.TempDir(), "state"))
	defer s.close()
	s.requests()
	v := s.selectInbox(ctx)
	require.Equal(t, messages, v.Len())
	require.Less(t, s.requests(), 10)
	want := uids(v)
	for _, name := range []string{"one", "two", "three"} {
		_, err := s.account.Create(ctx, name)
		require.NoError(t, err)
	}
	s.requests()
	for _, name := range []string{"one", "two", "three"} {
		require.NoError(t, s.account.Delete(ctx, name))
		require.Equal(t, 1, s.requests(), "the comparison can wait")
	}
	require.NoError(t, s.account.Sync(ctx))
	require.Less(t, s.requests(), 10)
	require.Empty(t, v.Poll(true))
	require.Equal(t, want, uids(v))
}

// A mailbox that is deleted takes its Emails along, in commits of bounded size; what a crash leaves of them goes when the account is opened.
func TestDeletedMailboxIsForgotten(t *testing.T) {
	for cuts := -1; ; cuts++ {
		server, kept := newFake(), memstore.New()
		for i := range 250 {
			server.add(int64(i), "inbox")
		}
		both, only := server.add(1, "work", "inbox"), server.add(2, "inbox", "trash")
		s := &cutStore{kept, -1}
		a, _, err := loadOver(t, s, &fakeSession{server})
		require.NoError(t, err)
		work, _ := a.ByPath("Work")
		v, err := a.Select(ctx, work, false)
		require.NoError(t, err)
		server.mu.Lock()
		server.destroyMailbox("inbox")
		server.mu.Unlock()
		s.left = cuts
		if err = a.Sync(ctx); err == nil {
			require.Len(t, uids(v), 1)
			require.NotNil(t, a.replica.emails[string(both)])
			require.Nil(t, a.replica.emails[string(only)], "it is in no mailbox that is followed")
		}
		whole := s.left != 0
		registry := NewRegistry(kept, Options{Server: "fake", Linger: -1})
		again, err := registry.Open(ctx, &fakeSession{server}, fakeAccount)
		require.NoError(t, err)
		require.NoError(t, again.Sync(ctx))
		var left []string
		require.NoError(t, kept.Emails(ctx, a.Key(), func(e store.Email) bool { left = append(left, e.ID); return true }))
		require.Equal(t, []string{string(both)}, left)
		require.NoError(t, registry.Close())
		if cuts >= 0 && whole {
			require.Greater(t, cuts, 2)
			return
		}
	}
}

// A message that arrives while a mailbox is loaded, is read, and is destroyed before the changes are asked for is in none of them. It is
// not shown.
func TestMessageThatComesAndGoesDuringALoad(t *testing.T) {
	server := newFake()
	server.limits.MaxObjectsInGet, server.limits.MaxCallsInRequest, server.queryPage = 10, 3, 50
	for i := range 100 {
		server.add(int64(i), "inbox")
	}
	var ghost jmap.ID
	listed, read := false, false
	server.hook = func(q *jmap.Request) {
		for _, call := range q.MethodCalls {
			switch arguments := call.Args.(type) {
			case *jmap.EmailQuery:
				if arguments.Position > 0 && !listed {
					listed = true
					ghost = server.add(200, "inbox")
				}
			case *jmap.EmailGet:
				read = read || slices.Contains(arguments.IDs, ghost)
			case *jmap.EmailChanges:
				if read && ghost != "" {
					server.change(ghost, func(e *jmap.Email) { clear(e.MailboxIDs) })
					ghost = ""
				}
			}
		}
	}
	_, v, err := loadOver(t, memstore.New(), &fakeSession{server})
	require.NoError(t, err)
	require.True(t, read && ghost == "", "it was read, and destroyed")
	require.Len(t, uids(v), 100)
}
