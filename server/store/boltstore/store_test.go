package boltstore

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	bolt "github.com/boltdb/bolt"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dragoman-mail/dragoman/server/store"
	"github.com/dragoman-mail/dragoman/server/store/memstore"
)

var ctx = context.Background()

func open(t testing.TB, path string) *Store {
	s, err := Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

var key = store.Key{Server: "s", Account: "a"}

// contents is all that a store says of an account, in a comparable form.
type contents struct {
	Head      store.Head
	Mailboxes map[string]store.Mailbox
	Emails    map[string]store.Email
	Rows      map[string][]store.Row
	Expunged  map[string][]store.Expunged
}

func read(t require.TestingT, s store.Store, since uint64) contents {
	c := contents{
		Mailboxes: map[string]store.Mailbox{}, Emails: map[string]store.Email{}, Rows: map[string][]store.Row{},
		Expunged: map[string][]store.Expunged{},
	}
	head, mailboxes, err := s.Account(ctx, key)
	require.NoError(t, err)
	c.Head = head
	if len(c.Head.Spelling) == 0 {
		c.Head.Spelling = nil
	}
	require.NoError(t, s.Emails(ctx, key, func(e store.Email) bool { c.Emails[e.ID] = e; return true }))
	for _, m := range mailboxes {
		c.Mailboxes[m.ID] = m
	}
	for _, id := range boxes {
		require.NoError(t, s.Rows(ctx, key, id, func(r store.Row) bool { c.Rows[id] = append(c.Rows[id], r); return true }))
		require.NoError(t, s.Expunged(ctx, key, id, since, func(e store.Expunged) bool {
			c.Expunged[id] = append(c.Expunged[id], e)
			return true
		}))
	}
	return c
}

var boxes = []string{"m1", "m2"}

func drawChange(t *rapid.T, revision uint64) *store.Change {
	text := rapid.StringN(0, 8, -1)
	id := rapid.Custom(func(t *rapid.T) string { return "e" + strconv.Itoa(rapid.IntRange(0, 5).Draw(t, "n")) })
	email := rapid.Custom(func(t *rapid.T) store.Email {
		return store.Email{
			ID: id.Draw(t, "id"), BlobID: text.Draw(t, "blob"), ThreadID: text.Draw(t, "thread"), Size: rapid.Int64().Draw(t, "size"),
			ReceivedAt: rapid.Int64().Draw(t, "received"), Keywords: rapid.SliceOfN(text, 0, 3).Draw(t, "keywords"),
			Mailboxes: rapid.SliceOfN(text, 0, 3).Draw(t, "mailboxes"),
		}
	})
	mailbox := rapid.Custom(func(t *rapid.T) store.Mailbox {
		return store.Mailbox{
			ID: rapid.SampledFrom(boxes).Draw(t, "id"), Name: text.Draw(t, "name"), ParentID: text.Draw(t, "parent"),
			Role: text.Draw(t, "role"), Suffix: text.Draw(t, "suffix"), SortOrder: rapid.Uint64().Draw(t, "sort"),
			Subscribed: rapid.Bool().Draw(t, "sub"), Rights: rapid.Uint16().Draw(t, "rights"), Loading: rapid.Bool().Draw(t, "loading"),
			Loaded: rapid.Bool().Draw(t, "loaded"), TotalEmails: rapid.Uint64().Draw(t, "total"), UIDNext: rapid.Uint32().Draw(t, "next"),
			UIDValidity: rapid.Uint32().Draw(t, "validity"), ModSeq: rapid.Uint64().Draw(t, "modseq"),
			RecentBase: rapid.Uint32().Draw(t, "recent"),
		}
	})
	row := rapid.Custom(func(t *rapid.T) store.Row {
		return store.Row{
			UID: rapid.Uint32Range(1, 9).Draw(t, "uid"), ModSeq: rapid.Uint64().Draw(t, "modseq"), Deleted: rapid.Bool().Draw(t, "deleted"),
			EmailID: id.Draw(t, "email"),
		}
	})
	change := &store.Change{
		Head: store.Head{
			Revision: revision, EmailState: text.Draw(t, "state"), MailboxState: text.Draw(t, "mailboxes"),
			LastUIDValidity: rapid.Uint32().Draw(t, "validity"), Spelling: rapid.MapOfN(text, text, 0, 2).Draw(t, "spelling"),
		},
		Emails: rapid.SliceOfN(email, 0, 4).Draw(t, "emails"), DropEmails: rapid.SliceOfN(id, 0, 2).Draw(t, "drop"),
		Mailboxes: rapid.SliceOfN(mailbox, 0, 2).Draw(t, "mailboxes"),
	}
	if len(change.Head.Spelling) == 0 {
		change.Head.Spelling = nil
	}
	for _, box := range boxes {
		part := store.RowChange{Mailbox: box, Clear: rapid.IntRange(0, 5).Draw(t, "clear") == 0, Put: rapid.SliceOfN(row, 0, 4).Draw(t, "rows")}
		for _, uid := range rapid.SliceOfNDistinct(rapid.Uint32Range(1, 9), 0, 3, rapid.ID).Draw(t, "expunge") {
			part.Expunge = append(part.Expunge, store.Expunged{UID: uid, ModSeq: 2*revision + uint64(uid%2)})
		}
		change.Rows = append(change.Rows, part)
	}
	if rapid.IntRange(0, 5).Draw(t, "dropMailbox") == 0 {
		change.DropMailboxes = []string{rapid.SampledFrom(boxes).Draw(t, "dropped")}
	}
	return change
}

// The store in a file and the one in memory always say the same, also after the file was closed and opened.
func TestStoreAgreesWithTheOneInMemory(t *testing.T) {
	dir, runs := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		path := filepath.Join(dir, strconv.Itoa(runs))
		s, err := Open(path)
		require.NoError(rt, err)
		s.db.NoSync = true
		defer func() { s.Close() }()
		model := memstore.New()
		for revision := range uint64(rapid.IntRange(1, 5).Draw(rt, "commits")) {
			change := drawChange(rt, revision)
			require.NoError(rt, model.Commit(ctx, key, change))
			require.NoError(rt, s.Commit(ctx, key, change))
			require.ErrorIs(rt, s.Commit(ctx, key, change), store.ErrConflict)
			require.ErrorIs(rt, model.Commit(ctx, key, change), store.ErrConflict)
			require.Equal(rt, read(rt, model, revision), read(rt, s, revision))
			if rapid.Bool().Draw(rt, "reopen") {
				require.NoError(rt, s.Close())
				s, err = Open(path)
				require.NoError(rt, err)
				s.db.NoSync = true
				require.Equal(rt, read(rt, model, 0), read(rt, s, 0))
			}
		}
		other := store.Key{Server: "s", Account: "a", Viewer: "v"}
		head, mailboxes, err := s.Account(ctx, other)
		require.NoError(rt, err)
		require.True(rt, head.Revision == 0 && len(mailboxes) == 0)
	})
}

