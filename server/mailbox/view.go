package mailbox

import (
	"context"
	"iter"
	"sync"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/server/store"
)

// View is a session's frozen state of a selected mailbox. Only Poll, and StoreFlags for the messages it stored,
// move it on. Its methods may be called by several goroutines.
type View struct {
	account  *Account
	box      *box
	readOnly bool
	changed  chan struct{}

	mu     sync.Mutex
	table  *table
	state  *boxState           // the newest state that the table takes account of
	recent []uidRange          // messages that are \Recent here, ascending
	forced map[uint32]struct{} // UIDs whose flags are to be told, whatever the table says
}

// uidRange is the UIDs from first to last.
type uidRange struct{ first, last uint32 }

func newView(a *Account, b *box, readOnly bool) (*View, error) {
	v := &View{account: a, box: b, readOnly: readOnly, changed: make(chan struct{}, 1), forced: map[uint32]struct{}{}}
	r := a.replica
	r.mu.Lock()
	defer r.mu.Unlock()
	v.state = b.state.Load()
	if v.state.gone {
		return nil, ErrNoSuchMailbox
	}
	v.table = v.state.table
	v.claim()
	b.views[v] = struct{}{}
	return v, nil
}

// Close ends the view.
func (v *View) Close() {
	r := v.account.replica
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(v.box.views, v)
}

// claim makes the messages that no session was told of \Recent in this view. replica.mu must be held. The store learns of it with the next
// commit: should a crash come first, the messages are recent once more, which RFC 3501 allows.
func (v *View) claim() {
	b := v.box
	first, last := b.recentBase+1, v.table.last()
	if n := len(v.recent); n > 0 {
		first = max(first, v.recent[n-1].last+1)
	}
	if first > last {
		return
	}
	v.recent = append(v.recent, uidRange{first, last})
	if !v.readOnly {
		b.recentBase = last
		v.account.replica.claimed[b] = struct{}{}
	}
}

// signal makes Changed ready; it never blocks.
func (v *View) signal() {
	select {
	case v.changed <- struct{}{}:
	default:
	}
}

// Changed receives when there may be something to Poll, also if it happened before.
func (v *View) Changed() <-chan struct{} { return v.changed }

// Box returns the mailbox as it is now, which may be newer than the view.
func (v *View) Box() *Box {
	if box, ok := v.account.ByID(v.box.id); ok {
		return box
	}
	return &Box{ID: v.box.id}
}

// ReadOnly reports whether the view was opened with EXAMINE.
func (v *View) ReadOnly() bool { return v.readOnly }

// Gone reports whether the mailbox was deleted: Poll expunges all its messages, and none will ever come.
func (v *View) Gone() bool { return v.box.gone() }

func (v *View) frozen() (*table, *boxState) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.table, v.state
}

// Counters returns what SELECT announces, all of one moment: that of the view.
func (v *View) Counters() Counters {
	t, s := v.frozen()
	shown := *s
	shown.table = t
	counters := shown.counters(0)
	counters.Recent = v.countRecent()
	return counters
}

// FirstUnseen returns the sequence number of the first message without \Seen, or 0.
func (v *View) FirstUnseen() uint32 {
	t, _ := v.frozen()
	return uint32(t.firstUnseen() + 1)
}

// Len returns the number of messages.
func (v *View) Len() int {
	t, _ := v.frozen()
	return t.length
}

// Message returns the message with a sequence number, counted from 1.
func (v *View) Message(seq uint32) (Message, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if seq == 0 || int64(seq) > int64(v.table.length) {
		return Message{}, false
	}
	m := v.table.at(int(seq) - 1).message()
	m.Recent = isIn(v.recent, m.UID)
	return m, true
}

// Messages runs over all messages in order, of the state the view had at the start.
func (v *View) Messages() iter.Seq2[uint32, Message] {
	v.mu.Lock()
	t, recent := v.table, v.recent
	v.mu.Unlock()
	return func(yield func(uint32, Message) bool) {
		t.each(func(index int, r *row) bool {
			m := r.message()
			m.Recent = isIn(recent, m.UID)
			return yield(uint32(index)+1, m)
		})
	}
}

// SeqOf returns the sequence number of a UID.
func (v *View) SeqOf(uid uint32) (uint32, bool) {
	t, _ := v.frozen()
	index, ok := t.find(uid)
	return uint32(index) + 1, ok
}

func isIn(ranges []uidRange, uid uint32) bool {
	for i := len(ranges) - 1; i >= 0 && ranges[i].last >= uid; i-- {
		if ranges[i].first <= uid {
			return true
		}
	}
	return false
}

func (v *View) countRecent() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.countRecentLocked()
}

func (v *View) countRecentLocked() int {
	n := 0
	for _, r := range v.recent {
		n += v.table.rank(r.last+1) - v.table.rank(r.first)
	}
	return n
}

// VanishedSince returns the UIDs expunged after a mod-sequence, as ranges in ascending order (RFC 7162 section 3.2.5).
func (v *View) VanishedSince(ctx context.Context, modseq uint64) ([]imap.SeqRange, error) {
	r := v.account.replica
	var uids []uint32
	err := r.store.Expunged(ctx, r.key, string(v.box.id), modseq, func(e store.Expunged) bool {
		uids = append(uids, e.UID)
		return true
	})
	return rangesOf(uids), err
}
