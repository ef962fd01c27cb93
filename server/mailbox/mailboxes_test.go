package mailbox

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/server/store"
)

func (f *fixture) paths() []string {
	var list []string
	for _, box := range f.account.Mailboxes() {
		list = append(list, box.Path)
	}
	return list
}

func TestCreateMakesParentsWithOneRequest(t *testing.T) {
	f := newFixture(t)
	f.sync()
	f.server.taken()
	box, err := f.account.Create(ctx, "Work/2026/Q=2F1")
	require.NoError(t, err)
	require.Len(t, f.server.taken(), 1)
	require.Equal(t, "Work/2026/Q=2F1", box.Path)
	require.Equal(t, "Q/1", f.server.mailboxes[box.ID].Name)
	require.Equal(t, []string{"INBOX", "Trash", "Work", "Work/2026", "Work/2026/Q=2F1"}, f.paths())
	_, err = f.account.Create(ctx, "inbox")
	require.ErrorIs(t, err, ErrExists)
	_, err = f.account.Create(ctx, "a//b")
	require.ErrorIs(t, err, ErrCannot)
	sub, err := f.account.Create(ctx, "inbox/sub")
	require.NoError(t, err)
	require.Equal(t, "INBOX/sub", sub.Path)
}

// A client that makes a mailbox finds it by the name that it gave.
func TestNamesThatAreShownEscapedCanBeTypedPlainly(t *testing.T) {
	f := newFixture(t)
	f.sync()
	box, err := f.account.Create(ctx, "Work / lead ")
	require.NoError(t, err)
	require.Equal(t, "Work=20/=20lead=20", box.Path)
	for _, path := range []string{"Work / lead ", "Work=20/=20lead=20", "Work=20/ lead "} {
		found, ok := f.account.ByPath(path)
		require.True(t, ok, path)
		require.Equal(t, box.ID, found.ID)
	}
	_, err = f.account.Create(ctx, "Work /two")
	require.NoError(t, err)
	_, err = f.account.Create(ctx, "Work ")
	require.ErrorIs(t, err, ErrExists)
	require.NoError(t, f.account.Rename(ctx, "Work /two", "Work / three"))
	require.NoError(t, f.account.Delete(ctx, "Work / lead "))
	require.Equal(t, []string{"INBOX", "Trash", "Work", "Work=20", "Work=20/=20three"}, f.paths())
}

func TestDeleteAndCreateAgainHasAnotherUIDValidity(t *testing.T) {
	f := newFixture(t)
	f.server.add(1, "work")
	v := f.view("Work")
	_, err := f.account.Create(ctx, "Work/sub")
	require.NoError(t, err)
	require.ErrorIs(t, f.account.Delete(ctx, "Work"), ErrHasChildren)
	require.NoError(t, f.account.Delete(ctx, "Work/sub"))
	require.NoError(t, f.account.Delete(ctx, "Work"))
	require.ErrorIs(t, f.account.Delete(ctx, "Work"), ErrNoSuchMailbox)
	require.ErrorIs(t, f.account.Delete(ctx, "INBOX"), ErrCannot)
	require.True(t, v.Gone())
	require.Len(t, v.Poll(true), 1)
	_, err = f.account.Create(ctx, "Work")
	require.NoError(t, err)
	require.Greater(t, f.view("Work").Counters().UIDValidity, v.Counters().UIDValidity)
}

func TestRenameKeepsUIDsAndTakesChildrenAlong(t *testing.T) {
	f := newFixture(t)
	f.server.add(1, "work")
	_, err := f.account.Create(ctx, "Work/sub")
	require.NoError(t, err)
	before := f.view("Work").Counters()
	require.ErrorIs(t, f.account.Rename(ctx, "Work", "Work/sub/deep"), ErrCannot)
	require.ErrorIs(t, f.account.Rename(ctx, "Work", "Trash"), ErrExists)
	require.ErrorIs(t, f.account.Rename(ctx, "None", "Other"), ErrNoSuchMailbox)
	f.server.taken()
	require.NoError(t, f.account.Rename(ctx, "Work", "Old/2025/Job"))
	require.Len(t, f.server.taken(), 1)
	require.Equal(t, []string{"INBOX", "Old", "Old/2025", "Old/2025/Job", "Old/2025/Job/sub", "Trash"}, f.paths())
	require.Equal(t, before.UIDValidity, f.view("Old/2025/Job").Counters().UIDValidity)
	require.NoError(t, f.account.Rename(ctx, "Old/2025/Job", "Job"))
	require.Contains(t, f.paths(), "Job/sub")
}

