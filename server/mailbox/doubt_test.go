package mailbox

import (
	"context"
	"crypto/sha256"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
)

// lose makes the server do the next request with a method, and its answer get lost.
func (f *fixture) lose(method string) {
	f.server.hook = func(q *jmap.Request) {
		for _, call := range q.MethodCalls {
			if call.Name == method {
				f.server.hook = nil
				f.server.mu.Lock()
				f.server.lost = errFake
				f.server.mu.Unlock()
			}
		}
	}
}

// appending is an item that Import can know again.
func appending(text string) ImportItem {
	return ImportItem{BlobID: jmap.ID("blob of " + text), ReceivedAt: time.Unix(100, 0), Digest: sha256.Sum256([]byte(text))}
}

func TestImportWithoutAnAnswerIsLookedForAndNotRepeated(t *testing.T) {
	f := newFixture(t)
	v := f.view("INBOX")
	f.server.taken()
	f.lose("Email/import")
	result, err := f.account.Import(ctx, v.Box(), []ImportItem{appending("a")})
	require.NoError(t, err)
	require.Equal(t, []uint32{1}, result.UIDs)
	require.Equal(t, []string{"Email/import " + syncCalls, syncCalls}, f.server.taken())

	result, err = f.account.Import(ctx, v.Box(), []ImportItem{appending("a")})
	require.NoError(t, err)
	require.Equal(t, []uint32{2}, result.UIDs, "two on purpose are two")

	f.server.before = errFake
	_, err = f.account.Import(ctx, v.Box(), []ImportItem{appending("a")})
	require.ErrorIs(t, err, ErrUnavailable)
	require.Len(t, f.server.ids(), 2)
	result, err = f.account.Import(ctx, v.Box(), []ImportItem{appending("a")})
	require.NoError(t, err)
	require.Equal(t, []uint32{3}, result.UIDs, "what had not been stored is stored now, and older ones are not taken for it")
}

// outage makes the server do the next import and then fail until it ends.
func (f *fixture) outage() (end func()) {
	down := false
	f.server.hook = func(q *jmap.Request) {
		f.server.mu.Lock()
		defer f.server.mu.Unlock()
		switch {
		case down:
			f.server.before = errFake
		case q.MethodCalls[0].Name == "Email/import":
			down = true
			f.server.lost = errFake
		}
	}
	return func() {
		f.server.mu.Lock()
		defer f.server.mu.Unlock()
		f.server.hook, f.server.before, f.server.lost = nil, nil, nil
	}
}

func TestImportRepeatedAfterAnOutageFindsWhatWasStored(t *testing.T) {
	f := newFixture(t)
	v := f.view("INBOX")
	work := f.view("Work")
	end := f.outage()
	_, err := f.account.Import(ctx, v.Box(), []ImportItem{appending("a")})
	require.ErrorIs(t, err, ErrUnknownOutcome)
	_, err = f.account.Import(ctx, v.Box(), []ImportItem{appending("a")})
	require.ErrorIs(t, err, ErrUnavailable)
	end()

	other, err := f.account.Import(ctx, v.Box(), []ImportItem{appending("b")})
	require.NoError(t, err)
	elsewhere, err := f.account.Import(ctx, work.Box(), []ImportItem{appending("a")})
	require.NoError(t, err)
	require.Len(t, f.server.ids(), 3, "other octets, and another mailbox")

	again := appending("a")
	again.ReceivedAt = time.Unix(200, 0) // a client without a date of its own sends a later one
	again.Flags = []string{`\Seen`, `\Deleted`}
	result, err := f.session().Import(ctx, v.Box(), []ImportItem{again}) // from a new connection
	require.NoError(t, err)
	require.Equal(t, []uint32{1}, result.UIDs)
	require.NotEqual(t, other.UIDs, result.UIDs)
	require.Equal(t, []uint32{1}, elsewhere.UIDs)
	require.Len(t, f.server.ids(), 3)
	v.Poll(true)
	m, _ := v.Message(1)
	require.True(t, m.Has(`\Seen`))
	require.True(t, m.Deleted)

	result, err = f.account.Import(ctx, v.Box(), []ImportItem{appending("a")})
	require.NoError(t, err)
	require.Equal(t, []uint32{3}, result.UIDs, "it was found once")
}

// A client whose connection breaks during APPEND sends the message again on another one.
func TestImportOfAClientThatLeftIsRemembered(t *testing.T) {
	f := newFixture(t)
	v := f.view("INBOX")
	leaving, leave := context.WithCancel(ctx)
	f.server.hook = func(q *jmap.Request) {
		f.server.hook = nil
		f.server.mu.Lock()
		defer f.server.mu.Unlock()
		f.server.lost = context.Canceled
		leave()
	}
	_, err := f.account.Import(leaving, v.Box(), []ImportItem{appending("a")})
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, f.server.ids(), 1)
	result, err := f.session().Import(ctx, v.Box(), []ImportItem{appending("a")})
	require.NoError(t, err)
	require.Equal(t, []uint32{1}, result.UIDs)
	require.Len(t, f.server.ids(), 1)
}

// What others store meanwhile is not what was sent, though it is the same in all respects.
func TestImportInDoubtDoesNotTakeWhatOthersStored(t *testing.T) {
	f := newFixture(t)
	v := f.view("INBOX")
	f.server.hook = func(q *jmap.Request) {
		f.server.hook = nil
		result, err := f.session().Import(ctx, v.Box(), []ImportItem{appending("a")})
		require.NoError(t, err)
		require.Equal(t, []uint32{1}, result.UIDs)
		f.server.before = errFake
	}
	_, err := f.account.Import(ctx, v.Box(), []ImportItem{appending("a")})
	require.ErrorIs(t, err, ErrUnavailable)
	result, err := f.account.Import(ctx, v.Box(), []ImportItem{appending("a")})
	require.NoError(t, err)
	require.Equal(t, []uint32{2}, result.UIDs)
}

