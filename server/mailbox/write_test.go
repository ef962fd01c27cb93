package mailbox

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

const syncCalls = "Email/changes Email/get Email/get Mailbox/changes Mailbox/get Mailbox/get"

func TestStoreSendsOneRequestAndOnlyWhatChanges(t *testing.T) {
	f := newFixture(t)
	f.server.add(1, "inbox")
	f.server.add(2, "inbox")
	v := f.view("INBOX")
	f.server.taken()
	q := StoreRequest{Seqs: []uint32{1, 2}, Op: StoreAdd, Flags: []string{`\Seen`, "$Label1"}}
	result, err := f.account.StoreFlags(ctx, v, q)
	require.NoError(t, err)
	require.Equal(t, []uint32{1, 2}, result.Stored)
	require.Equal(t, []string{"Email/set " + syncCalls}, f.server.taken())
	m, _ := v.Message(1)
	require.Contains(t, m.Flags(), "$Label1")
	require.Empty(t, v.Poll(true), "a session is not told what it did itself")
	_, err = f.account.StoreFlags(ctx, v, q)
	require.NoError(t, err)
	require.Equal(t, []string{syncCalls}, f.server.taken(), "nothing changes, if the replica is right")
	q = StoreRequest{Seqs: []uint32{1}, Op: StoreAdd, Flags: []string{`\Deleted`}}
	_, err = f.account.StoreFlags(ctx, v, q)
	require.NoError(t, err)
	require.Empty(t, f.server.taken(), "the server does not know it")
	require.Equal(t, 1, v.Box().Deleted)
	q = StoreRequest{Seqs: []uint32{1}, Op: StoreReplace, Flags: []string{`\Flagged`}}
	_, err = f.account.StoreFlags(ctx, v, q)
	require.NoError(t, err)
	m, _ = v.Message(1)
	require.Equal(t, []string{`\Flagged`, `\Recent`}, m.Flags())
}

func TestStoreTakesNoOldTruthForGranted(t *testing.T) {
	f := newFixture(t)
	id := f.server.add(1, "inbox")
	v := f.view("INBOX")
	q := StoreRequest{Seqs: []uint32{1}, Op: StoreAdd, Flags: []string{`\Seen`}}
	_, err := f.account.StoreFlags(ctx, v, q)
	require.NoError(t, err)
	f.server.change(id, func(e *jmap.Email) { e.Keywords = map[string]bool{} })
	_, err = f.account.StoreFlags(ctx, v, q)
	require.NoError(t, err)
	require.True(t, f.server.emails[id].Keywords["$seen"])
	m, _ := v.Message(1)
	require.Contains(t, m.Flags(), `\Seen`)
}

func TestStoreTriesAgainWhenTheServerIsBusy(t *testing.T) {
	f := newFixture(t)
	f.server.add(1, "inbox")
	f.server.add(2, "inbox")
	v := f.view("INBOX")
	f.server.busy = busyTries - 1
	result, err := f.account.StoreFlags(ctx, v, StoreRequest{Seqs: []uint32{1, 2}, Op: StoreAdd, Flags: []string{`\Seen`}})
	require.NoError(t, err)
	require.Equal(t, []uint32{1, 2}, result.Stored)
	f.server.busy = 1000
	result, err = f.account.StoreFlags(ctx, v, StoreRequest{Seqs: []uint32{1, 2}, Op: StoreRemove, Flags: []string{`\Seen`}})
	require.NoError(t, err)
	require.Len(t, result.Failed, 2)
	require.ErrorIs(t, result.Failed[0].Err, ErrNoPerm)
}

