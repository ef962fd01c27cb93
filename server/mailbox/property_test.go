package mailbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/server/store"
	"github.com/dragoman-mail/dragoman/server/store/memstore"
)

// faultyStore fails the next commit when told to.
type faultyStore struct {
	store.Store
	fail error
}

func (s *faultyStore) Commit(ctx context.Context, key store.Key, change *store.Change) error {
	if err := s.fail; err != nil {
		s.fail = nil
		return err
	}
	return s.Store.Commit(ctx, key, change)
}

// mirror is what a client makes of a view by the events alone.
type mirror struct {
	view  *View
	path  string
	uids  []uint32
	flags map[uint32][]string
}

// world is the system under test with all that must hold.
type world struct {
	t       *rapid.T
	server  *fakeServer
	store   *faultyStore
	reg     *Registry
	account *Account
	mirrors []*mirror
	push    bool // the server tells of changes

	blobs    map[string]jmap.ID // mailbox, UIDVALIDITY and UID to octets: never changes
	highest  map[string]Counters
	validity map[string]uint32 // by mailbox id
	deleted  map[string]bool   // mailbox and UID to what \Deleted must be
}

var worldBoxes = []string{"inbox", "trash", "work"}

func newWorld(t *rapid.T) *world {
	w := &world{
		t: t, server: newFake(), store: &faultyStore{Store: memstore.New()}, blobs: map[string]jmap.ID{},
		highest: map[string]Counters{}, validity: map[string]uint32{}, deleted: map[string]bool{},
	}
	w.server.changesPage = rapid.SampledFrom([]int{1, 2, 7, 1000}).Draw(t, "changesPage")
	w.server.queryPage = rapid.SampledFrom([]int{1, 3, 1000}).Draw(t, "queryPage")
	w.server.limits.MaxObjectsInGet = rapid.SampledFrom([]int{1, 2, 500}).Draw(t, "maxObjectsInGet")
	w.server.limits.MaxObjectsInSet = rapid.SampledFrom([]int{1, 3, 500}).Draw(t, "maxObjectsInSet")
	w.server.dedupe = rapid.Bool().Draw(t, "dedupe")
	w.push = rapid.Bool().Draw(t, "push")
	w.start()
	return w
}

func (w *world) start() {
	w.reg = NewRegistry(w.store, Options{Server: "fake", Linger: -1})
	var session Session = &fakeSession{w.server}
	if w.push {
		session = &pushSession{&fakeSession{w.server}}
	}
	var err error
	w.account, err = w.reg.Open(ctx, session, fakeAccount)
	require.NoError(w.t, err)
	for w.push && !w.account.replica.isLive() {
		runtime.Gosched()
	}
}

func (w *world) stop() {
	w.mirrors = nil
	require.NoError(w.t, w.reg.Close())
}

// tolerate accepts the errors of faults that were switched on.
func (w *world) tolerate(err error) bool {
	for _, known := range []error{nil, ErrUnavailable, ErrConflict, ErrExpunged, ErrNoSuchMailbox} {
		if err == nil || known != nil && errors.Is(err, known) {
			return err == nil
		}
	}
	w.t.Fatalf("unexpected: %v", err)
	return false
}

func (w *world) email() (jmap.ID, bool) {
	ids := w.server.ids()
	if len(ids) == 0 {
		return "", false
	}
	return rapid.SampledFrom(ids).Draw(w.t, "email"), true
}

func (w *world) mailbox() jmap.ID {
	return jmap.ID(rapid.SampledFrom(worldBoxes).Draw(w.t, "mailbox"))
}

func (w *world) mirror() *mirror {
	if len(w.mirrors) == 0 {
		w.t.Skip()
	}
	return rapid.SampledFrom(w.mirrors).Draw(w.t, "view")
}