// blobSession gives the octets of blobs, as a server does whose Emails have other blob ids than uploads.
type blobSession struct {
	*fakeSession
	blobs map[jmap.ID]string
}

func (s *blobSession) Download(_ context.Context, _, blob jmap.ID, _, _ string) (io.ReadCloser, int64, error) {
	text, ok := s.blobs[blob]
	if !ok {
		return nil, 0, jmapclient.ErrNotFound
	}
	return io.NopCloser(strings.NewReader(text)), int64(len(text)), nil
}

func TestImportInDoubtIsFoundByItsOctets(t *testing.T) {
	f := newFixture(t)
	session := &blobSession{&fakeSession{f.server}, map[jmap.ID]string{"stored": "a", "other": "b"}}
	a, err := f.registry.Open(ctx, session, fakeAccount)
	require.NoError(t, err)
	v := f.view("INBOX")
	f.server.hook = func(q *jmap.Request) {
		f.server.hook = nil
		f.server.mu.Lock()
		defer f.server.mu.Unlock()
		f.server.create("other", 100, "inbox")
		f.server.create("stored", 100, "inbox")
		f.server.before = errFake
	}
	result, err := a.Import(ctx, v.Box(), []ImportItem{appending("a")})
	require.NoError(t, err)
	v.Poll(true)
	m, _ := v.Message(result.UIDs[0])
	require.Equal(t, jmap.ID("stored"), m.BlobID)
	require.Len(t, f.server.ids(), 2)
}

func TestTrialsAreBounded(t *testing.T) {
	f := newFixture(t)
	b := f.account.replica.box(string(f.view("INBOX").Box().ID))
	store := &f.account.replica.trials
	for i := range 3 * maxTrials {
		store.end(store.begin(b, appending(strconv.Itoa(i))), "", true)
	}
	require.Len(t, store.list, maxTrials)
	require.NotEmpty(t, store.earlier(b, appending(strconv.Itoa(3*maxTrials-1))), "the newest are kept")
	require.Empty(t, store.earlier(b, appending("0")))
	for _, old := range store.list {
		old.until = time.Now().Add(-time.Second)
	}
	store.end(store.begin(b, appending("x")), "", false)
	require.Empty(t, store.list)
	store.end(store.begin(b, ImportItem{BlobID: "x"}), "", true)
	require.Empty(t, store.list, "without a digest there is nothing to know it by")
}

func TestMoveAndExpungeWithoutAnAnswer(t *testing.T) {
	f := newFixture(t)
	f.server.add(1, "inbox")
	f.server.add(2, "inbox", "work")
	f.server.add(3, "inbox")
	v, w := f.view("INBOX"), f.view("Work")
	f.server.taken()
	f.lose("Email/set")
	moved, err := f.account.Move(ctx, v, []uint32{1}, f.box("Work"))
	require.NoError(t, err)
	require.Equal(t, []uint32{1}, moved.Source)
	require.Equal(t, []uint32{2}, moved.Dest)
	require.Equal(t, []string{syncCalls, "Email/set " + syncCalls, syncCalls}, f.server.taken())
	v.Poll(true)

	_, err = f.account.StoreFlags(ctx, v, StoreRequest{Seqs: []uint32{1, 2}, Op: StoreAdd, Flags: []string{`\Deleted`}})
	require.NoError(t, err)
	f.lose("Email/set")
	gone, err := f.account.Expunge(ctx, v, nil)
	require.NoError(t, err)
	require.Equal(t, []uint32{2, 3}, gone.UIDs)
	require.Len(t, f.server.ids(), 2)
	w.Poll(true)
	require.Equal(t, 2, w.Len())
}

func TestWritesThatAreLostOnTheWayAreRepeatedWhereThatDoesNoHarm(t *testing.T) {
	f := newFixture(t)
	f.server.add(1, "inbox")
	v := f.view("INBOX")
	f.view("Work")
	for _, lost := range []bool{false, true} {
		fail := func() {
			if lost {
				f.server.lost = errFake
			} else {
				f.server.before = errFake
			}
		}
		name := map[bool]string{false: "unseen", true: "done"}[lost]
		work := f.box("Work")
		fail()
		_, err := f.account.Copy(ctx, v, []uint32{1}, work)
		require.NoError(t, err)
		f.server.hook = func(q *jmap.Request) {
			if q.MethodCalls[0].Name == "Mailbox/set" {
				f.server.hook = nil
				f.server.mu.Lock()
				defer f.server.mu.Unlock()
				fail()
			}
		}
		hook := f.server.hook
		_, err = f.account.Create(ctx, "New/"+name)
		require.NoError(t, err)
		f.server.hook = hook
		require.NoError(t, f.account.Rename(ctx, "New/"+name, "Moved/"+name))
		f.server.hook = hook
		require.NoError(t, f.account.Subscribe(ctx, "Moved/"+name, false))
		f.server.hook = hook
		require.NoError(t, f.account.Delete(ctx, "Moved/"+name))
		_, there := f.account.ByPath("Moved/" + name)
		require.False(t, there)
		require.Nil(t, f.server.hook)
	}
	require.Len(t, f.server.ids(), 1)
}