func TestStoreIsToldInOtherMailboxesAndSessions(t *testing.T) {
	f := newFixture(t)
	f.server.add(1, "inbox", "work")
	v, w := f.view("INBOX"), f.view("Work")
	other := f.session()
	box, _ := other.ByPath("INBOX")
	o, err := other.Select(ctx, box, true)
	require.NoError(t, err)
	before, _ := w.Message(1)
	_, err = f.account.StoreFlags(ctx, v, StoreRequest{Seqs: []uint32{1}, Op: StoreAdd, Flags: []string{`\Seen`}, Silent: true})
	require.NoError(t, err)
	require.Empty(t, v.Poll(true))
	for _, view := range []*View{w, o} {
		<-view.Changed()
		require.Equal(t, []Event{{Kind: EventFlags, Seq: 1, UID: 1}}, view.Poll(false))
	}
	after, _ := w.Message(1)
	require.Greater(t, after.ModSeq, before.ModSeq)
	require.True(t, after.Has(`\seen`))
}

func TestSilentStoreTellsWhatOthersChanged(t *testing.T) {
	f := newFixture(t)
	id := f.server.add(1, "inbox")
	v := f.view("INBOX")
	f.server.change(id, func(e *jmap.Email) { e.Keywords["$flagged"] = true })
	_, err := f.account.StoreFlags(ctx, v, StoreRequest{Seqs: []uint32{1}, Op: StoreAdd, Flags: []string{`\Seen`}, Silent: true})
	require.NoError(t, err)
	require.Equal(t, []Event{{Kind: EventFlags, Seq: 1, UID: 1}}, v.Poll(false))
}

func TestStoreUnchangedSince(t *testing.T) {
	f := newFixture(t)
	id := f.server.add(1, "inbox")
	f.server.add(2, "inbox")
	v := f.view("INBOX")
	since := v.Counters().HighestModSeq
	f.server.change(id, func(e *jmap.Email) { e.Keywords["$flagged"] = true })
	f.sync()
	result, err := f.account.StoreFlags(ctx, v, StoreRequest{
		Seqs: []uint32{1, 2}, Op: StoreAdd, Flags: []string{`\Seen`}, UnchangedSince: since, HasUnchangedSince: true,
	})
	require.NoError(t, err)
	require.Equal(t, []uint32{1}, result.Modified)
	require.Equal(t, []uint32{2}, result.Stored)
}

func TestStoreRefusesWhatIsNoFlag(t *testing.T) {
	f := newFixture(t)
	f.server.add(1, "inbox")
	v := f.view("INBOX")
	for _, flag := range []string{`\Unknown`, "$seen", "a b", "", "x]", "ä"} {
		_, err := f.account.StoreFlags(ctx, v, StoreRequest{Seqs: []uint32{1}, Op: StoreAdd, Flags: []string{flag}})
		require.ErrorIs(t, err, ErrKeyword, flag)
	}
}

func TestCopyPairsUIDsAndKeepsThoseThere(t *testing.T) {
	f := newFixture(t)
	a, b, c := f.server.add(1, "inbox"), f.server.add(2, "inbox", "work"), f.server.add(3, "inbox")
	v, w := f.view("INBOX"), f.view("Work")
	f.server.change(c, func(e *jmap.Email) { clear(e.MailboxIDs) }) // vanishes unseen
	f.server.taken()
	result, err := f.account.Copy(ctx, v, []uint32{3, 1, 2}, f.box("Work"))
	require.NoError(t, err)
	require.Equal(t, []string{syncCalls, "Email/set " + syncCalls}, f.server.taken())
	require.Equal(t, []uint32{1, 2}, result.Source)
	require.Equal(t, []uint32{2, 1}, result.Dest)
	require.Equal(t, w.Counters().UIDValidity, result.UIDValidity)
	w.Poll(true)
	require.Equal(t, map[uint32]jmap.ID{1: b, 2: a}, uids(w))
	same, err := f.account.Copy(ctx, v, []uint32{1}, f.box("INBOX"))
	require.NoError(t, err)
	require.Equal(t, same.Source, same.Dest)
}