// actions are what may happen, in any order.
func (w *world) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"":         func(*rapid.T) { w.check() },
		"arrive":   func(*rapid.T) { w.server.add(int64(rapid.IntRange(0, 50).Draw(w.t, "received")), w.mailbox()) },
		"foreign":  func(*rapid.T) { w.foreign() },
		"rename":   func(*rapid.T) { w.renameEmail() },
		"forget":   func(*rapid.T) { w.server.forget() },
		"sync":     func(*rapid.T) { w.sync() },
		"select":   func(*rapid.T) { w.selectBox() },
		"poll":     func(*rapid.T) { w.poll(w.mirror(), rapid.Bool().Draw(w.t, "expunge")) },
		"store":    func(*rapid.T) { w.storeFlags() },
		"transfer": func(*rapid.T) { w.transfer() },
		"expunge":  func(*rapid.T) { w.expunge() },
		"import":   func(*rapid.T) { w.importOne() },
		"restart":  func(*rapid.T) { w.stop(); w.start() },
		"outage":   func(*rapid.T) { w.server.before = errFake },
		"lost":     func(*rapid.T) { w.server.lost = errFake },
		"crash":    func(*rapid.T) { w.store.fail = errors.New("no space left") },
		"conflict": func(*rapid.T) { w.store.fail = store.ErrConflict },
	}
}

func (w *world) foreign() {
	id, ok := w.email()
	if !ok {
		w.t.Skip()
	}
	what, m := rapid.IntRange(0, 4).Draw(w.t, "what"), w.mailbox()
	w.server.change(id, func(e *jmap.Email) {
		switch what {
		case 0:
			clear(e.MailboxIDs)
		case 1:
			e.MailboxIDs[m] = true
		case 2:
			delete(e.MailboxIDs, m)
		case 3:
			e.Keywords["$seen"] = true
		case 4:
			clear(e.Keywords)
		}
	})
}

func (w *world) renameEmail() {
	if id, ok := w.email(); ok {
		w.server.rename(id)
	}
}

func (w *world) sync() {
	if !w.tolerate(w.account.Sync(ctx)) {
		return
	}
	for _, m := range worldBoxes {
		w.compare(jmap.ID(m))
	}
}

// compare holds a loaded mailbox against the server.
func (w *world) compare(id jmap.ID) {
	b, ok := w.account.replica.known(id)
	if !ok || b.state.Load() == nil {
		return
	}
	want, got := map[jmap.ID][]string{}, map[jmap.ID][]string{}
	for id, e := range w.server.emails {
		if e.MailboxIDs[b.id] {
			want[id] = slices.Sorted(maps.Keys(e.Keywords))
		}
	}
	b.state.Load().table.each(func(_ int, r *row) bool {
		got[jmap.ID(r.email.id())] = append([]string(nil), r.email.keywords.raw...)
		return true
	})
	require.Equal(w.t, want, got, "mailbox %s", id)
}

func (w *world) selectBox() {
	if w.account.Sync(ctx) != nil {
		return
	}
	box, ok := w.account.ByID(w.mailbox())
	require.True(w.t, ok)
	v, err := w.account.Select(ctx, box, false)
	if !w.tolerate(err) {
		return
	}
	m := &mirror{view: v, path: box.Path, flags: map[uint32][]string{}}
	m.grow(w)
	w.mirrors = append(w.mirrors, m)
	if len(w.mirrors) > 3 {
		w.mirrors[0].view.Close()
		w.mirrors = w.mirrors[1:]
	}
}

// grow reads the messages that the mirror does not have.
func (m *mirror) grow(w *world) {
	for len(m.uids) < m.view.Len() {
		got, ok := m.view.Message(uint32(len(m.uids)) + 1)
		require.True(w.t, ok)
		m.uids = append(m.uids, got.UID)
		m.flags[got.UID] = told(got)
	}
}

// told returns flags as a client compares them: a spelling may be lost with a write that failed.
func told(m Message) []string {
	m.Recent = false
	flags := m.Flags()
	for i := range flags {
		flags[i] = strings.ToLower(flags[i])
	}
	return flags
}

