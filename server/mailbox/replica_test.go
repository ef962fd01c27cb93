package mailbox

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/server/store/boltstore"
)

// fixture is an account of a fake server, with a store that can be reopened.
type fixture struct {
	t        testing.TB
	server   *fakeServer
	path     string
	store    *boltstore.Store
	registry *Registry
	account  *Account
}

var ctx = context.Background()

func newFixture(t testing.TB) *fixture {
	f := &fixture{t: t, server: newFake(), path: filepath.Join(t.TempDir(), "state.db")}
	f.open()
	t.Cleanup(func() { f.close() })
	return f
}

func (f *fixture) open() {
	var err error
	f.store, err = boltstore.Open(f.path)
	require.NoError(f.t, err)
	f.registry = NewRegistry(f.store, Options{Server: "fake", Linger: -1})
	f.account = f.session()
}

func (f *fixture) session() *Account {
	a, err := f.registry.Open(ctx, &fakeSession{f.server}, fakeAccount)
	require.NoError(f.t, err)
	return a
}

func (f *fixture) close() {
	require.NoError(f.t, f.registry.Close())
	require.NoError(f.t, f.store.Close())
}

func (f *fixture) restart() {
	f.close()
	f.open()
}

func (f *fixture) sync() {
	f.t.Helper()
	require.NoError(f.t, f.account.Sync(ctx))
}

func (f *fixture) box(path string) *Box {
	f.t.Helper()
	f.sync()
	box, ok := f.account.ByPath(path)
	require.True(f.t, ok, path)
	return box
}

func (f *fixture) view(path string) *View {
	f.t.Helper()
	v, err := f.account.Select(ctx, f.box(path), false)
	require.NoError(f.t, err)
	return v
}

// uids lists a view as pairs of UID and Email id.
func uids(v *View) map[uint32]jmap.ID {
	list := map[uint32]jmap.ID{}
	for _, m := range v.Messages() {
		list[m.UID] = m.EmailID
	}
	return list
}

func set(ranges ...uint32) imap.SequenceSet {
	var s imap.SequenceSet
	for i := 0; i < len(ranges); i += 2 {
		s.Ranges = append(s.Ranges, imap.SeqRange{Start: ranges[i], Stop: ranges[i+1]})
	}
	return s
}

func all(v *View) []uint32 {
	seqs := make([]uint32, v.Len())
	for i := range seqs {
		seqs[i] = uint32(i) + 1
	}
	return seqs
}

func TestFirstLoadNumbersByArrivalThenAppends(t *testing.T) {
	f := newFixture(t)
	third, first, second := f.server.add(30, "inbox"), f.server.add(10, "inbox"), f.server.add(20, "inbox", "work")
	v := f.view("inbox")
	require.Equal(t, map[uint32]jmap.ID{1: first, 2: second, 3: third}, uids(v))
	older := f.server.add(5, "inbox")
	f.sync()
	require.Equal(t, []Event{{Kind: EventExists, N: 4}, {Kind: EventRecent, N: 4}}, v.Poll(true))
	require.Equal(t, older, uids(v)[4])
	require.Equal(t, uint32(5), v.Counters().UIDNext)
	require.Empty(t, v.Poll(true))
}

func TestSmallMailboxLoadsWithOneRequestAndSelectsWithNone(t *testing.T) {
	f := newFixture(t)
	f.server.add(1, "inbox")
	f.sync()
	require.Equal(t, []string{"Email/get Mailbox/get"}, f.server.taken())
	f.view("INBOX")
	require.Equal(t, []string{
		"Email/get Mailbox/changes Mailbox/get Mailbox/get", // the sync
		"Email/query Email/get " + syncCalls,
	}, f.server.taken())
	box := f.box("INBOX")
	f.server.taken()
	for range 3 {
		_, err := f.account.Select(ctx, box, true)
		require.NoError(t, err)
	}
	require.Empty(t, f.server.taken())
}

func TestUIDsSurviveRestart(t *testing.T) {
	f := newFixture(t)
	for i := range 5 {
		f.server.add(int64(i), "inbox")
	}
	v := f.view("INBOX")
	_, err := f.account.StoreFlags(ctx, v, StoreRequest{Seqs: []uint32{2, 3}, Op: StoreAdd, Flags: []string{`\Deleted`, "$Custom"}})
	require.NoError(t, err)
	_, err = f.account.Expunge(ctx, v, []uint32{2})
	require.NoError(t, err)
	before, counters := uids(f.view("INBOX")), f.view("INBOX").Counters()
	f.restart()
	v = f.view("INBOX")
	require.Equal(t, before, uids(v))
	counters.Recent = 0
	after := v.Counters()
	after.Recent = 0
	require.Equal(t, counters, after)
	m, ok := v.Message(2)
	require.True(t, ok)
	require.ElementsMatch(t, []string{`\Deleted`, "$Custom"}, m.Flags()[:2])
}