// What is copied or moved to where it is already, marked \Deleted, would be destroyed by the next EXPUNGE there.
func TestCopyAndMoveTakeDeletedOff(t *testing.T) {
	f := newFixture(t)
	first, second := f.server.add(1, "inbox", "work"), f.server.add(2, "inbox", "work")
	v, w := f.view("INBOX"), f.view("Work")
	deleted := func(view *View, op StoreOp) {
		_, err := f.account.StoreFlags(ctx, view, StoreRequest{Seqs: []uint32{1, 2}, Op: op, Flags: []string{`\Deleted`}})
		require.NoError(t, err)
	}
	deleted(w, StoreAdd)
	_, err := f.account.Copy(ctx, v, []uint32{1}, f.box("Work"))
	require.NoError(t, err)
	require.Equal(t, 1, w.Box().Deleted)
	_, err = f.account.Move(ctx, v, []uint32{2}, f.box("Work"))
	require.NoError(t, err)
	require.Zero(t, w.Box().Deleted)
	require.Len(t, w.Poll(true), 2, "both are told to be no longer marked")
	_, err = f.account.Expunge(ctx, w, nil)
	require.NoError(t, err)
	require.Equal(t, []jmap.ID{first, second}, f.server.ids())
	deleted(w, StoreAdd)
	_, err = f.account.Copy(ctx, w, []uint32{1}, f.box("Work"))
	require.NoError(t, err)
	require.Equal(t, 1, w.Box().Deleted, "also into the same mailbox")
}

func TestMoveTakesOutAlsoWhatIsThereAlready(t *testing.T) {
	f := newFixture(t)
	f.server.add(1, "inbox")
	f.server.add(2, "inbox", "trash")
	v, trash := f.view("INBOX"), f.view("Trash")
	result, err := f.account.Move(ctx, v, []uint32{1, 2}, f.box("Trash"))
	require.NoError(t, err)
	require.Equal(t, []uint32{1, 2}, result.Source)
	require.Equal(t, []uint32{2, 1}, result.Dest)
	require.Equal(t, []Event{{Kind: EventExpunge, Seq: 2, UID: 2}, {Kind: EventExpunge, Seq: 1, UID: 1}}, v.Poll(true))
	trash.Poll(true)
	require.Equal(t, 2, trash.Len())
}

func TestExpungeKeepsWhatIsElsewhere(t *testing.T) {
	f := newFixture(t)
	only, both := f.server.add(1, "inbox"), f.server.add(2, "inbox", "work")
	v := f.view("INBOX")
	_, err := f.account.StoreFlags(ctx, v, StoreRequest{Seqs: []uint32{1, 2}, Op: StoreAdd, Flags: []string{`\Deleted`}})
	require.NoError(t, err)
	result, err := f.account.Expunge(ctx, v, nil)
	require.NoError(t, err)
	require.Equal(t, []uint32{1, 2}, result.UIDs)
	require.NotContains(t, f.server.ids(), only)
	require.Contains(t, f.server.ids(), both)
	require.Len(t, v.Poll(false), 0, "an expunge is not told where IMAP does not allow it")
	m, ok := v.Message(2)
	require.True(t, ok)
	require.Equal(t, both, m.EmailID)
	require.Len(t, v.Poll(true), 2)
}

// An Email that somebody puts elsewhere at the last moment is not destroyed.
func TestExpungeIsWorkedOutAnewWhenTheStateMoved(t *testing.T) {
	f := newFixture(t)
	id := f.server.add(1, "inbox")
	v := f.view("INBOX")
	_, err := f.account.StoreFlags(ctx, v, StoreRequest{Seqs: []uint32{1}, Op: StoreAdd, Flags: []string{`\Deleted`}})
	require.NoError(t, err)
	f.server.hook = func(*jmap.Request) {
		f.server.hook = nil
		f.server.change(id, func(e *jmap.Email) { e.MailboxIDs["work"] = true })
	}
	_, err = f.account.Expunge(ctx, v, nil)
	require.NoError(t, err)
	require.Contains(t, f.server.ids(), id)
	require.Equal(t, 1, f.view("Work").Len())
	require.Len(t, v.Poll(true), 1)
}

