package mailbox

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/server/store/memstore"
)

// Many sessions and a foreign client at once: no race, nobody stuck, and in the end everybody sees the same.
func TestManySessionsAtOnce(t *testing.T) {
	server := newFake()
	for i := range 50 {
		server.add(int64(i), "inbox")
	}
	registry := NewRegistry(memstore.New(), Options{Server: "fake", Linger: -1})
	defer registry.Close()
	keep, err := registry.Open(ctx, &pushSession{&fakeSession{server}}, fakeAccount)
	require.NoError(t, err)
	defer keep.Close()
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() { busySession(t, registry, server, n) })
	}
	group.Go(func() {
		for i := range 40 {
			server.add(int64(i), "inbox", "work")
			for _, id := range server.ids()[:2] {
				server.change(id, func(e *jmap.Email) { e.Keywords["$flagged"] = i%2 == 0 })
			}
		}
	})
	group.Wait()
	require.NoError(t, keep.Sync(ctx))
	for _, path := range []string{"INBOX", "Trash", "Work"} {
		box, ok := keep.ByPath(path)
		require.True(t, ok)
		v, err := keep.Select(ctx, box, true)
		require.NoError(t, err)
		want := 0
		for _, e := range server.emails {
			if e.MailboxIDs[box.ID] {
				want++
			}
		}
		require.Equal(t, want, v.Len(), path)
		v.Close()
	}
}

// busySession works on a mailbox as clients do, some of them impatiently.
func busySession(t *testing.T, registry *Registry, server *fakeServer, n int) {
	a, err := registry.Open(ctx, &fakeSession{server}, fakeAccount)
	if !check(t, err) {
		return
	}
	defer a.Close()
	if !check(t, a.Sync(ctx)) {
		return
	}
	inbox, _ := a.ByPath("INBOX")
	trash, _ := a.ByPath("Trash")
	v, err := a.Select(ctx, inbox, false)
	if !check(t, err) {
		return
	}
	defer v.Close()
	defer v.Listen()()
	for i := range 15 {
		if v.Len() == 0 {
			break
		}
		seq := uint32(n*7+i)%uint32(v.Len()) + 1
		q := StoreRequest{Seqs: []uint32{seq}, Op: StoreOp(i % 3), Flags: []string{`\Seen`, `\Deleted`}}
		_, err := a.StoreFlags(ctx, v, q)
		check(t, err)
		switch i % 5 {
		case 0:
			_, err = a.Copy(ctx, v, []uint32{seq}, trash)
		case 1:
			_, err = a.Move(ctx, v, []uint32{seq}, trash)
		case 2:
			_, err = a.Expunge(ctx, v, nil)
		case 3:
			_, err = a.Import(ctx, inbox, []ImportItem{item("blob")})
		case 4:
			impatient, cancel := context.WithCancel(ctx)
			go cancel()
			if err = a.Sync(impatient); errors.Is(err, context.Canceled) {
				err = nil
			}
		}
		check(t, err)
		v.Poll(i%2 == 0)
		for range v.Messages() {
		}
	}
}

// check fails the test for errors that the press of others does not explain.
func check(t *testing.T, err error) bool {
	if err != nil && !errors.Is(err, ErrConflict) {
		t.Errorf("unexpected: %v", err)
	}
	return err == nil
}