func TestExpungeAndReturnGivesNewUID(t *testing.T) {
	f := newFixture(t)
	id := f.server.add(1, "inbox", "work")
	v := f.view("INBOX")
	f.server.change(id, func(e *jmap.Email) { delete(e.MailboxIDs, "inbox") })
	f.sync()
	require.Equal(t, []Event{{Kind: EventExpunge, Seq: 1, UID: 1}}, v.Poll(true))
	f.server.change(id, func(e *jmap.Email) { e.MailboxIDs["inbox"] = true })
	f.sync()
	v.Poll(true)
	require.Equal(t, map[uint32]jmap.ID{2: id}, uids(v))
	gone, err := v.VanishedSince(ctx, 0)
	require.NoError(t, err)
	require.Equal(t, []imap.SeqRange{{Start: 1, Stop: 1}}, gone)
}

func TestRenamedEmailKeepsUID(t *testing.T) {
	f := newFixture(t)
	f.server.add(1, "inbox")
	id := f.server.add(2, "inbox")
	v := f.view("INBOX")
	renamed := f.server.rename(id)
	f.sync()
	require.Empty(t, v.Poll(true))
	require.Equal(t, renamed, uids(v)[2])
	f.restart()
	require.Equal(t, renamed, uids(f.view("INBOX"))[2])
}

func TestCannotCalculateChangesKeepsUIDs(t *testing.T) {
	f := newFixture(t)
	var ids []jmap.ID
	for i := range 10 {
		ids = append(ids, f.server.add(int64(i), "inbox"))
	}
	v := f.view("INBOX")
	validity := v.Counters().UIDValidity
	f.server.change(ids[3], func(e *jmap.Email) { clear(e.MailboxIDs) })
	renamed := f.server.rename(ids[5])
	f.server.change(ids[6], func(e *jmap.Email) { e.Keywords["$seen"] = true })
	arrived := f.server.add(0, "inbox")
	f.server.forget()
	f.sync()
	require.Equal(t, []Event{
		{Kind: EventExpunge, Seq: 4, UID: 4}, {Kind: EventExists, N: 10}, {Kind: EventRecent, N: 10}, {Kind: EventFlags, Seq: 6, UID: 7},
	}, v.Poll(true))
	require.Equal(t, renamed, uids(v)[6])
	require.Equal(t, arrived, uids(v)[11])
	require.Equal(t, validity, v.Counters().UIDValidity)
}

func TestHasMoreChangesIsFollowed(t *testing.T) {
	f := newFixture(t)
	v := f.view("INBOX")
	f.server.changesPage = 3
	for i := range 20 {
		f.server.add(int64(i), "inbox")
	}
	f.sync()
	require.Equal(t, 20, v.Poll(true)[0].N)
}

func TestOutageIsAnErrorAndNeverEmpty(t *testing.T) {
	f := newFixture(t)
	f.server.add(1, "inbox")
	v := f.view("INBOX")
	f.server.before = errFake
	require.ErrorIs(t, f.account.Sync(ctx), ErrUnavailable)
	require.Equal(t, 1, v.Len())
	f.server.add(2, "inbox")
	f.sync()
	require.NotEmpty(t, v.Poll(true))
}

func TestLostReplyOfAWriteIsMadeUp(t *testing.T) {
	f := newFixture(t)
	f.server.add(1, "inbox")
	v := f.view("INBOX")
	f.server.lost = errFake
	f.server.taken()
	_, err := f.account.StoreFlags(ctx, v, StoreRequest{Seqs: []uint32{1}, Op: StoreAdd, Flags: []string{`\Seen`}})
	require.NoError(t, err, "the sync that follows shows that it was done")
	require.Equal(t, []string{"Email/set " + syncCalls, syncCalls}, f.server.taken(), "and it is not done again")
	m, _ := v.Message(1)
	require.True(t, m.Has(`\Seen`))
}

// What a client was shown is on the disk: a copy of the file made at any moment, as kill -9 would leave it, has every UID.
func TestWhatWasShownSurvivesAKill(t *testing.T) {
	f := newFixture(t)
	for i := range 10 {
		f.server.add(int64(i), "inbox", "work")
	}
	v := f.view("INBOX")
	shown := func() {
		t.Helper()
		v.Poll(true)
		killed := &fixture{t: t, server: f.server, path: filepath.Join(t.TempDir(), "copy.db")}
		data, err := os.ReadFile(f.path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(killed.path, data, 0o600))
		killed.open()
		defer killed.close()
		state := killed.account.replica.box("inbox").state.Load()
		require.Equal(t, v.Counters().UIDValidity, state.uidValidity)
		require.GreaterOrEqual(t, state.uidNext, v.Counters().UIDNext)
		for _, m := range v.Messages() {
			row := state.table.get(m.UID)
			require.NotNil(t, row)
			require.Equal(t, m.EmailID, jmap.ID(row.email.id()))
			require.Equal(t, []any{m.ModSeq, m.Deleted}, []any{row.modseq, row.isDeleted()})
		}
	}
	shown()
	_, err := f.account.Import(ctx, v.Box(), []ImportItem{item("x"), item("y", `\Deleted`)})
	require.NoError(t, err)
	shown()
	_, err = f.account.StoreFlags(ctx, v, StoreRequest{Seqs: []uint32{1, 2}, Op: StoreAdd, Flags: []string{`\Deleted`}})
	require.NoError(t, err)
	shown()
	_, err = f.account.Expunge(ctx, v, nil)
	require.NoError(t, err)
	shown()
	_, err = f.account.Move(ctx, v, []uint32{1}, f.box("Trash"))
	require.NoError(t, err)
	shown()
}