func (w *world) poll(m *mirror, expunge bool) {
	for _, e := range m.view.Poll(expunge) {
		switch e.Kind {
		case EventExpunge:
			require.True(w.t, expunge)
			require.Equal(w.t, m.uids[e.Seq-1], e.UID)
			m.uids = slices.Delete(m.uids, int(e.Seq)-1, int(e.Seq))
		case EventExists:
			require.Greater(w.t, e.N, len(m.uids))
			m.grow(w)
			require.Equal(w.t, e.N, len(m.uids))
		case EventFlags:
			require.Equal(w.t, m.uids[e.Seq-1], e.UID)
			got, _ := m.view.Message(e.Seq)
			m.flags[e.UID] = told(got)
		}
	}
	for seq, got := range m.view.Messages() {
		require.Equal(w.t, m.uids[seq-1], got.UID)
		require.Equal(w.t, m.flags[got.UID], told(got), "UID %d", got.UID)
	}
	require.Len(w.t, m.uids, m.view.Len())
	if expunge {
		fresh, err := newView(w.account, m.view.box, true)
		require.NoError(w.t, err)
		defer fresh.Close()
		var want []uint32
		for _, got := range fresh.Messages() {
			want = append(want, got.UID)
		}
		require.ElementsMatch(w.t, want, m.uids)
	}
}

func (w *world) seqs(m *mirror) []uint32 {
	if m.view.Len() == 0 {
		w.t.Skip()
	}
	return rapid.SliceOfNDistinct(rapid.Uint32Range(1, uint32(m.view.Len())), 1, 3, rapid.ID).Draw(w.t, "seqs")
}

func (w *world) storeFlags() {
	m := w.mirror()
	q := StoreRequest{
		Seqs: w.seqs(m), Op: StoreOp(rapid.IntRange(0, 2).Draw(w.t, "op")), Silent: rapid.Bool().Draw(w.t, "silent"),
		Flags: rapid.SliceOfDistinct(rapid.SampledFrom([]string{`\seen`, `\deleted`, "Foo"}), rapid.ID).Draw(w.t, "flags"),
	}
	for _, seq := range q.Seqs {
		delete(w.deleted, w.key(m.view, m.uids[seq-1]))
	}
	result, err := w.account.StoreFlags(ctx, m.view, q)
	if !w.tolerate(err) {
		return
	}
	for _, seq := range result.Stored {
		uid := m.uids[seq-1]
		got, _ := m.view.Message(seq)
		if q.Silent {
			m.flags[uid] = m.works(uid, q)
		} else {
			m.flags[uid] = told(got)
		}
		if deleted := slices.Contains(q.Flags, `\deleted`); deleted || q.Op == StoreReplace {
			w.deleted[w.key(m.view, uid)] = deleted && q.Op != StoreRemove
		}
	}
}

// works is how a client works out flags after a silent STORE; in the order of Message.Flags.
func (m *mirror) works(uid uint32, q StoreRequest) []string {
	want := map[string]bool{}
	named := map[string]bool{}
	for _, flag := range q.Flags {
		named[strings.ToLower(flag)] = true
	}
	for _, flag := range m.flags[uid] {
		if q.Op != StoreReplace && !(q.Op == StoreRemove && named[flag]) {
			want[flag] = true
		}
	}
	if q.Op != StoreRemove {
		maps.Copy(want, named)
	}
	flags := []string{}
	for _, flag := range []string{`\seen`, "foo", `\deleted`} {
		if want[flag] {
			flags = append(flags, flag)
		}
	}
	return flags
}

func (w *world) transfer() {
	m := w.mirror()
	seqs := w.seqs(m)
	to, ok := w.account.ByID(w.mailbox())
	require.True(w.t, ok)
	for _, seq := range seqs {
		w.unmark(w.blobs[w.key(m.view, m.uids[seq-1])])
	}
	copying := w.account.Copy
	if rapid.Bool().Draw(w.t, "move") {
		copying = w.account.Move
	}
	result, err := copying(ctx, m.view, seqs, to)
	if !w.tolerate(err) {
		return
	}
	require.Len(w.t, result.Dest, len(result.Source))
	dest, _ := w.account.replica.known(to.ID)
	table := dest.state.Load().table
	for i, uid := range result.Source {
		source := w.blobs[w.key(m.view, uid)]
		if row := table.get(result.Dest[i]); row != nil {
			require.Equal(w.t, source, jmap.ID(row.email.blob()))
			require.False(w.t, row.deleted)
		}
	}
}