func TestExpungeGivesUpWhenTheStateNeverRests(t *testing.T) {
	f := newFixture(t)
	f.server.add(1, "inbox")
	v := f.view("INBOX")
	_, err := f.account.StoreFlags(ctx, v, StoreRequest{Seqs: []uint32{1}, Op: StoreAdd, Flags: []string{`\Deleted`}})
	require.NoError(t, err)
	f.server.hook = func(*jmap.Request) { f.server.add(2, "work") }
	_, err = f.account.Expunge(ctx, v, nil)
	require.ErrorIs(t, err, ErrConflict)
	require.Len(t, v.Poll(true), 0)
}

func item(blob jmap.ID, flags ...string) ImportItem {
	return ImportItem{BlobID: blob, Flags: flags, ReceivedAt: time.Unix(100, 0)}
}

func TestImport(t *testing.T) {
	f := newFixture(t)
	v := f.view("INBOX")
	f.server.taken()
	result, err := f.account.Import(ctx, v.Box(), []ImportItem{item("x", `\Seen`, `\Deleted`), item("y", "Foo")})
	require.NoError(t, err)
	require.Equal(t, []string{"Email/import " + syncCalls}, f.server.taken())
	require.Equal(t, &ImportResult{UIDValidity: v.Counters().UIDValidity, UIDs: []uint32{1, 2}}, result)
	v.Poll(true)
	m, _ := v.Message(1)
	require.True(t, m.Deleted && m.Has(`\Seen`))
	m, _ = v.Message(2)
	require.Equal(t, []string{"Foo", `\Recent`}, m.Flags())
}

func TestImportOfWhatTheServerHas(t *testing.T) {
	for _, named := range []bool{true, false} {
		f := newFixture(t)
		f.server.dedupe, f.server.noExisting = true, !named
		f.server.create("x", 1, "work")
		w := f.view("Work")
		_, err := f.account.StoreFlags(ctx, w, StoreRequest{Seqs: []uint32{1}, Op: StoreAdd, Flags: []string{`\Deleted`}})
		require.NoError(t, err)
		result, err := f.account.Import(ctx, f.box("INBOX"), []ImportItem{item("x", `\Seen`)})
		require.NoError(t, err)
		require.Equal(t, []uint32{1}, result.UIDs)
		require.Len(t, f.server.ids(), 1)
		again, err := f.account.Import(ctx, f.box("Work"), []ImportItem{item("x"), item("x")})
		require.NoError(t, err)
		require.Equal(t, []uint32{1, 1}, again.UIDs)
		w.Poll(true)
		m, _ := w.Message(1)
		require.False(t, m.Deleted, "what is appended again is not deleted")
		require.True(t, m.Has(`\Seen`))
		last, err := f.account.Import(ctx, f.box("Work"), []ImportItem{item("x", `\Deleted`)})
		require.NoError(t, err)
		require.Equal(t, []uint32{1}, last.UIDs)
		w.Poll(true)
		m, _ = w.Message(1)
		require.False(t, m.Deleted, "what was there before is not deleted by an EXPUNGE after an APPEND")
		moved, err := f.account.Import(ctx, f.box("Trash"), []ImportItem{item("x", `\Deleted`)})
		require.NoError(t, err)
		m, _ = f.view("Trash").Message(moved.UIDs[0])
		require.True(t, m.Deleted)
	}
}

// Cyrus does not find what was just uploaded when others change the account at that moment.
func TestImportLooksAgainForItsBlob(t *testing.T) {
	f := newFixture(t)
	v := f.view("INBOX")
	f.server.blobLate = 2
	result, err := f.account.Import(ctx, v.Box(), []ImportItem{item("x")})
	require.NoError(t, err)
	require.Equal(t, []uint32{1}, result.UIDs)
	f.server.blobLate = 100
	_, err = f.account.Import(ctx, v.Box(), []ImportItem{item("y")})
	require.ErrorIs(t, err, ErrBlobGone)
	require.Len(t, f.server.ids(), 1)
}