func TestKeysDoNotRunTogether(t *testing.T) {
	keys := []store.Key{{Server: "a", Account: "bc"}, {Server: "ab", Account: "c"}, {Server: "a", Account: "b", Viewer: "c"}, {Server: "abc"}}
	seen := map[string]bool{}
	for _, k := range keys {
		seen[string(keyOf(k))] = true
	}
	require.Len(t, seen, len(keys))
}

// Servers are found however many accounts lie between them.
func TestServers(t *testing.T) {
	s, model := open(t, filepath.Join(t.TempDir(), "state")), memstore.New()
	var want []string
	for _, server := range []string{"https://b.example", "a", "", strings.Repeat("x", 300)} {
		want = append(want, server)
		for _, account := range []string{"", "u1", strings.Repeat("u", 127), strings.Repeat("u", 255)} {
			k := store.Key{Server: server, Account: account}
			for _, own := range []store.Store{s, model} {
				require.NoError(t, own.Commit(t.Context(), k, &store.Change{}))
			}
		}
	}
	slices.Sort(want)
	for _, own := range []store.Store{s, model} {
		got, err := own.Servers(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestFileInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	open(t, path)
	_, err := Open(path)
	require.ErrorIs(t, err, store.ErrInUse)
	require.ErrorContains(t, err, path)
}

func TestNewerSchemaIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	s := open(t, path)
	require.NoError(t, s.update(func(tx *bolt.Tx) error {
		return tx.Bucket(metaBucket).Put(schemaKey, binary.BigEndian.AppendUint32(nil, schema+1))
	}))
	require.NoError(t, s.Close())
	_, err := Open(path)
	require.ErrorIs(t, err, store.ErrNewer)
	require.ErrorContains(t, err, path)
}

func TestClosedStore(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state"))
	require.NoError(t, s.Close())
	_, _, err := s.Account(ctx, key)
	require.ErrorIs(t, err, store.ErrClosed)
	require.ErrorIs(t, s.Commit(ctx, key, &store.Change{}), store.ErrClosed)
}

// filled makes a store with some pages in it and returns the octets of its file.
func filled(t *testing.T, path string) []byte {
	s := open(t, path)
	change := &store.Change{Rows: []store.RowChange{{Mailbox: "m1"}}}
	for uid := range uint32(2000) {
		change.Rows[0].Put = append(change.Rows[0].Put, store.Row{UID: uid + 1, ModSeq: 1, EmailID: "some-email-id"})
	}
	require.NoError(t, s.Commit(ctx, key, change))
	require.NoError(t, s.Close())
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return data
}

// However short a file is cut, opening it and reading all of it is an error or the truth, and never the end of the process.
func TestFileCutShort(t *testing.T) {
	dir := t.TempDir()
	data := filled(t, filepath.Join(dir, "whole"))
	path := filepath.Join(dir, "cut")
	refused := 0
	for _, size := range []int{1, 100, 4095, 4096, 4096 + 100, 8192, 16384, len(data) / 4, len(data) / 2} {
		require.NoError(t, os.WriteFile(path, data[:size], 0o600))
		s, err := Open(path)
		if err != nil {
			require.ErrorIs(t, err, store.ErrDamaged)
			require.ErrorContains(t, err, path)
			refused++
			continue
		}
		count := 0
		if s.Rows(ctx, key, "m1", func(store.Row) bool { count++; return true }) == nil {
			require.Equal(t, 2000, count)
		}
		require.NoError(t, s.Close())
	}
	require.Greater(t, refused, 5)
}

// Octets changed anywhere lead to errors at most.
func TestFileWithChangedOctets(t *testing.T) {
	dir := t.TempDir()
	data := filled(t, filepath.Join(dir, "whole"))
	path := filepath.Join(dir, "changed")
	for at := 0; at < len(data); at += 997 {
		changed := slices.Clone(data)
		for i := at; i < min(at+16, len(data)); i++ {
			changed[i] ^= 0xff
		}
		require.NoError(t, os.WriteFile(path, changed, 0o600))
		s, err := Open(path)
		if err != nil {
			continue
		}
		_, _, _ = s.Account(ctx, key)
		_ = s.Rows(ctx, key, "m1", func(store.Row) bool { return true })
		_ = s.db.Close()
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encodeHead(store.Head{Revision: 1, Spelling: map[string]string{"a": "A"}}))
	f.Add(encodeEmail(&store.Email{ID: "e", Keywords: []string{"x"}}))
	f.Add(encodeMailbox(&store.Mailbox{ID: "m", Name: "n"}))
	f.Add(encodeRow(&store.Row{UID: 1, EmailID: "e"}))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = decodeHead(data)
		_, _ = decodeMailbox("m", data)
		_, _ = decodeRow(1, data)
		if e, err := decodeEmail("e", data); err == nil {
			again, err := decodeEmail("e", encodeEmail(&e))
			require.NoError(t, err)
			require.Equal(t, e, again)
		}
	})
}