// unmark forgets which messages of the same octets are marked \Deleted: what is appended, copied or moved is not.
func (w *world) unmark(blob jmap.ID) {
	for key, known := range w.blobs {
		if known == blob {
			delete(w.deleted, key)
		}
	}
}

func (w *world) expunge() {
	m := w.mirror()
	var uids []uint32
	if rapid.Bool().Draw(w.t, "uid") {
		uids = append([]uint32{}, m.uids...)
	}
	result, err := w.account.Expunge(ctx, m.view, uids)
	if !w.tolerate(err) {
		return
	}
	for _, uid := range result.UIDs {
		require.NotNil(w.t, w.blobs[w.key(m.view, uid)])
	}
}

func (w *world) importOne() {
	if w.account.Sync(ctx) != nil {
		return
	}
	box, ok := w.account.ByID(w.mailbox())
	require.True(w.t, ok)
	blob := jmap.ID(rapid.SampledFrom([]string{"x", "y", "z"}).Draw(w.t, "blob"))
	w.unmark(blob)
	result, err := w.account.Import(ctx, box, []ImportItem{item(blob)})
	if !w.tolerate(err) {
		return
	}
	b, _ := w.account.replica.known(box.ID)
	require.Equal(w.t, string(blob), b.state.Load().table.get(result.UIDs[0]).email.blob())
}

func (w *world) key(v *View, uid uint32) string {
	return fmt.Sprintf("%s %d %d", v.box.id, v.Counters().UIDValidity, uid)
}

// check holds what must hold always against every mailbox that is loaded.
func (w *world) check() {
	for _, id := range worldBoxes {
		b, ok := w.account.replica.known(jmap.ID(id))
		if !ok || b.state.Load() == nil {
			continue
		}
		s := b.state.Load()
		now, was := s.counters(0), w.highest[id]
		require.GreaterOrEqual(w.t, now.UIDNext, was.UIDNext)
		require.GreaterOrEqual(w.t, now.HighestModSeq, was.HighestModSeq)
		w.highest[id] = now
		if validity, known := w.validity[id]; known {
			require.Equal(w.t, validity, s.uidValidity)
		}
		w.validity[id] = s.uidValidity
		last := uint32(0)
		s.table.each(func(_ int, r *row) bool {
			require.Greater(w.t, r.uid, last)
			require.Less(w.t, r.uid, s.uidNext)
			require.LessOrEqual(w.t, r.modseq, s.modseq)
			last = r.uid
			key := fmt.Sprintf("%s %d %d", id, s.uidValidity, r.uid)
			if blob, known := w.blobs[key]; known {
				require.Equal(w.t, blob, jmap.ID(r.email.blob()), "a UID changed its message")
			}
			w.blobs[key] = jmap.ID(r.email.blob())
			if deleted, known := w.deleted[key]; known {
				require.Equal(w.t, deleted, r.deleted, key)
			}
			uid, in := w.account.replica.emails[r.email.id()].in(b)
			require.True(w.t, in && uid == r.uid)
			return true
		})
		unseen, deleted, size := 0, 0, int64(0)
		s.table.each(func(_ int, r *row) bool {
			size += r.email.size
			if !r.email.keywords.seen {
				unseen++
			}
			if r.isDeleted() {
				deleted++
			}
			return true
		})
		require.Equal(w.t, Counters{
			Messages: s.table.length, Unseen: unseen, Deleted: deleted, Size: size, Recent: now.Recent, UIDNext: s.uidNext,
			UIDValidity: s.uidValidity, HighestModSeq: s.modseq,
		}, now)
	}
}

func TestEverythingHolds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		defer w.reg.Close()
		rt.Repeat(w.actions())
		w.server.before, w.server.lost, w.store.fail = nil, nil, nil
		require.NoError(rt, w.account.Sync(ctx))
		for _, id := range worldBoxes {
			w.compare(jmap.ID(id))
		}
		for _, m := range w.mirrors {
			w.poll(m, true)
		}
		w.check()
	})
}