func TestImportIsAllOrNone(t *testing.T) {
	f := newFixture(t)
	v := f.view("INBOX")
	_, err := f.account.Import(ctx, v.Box(), []ImportItem{item("x"), item("bad"), item("y")})
	require.ErrorIs(t, err, ErrInvalidMessage)
	require.Empty(t, f.server.ids())
	v.Poll(true)
	require.Equal(t, 0, v.Len())
}

func TestReadOnlyViewChangesNothing(t *testing.T) {
	f := newFixture(t)
	f.server.add(1, "inbox")
	v, err := f.account.Select(ctx, f.box("INBOX"), true)
	require.NoError(t, err)
	_, err = f.account.StoreFlags(ctx, v, StoreRequest{Seqs: []uint32{1}, Op: StoreAdd, Flags: []string{`\Seen`}})
	require.ErrorIs(t, err, ErrReadOnly)
	_, err = f.account.Expunge(ctx, v, nil)
	require.ErrorIs(t, err, ErrReadOnly)
	_, err = f.account.Move(ctx, v, []uint32{1}, f.box("Trash"))
	require.ErrorIs(t, err, ErrReadOnly)
	require.Equal(t, 1, v.Counters().Recent)
	require.Equal(t, 1, f.view("INBOX").Counters().Recent, "EXAMINE does not take \\Recent away")
	require.Equal(t, 0, f.view("INBOX").Counters().Recent)
}

func TestSetErrorsAreMapped(t *testing.T) {
	for kind, want := range map[jmap.SetErrorType]error{
		jmap.SetErrorForbidden: ErrNoPerm, jmap.SetErrorOverQuota: ErrOverQuota, jmap.SetErrorTooLarge: ErrTooBig,
		jmap.SetErrorNotFound: ErrExpunged, jmap.SetErrorTooManyKeywords: ErrLimit, "serverFail": ErrUnavailable,
	} {
		err := mapSetError(jmap.SetError{Type: kind})
		require.ErrorIs(t, err, want)
		var cause jmap.SetError
		require.True(t, errors.As(err, &cause))
	}
}

// slowAnswers is a session whose answers to writes come after somebody else has heard of what they did.
type slowAnswers struct {
	*fakeSession
	meanwhile func()
}

func (s *slowAnswers) Do(ctx context.Context, q *jmap.Request) (*jmap.Response, error) {
	answer, err := s.fakeSession.Do(ctx, q)
	if q.MethodCalls[0].Name == "Email/set" {
		s.meanwhile()
	}
	return answer, err
}

// A write is not asked for again when a sync of another session has brought what it did before its answer came.
func TestWriteThatASyncOvertakes(t *testing.T) {
	f := newFixture(t)
	f.server.add(1, "inbox")
	f.server.add(2, "inbox")
	listener := f.view("INBOX")
	a, err := f.registry.Open(ctx, &slowAnswers{&fakeSession{f.server}, func() { require.NoError(t, f.account.Sync(ctx)) }}, fakeAccount)
	require.NoError(t, err)
	defer a.Close()
	v, err := a.Select(ctx, f.box("INBOX"), false)
	require.NoError(t, err)
	defer v.Close()
	work, ok := a.ByPath("Work")
	require.True(t, ok)
	require.NoError(t, a.Load(ctx, work))
	f.server.taken()
	_, err = a.StoreFlags(ctx, v, StoreRequest{Seqs: []uint32{1}, Op: StoreAdd, Flags: []string{`\Seen`}})
	require.NoError(t, err)
	require.Equal(t, []string{"Email/set " + syncCalls, syncCalls}, f.server.taken())
	m, _ := v.Message(1)
	require.True(t, m.Has(FlagSeen))
	require.Len(t, listener.Poll(true), 1)
	result, err := a.Move(ctx, v, []uint32{1, 2}, work)
	require.NoError(t, err)
	require.Equal(t, []string{"Email/set " + syncCalls, syncCalls}, f.server.taken())
	require.Equal(t, []uint32{1, 2}, result.Dest)
	require.Len(t, listener.Poll(true), 2)
}
