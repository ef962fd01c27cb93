package mailbox

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/jmap/embedded"
	"github.com/dragoman-mail/dragoman/server/store/boltstore"
)

// whole is a replica over the embedded store and the real client.
type whole struct {
	t        testing.TB
	client   *jmapclient.Client
	registry *Registry
	path     string
	store    *boltstore.Store
	mail     *embedded.Store
}

func newWhole(t testing.TB) *whole {
	dir := t.TempDir()
	mail, err := embedded.Open(embedded.Options{Dir: filepath.Join(dir, "mail"), HashIterations: 1})
	require.NoError(t, err)
	t.Cleanup(func() { mail.Close() })
	require.NoError(t, mail.AddAccount("ann", "secret"))
	client, err := jmapclient.New(jmapclient.Config{URL: "http://embedded.invalid/", HTTPTransport: mail.Transport()})
	require.NoError(t, err)
	w := &whole{t: t, client: client, path: filepath.Join(dir, "state"), mail: mail}
	w.open()
	t.Cleanup(w.close)
	return w
}

func (w *whole) open() {
	var err error
	w.store, err = boltstore.Open(w.path)
	require.NoError(w.t, err)
	w.registry = NewRegistry(w.store, Options{Server: "embedded", Poll: time.Hour, Linger: -1})
}

func (w *whole) close() {
	w.registry.Close()
	w.store.Close()
}

func (w *whole) login() (*jmapclient.Session, *Account) {
	session, err := w.client.Login(ctx, jmapclient.Credentials{User: "ann", Password: "secret"})
	require.NoError(w.t, err)
	id, ok := session.MailAccount()
	require.True(w.t, ok)
	a, err := w.registry.Open(ctx, session, id)
	require.NoError(w.t, err)
	w.t.Cleanup(a.Close)
	require.NoError(w.t, a.Sync(ctx))
	return session, a
}

func (w *whole) upload(session *jmapclient.Session, account jmap.ID, n int) jmap.ID {
	text := fmt.Sprintf("From: a@example.org\r\nSubject: message %d\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\nbody %d\r\n", n, n)
	uploaded, err := session.Upload(ctx, account, "message/rfc822", strings.NewReader(text), int64(len(text)))
	require.NoError(w.t, err)
	return uploaded.BlobID
}

func TestOverTheEmbeddedStore(t *testing.T) {
	w := newWhole(t)
	session, a := w.login()
	inbox, ok := a.ByPath("inbox")
	require.True(t, ok)
	var items []ImportItem
	const messages = 620 // more than one chunk
	for n := range messages {
		items = append(items, ImportItem{BlobID: w.upload(session, a.ID(), n), ReceivedAt: time.Unix(int64(1e9+n), 0)})
	}
	for len(items) > 0 {
		n := min(len(items), 200)
		result, err := a.Import(ctx, inbox, items[:n])
		require.NoError(t, err)
		require.Len(t, result.UIDs, n)
		items = items[n:]
	}
	v, err := a.Select(ctx, inbox, false)
	require.NoError(t, err)
	require.Equal(t, messages, v.Len())
	w.flagsAndCopies(a, v)
	before, counters := uids(v), v.Box().Counters
	a.Close()
	w.close()
	w.open()
	_, a = w.login()
	inbox, _ = a.ByPath("INBOX")
	v, err = a.Select(ctx, inbox, true)
	require.NoError(t, err)
	require.Equal(t, before, uids(v))
	require.Equal(t, counters, v.Box().Counters)
}

// flagsAndCopies changes every message of a view and leaves some of them.
func (w *whole) flagsAndCopies(a *Account, v *View) {
	t := w.t
	stored, err := a.StoreFlags(ctx, v, StoreRequest{Seqs: all(v), Op: StoreAdd, Flags: []string{`\Seen`, "$Forwarded"}})
	require.NoError(t, err)
	require.Len(t, stored.Stored, v.Len())
	require.Zero(t, v.Box().Unseen)
	archive, err := a.Create(ctx, "Archive/2024")
	require.NoError(t, err)
	copied, err := a.Copy(ctx, v, all(v), archive)
	require.NoError(t, err)
	require.Len(t, copied.Dest, v.Len())
	moved, err := a.Move(ctx, v, []uint32{1, 2}, archive)
	require.NoError(t, err)
	require.Equal(t, copied.Dest[:2], moved.Dest)
	v.Poll(true)
	_, err = a.StoreFlags(ctx, v, StoreRequest{Seqs: []uint32{1, 5}, Op: StoreAdd, Flags: []string{`\Deleted`}})
	require.NoError(t, err)
	expunged, err := a.Expunge(ctx, v, nil)
	require.NoError(t, err)
	require.Equal(t, []uint32{3, 7}, expunged.UIDs)
	require.Len(t, v.Poll(true), 2)
	require.NoError(t, a.Delete(ctx, "Archive/2024"))
	require.NoError(t, a.Sync(ctx))
	v.Poll(true)
	require.Equal(t, len(copied.Dest)-4, v.Len())
	require.NoError(t, a.Rename(ctx, "Archive", "Sent stuff"))
}

func TestPushReachesAnotherSessionOfTheEmbeddedStore(t *testing.T) {
	w := newWhole(t)
	session, a := w.login()
	inbox, _ := a.ByPath("INBOX")
	v, err := a.Select(ctx, inbox, false)
	require.NoError(t, err)
	defer v.Listen()()
	// Another client, which the replica does not know.
	blob := w.upload(session, a.ID(), 1)
	require.Eventually(t, a.replica.isLive, 10*time.Second, time.Millisecond)
	var q jmap.Request
	jmap.Add(&q, &jmap.EmailImport{AccountID: a.ID(), Emails: map[jmap.ID]*jmap.EmailImportObject{
		"x": {BlobID: blob, MailboxIDs: map[jmap.ID]bool{inbox.ID: true}},
	}})
	_, err = session.Do(ctx, &q)
	require.NoError(t, err)
	require.Equal(t, EventExists, wait(t, v)[0].Kind)
	require.NoError(t, a.Sync(ctx))
	recorder := jmapclient.NewRecorder(false)
	recorded := jmapclient.WithRecorder(ctx, recorder)
	require.Eventually(t, func() bool {
		recorder.Take()
		return a.Sync(recorded) == nil && len(recorder.Exchanges()) == 0
	}, 10*time.Second, 10*time.Millisecond, "push vouches for the replica")
}