func TestNewSiblingDoesNotTakeTheName(t *testing.T) {
	f := newFixture(t)
	f.sync()
	f.server.addMailbox("a", "Work", "", "")
	box := f.box("Work")
	require.Equal(t, jmap.ID("work"), box.ID)
	paths := f.paths()
	f.restart()
	f.sync()
	require.Equal(t, paths, f.paths())
}

func TestCommandsOnAnAccountNeverSynced(t *testing.T) {
	f := newFixture(t)
	_, err := f.account.Create(ctx, "Work")
	require.ErrorIs(t, err, ErrExists)
}

func TestRenameInboxMovesItsMessages(t *testing.T) {
	f := newFixture(t)
	f.server.add(1, "inbox")
	f.server.add(2, "inbox")
	f.sync()
	require.NoError(t, f.account.Rename(ctx, "inbox", "Archive"))
	require.Equal(t, 0, f.view("INBOX").Len())
	require.Equal(t, 2, f.view("Archive").Len())
}

func TestSubscribe(t *testing.T) {
	f := newFixture(t)
	require.True(t, f.box("Work").Subscribed)
	require.NoError(t, f.account.Subscribe(ctx, "Work", false))
	require.False(t, f.box("Work").Subscribed)
	require.ErrorIs(t, f.account.Subscribe(ctx, "None", true), ErrNoSuchMailbox)
	f.server.mailboxes["work"].IsSubscribed = true
	require.NoError(t, f.account.SyncSubscriptions(ctx))
	require.True(t, f.box("Work").Subscribed)
}

func layoutOf(records ...store.Mailbox) (map[string]string, map[string]store.Mailbox) {
	byID := map[string]store.Mailbox{}
	for _, r := range records {
		byID[r.ID] = r
	}
	t, _ := layout(&tree{}, byID, func(id string) *box { return &box{id: jmap.ID(id)} })
	paths := map[string]string{}
	for id, n := range t.byID {
		paths[id] = n.path
	}
	return paths, byID
}

func TestLayout(t *testing.T) {
	paths, _ := layoutOf(
		store.Mailbox{ID: "i", Name: "Posteingang", Role: "inbox"},
		store.Mailbox{ID: "r", Name: "iNbOx"},
		store.Mailbox{ID: "c", Name: "child", ParentID: "i"},
		store.Mailbox{ID: "o", Name: "orphan", ParentID: "gone"},
		store.Mailbox{ID: "x", Name: "x", ParentID: "y"},
		store.Mailbox{ID: "y", Name: "y", ParentID: "x"},
		store.Mailbox{ID: "s", Name: "a/b"},
		store.Mailbox{ID: "n", Name: "e\u0301"}, // NFD
	)
	require.Equal(t, "INBOX", paths["i"])
	require.Equal(t, "INBOX/child", paths["c"])
	require.True(t, strings.HasPrefix(paths["r"], "iNbOx ~"), paths["r"])
	require.Equal(t, "orphan", paths["o"])
	require.Equal(t, "a=2Fb", paths["s"])
	require.Equal(t, "\u00e9", paths["n"])
	require.Len(t, paths, 8)
}

func TestClashingSiblingsKeepTheirNames(t *testing.T) {
	first, records := layoutOf(store.Mailbox{ID: "a", Name: "same"}, store.Mailbox{ID: "b", Name: "same"})
	require.Equal(t, "same", first["a"])
	require.NotEqual(t, "same", first["b"])
	delete(records, "a")
	after, _ := layoutOf(records["b"], store.Mailbox{ID: "0", Name: "same"})
	require.Equal(t, first["b"], after["b"], "a mailbox keeps its name when its sibling goes")
	require.Equal(t, "same", after["0"])
}

// A tree that may be old refuses nothing: what others did to the mailboxes counts.
func TestNamesAreLookedUpAnewBeforeARefusal(t *testing.T) {
	f := newFixture(t)
	f.sync()
	f.server.addMailbox("new", "New", "", "")
	require.NoError(t, f.account.Subscribe(ctx, "New", true))
	f.server.addMailbox("newer", "Newer", "new", "")
	require.NoError(t, f.account.Rename(ctx, "New/Newer", "Newest"))
	f.server.addMailbox("gone", "Gone", "", "")
	require.NoError(t, f.account.Delete(ctx, "Gone"))
	f.server.taken()
	_, err := f.account.Create(ctx, "a//b")
	require.ErrorIs(t, err, ErrCannot)
	require.Empty(t, f.server.taken())
}

// Cyrus fails to delete a mailbox when one of its name was deleted in the same second.
func TestDeleteIsTriedAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.server.destroyFail = 1
	require.NoError(t, f.account.Delete(ctx, "Work"))
	f.server.destroyFail = 2
	err := f.account.Delete(ctx, "Trash")
	require.ErrorIs(t, err, ErrFailed)
	require.ErrorContains(t, err, "Mailbox already exists")
	_, there := f.account.ByPath("Trash")
	require.True(t, there)
}

// isSubscribed is set also where the replica has it so: servers do not tell of its changes.
func TestSubscribeTrustsNoReplica(t *testing.T) {
	f := newFixture(t)
	f.sync()
	require.NoError(t, f.account.Subscribe(ctx, "Work", true))
	f.server.mailboxes["work"].IsSubscribed = false
	require.NoError(t, f.account.Subscribe(ctx, "Work", true))
	require.True(t, f.server.mailboxes["work"].IsSubscribed)
}

// A command line has room for a path of a hundred thousand levels.
func TestALongPathCostsNoMoreThanItsLength(t *testing.T) {
	f := newFixture(t)
	f.sync()
	path := "Work" + strings.Repeat("/x", 50_000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, found := f.account.ByPath(path)
	chain := f.account.replica.tree.Load().chainTo(strings.Split(path, Delimiter))
	runtime.ReadMemStats(&after)
	require.False(t, found)
	require.Len(t, chain.create, 50_000)
	require.Equal(t, jmap.ID("work"), *chain.parent)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(100<<20))
}

// Whatever a server calls it, a mailbox that is no more is told as that: APPEND, COPY and MOVE shall say TRYCREATE.
func TestAMailboxThatWentUnseenIsNotThere(t *testing.T) {
	for name, use := range map[string]func(f *fixture, v *View, box *Box) error{
		"copy": func(f *fixture, v *View, box *Box) error {
			_, err := f.account.Copy(ctx, v, []uint32{1}, box)
			return err
		},
		"move": func(f *fixture, v *View, box *Box) error {
			_, err := f.account.Move(ctx, v, []uint32{1}, box)
			return err
		},
		"import": func(f *fixture, _ *View, box *Box) error {
			_, err := f.account.Import(ctx, box, []ImportItem{{BlobID: "new"}})
			return err
		},
		"subscribe": func(f *fixture, _ *View, _ *Box) error { return f.account.Subscribe(ctx, "Work", true) },
		"rename":    func(f *fixture, _ *View, _ *Box) error { return f.account.Rename(ctx, "Work", "New") },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.server.add(1, "inbox")
			f.server.add(1, "work")
			v, box := f.view("INBOX"), f.box("Work")
			f.view("Work")
			f.server.mu.Lock()
			f.server.destroyMailbox("work")
			f.server.mu.Unlock()
			require.ErrorIs(t, use(f, v, box), ErrNoSuchMailbox)
			require.Equal(t, 1, v.Len())
		})
	}
}
