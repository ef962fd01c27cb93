package mailbox

import (
	"fmt"
	"maps"
	"slices"

	"github.com/dragoman-mail/dragoman/server/store"
)

// maxUID is the highest UID: UIDNEXT must be a 32-bit number too (RFC 9051 section 2.3.1.1).
const maxUID = 1<<32 - 2

// change is a change of a replica in the making. Nothing of it is seen before commit, which is all or nothing.
type change struct {
	r       *replica
	head    store.Head
	emails  map[string]*email // by id; nil for those to be forgotten
	boxes   map[*box]*boxChange
	records map[string]store.Mailbox
	dropped map[string]struct{} // mailboxes that are no more
	layout  bool                // the tree of mailboxes changes
	final   bool                // there is no next commit to leave anything to
	last    map[string]int      // order of Emails that get their UIDs last
}

// boxChange is the part of a change that is in one mailbox.
type boxChange struct {
	state    boxState // as it will be; its table is made from edit
	edit     *editor
	modseq   uint64 // of everything that this change does
	put      map[uint32]struct{}
	expunged []store.Expunged
	arrivals map[string]*email // by id
	numbered map[string]uint32 // the UIDs that they got
}

// begin starts a change; replica.write must be held.
func (r *replica) begin() *change {
	return &change{
		r: r, head: r.head, emails: map[string]*email{}, boxes: map[*box]*boxChange{}, records: map[string]store.Mailbox{},
		dropped: map[string]struct{}{},
	}
}

// email returns an Email as the change has it, or nil.
func (c *change) email(id string) *email {
	if e, ok := c.emails[id]; ok {
		return e
	}
	return c.r.emails[id]
}

// find returns the record of a mailbox as the change has it.
func (c *change) find(id string) (store.Mailbox, bool) {
	if _, gone := c.dropped[id]; gone {
		return store.Mailbox{}, false
	}
	if record, ok := c.records[id]; ok {
		return record, true
	}
	record, ok := c.r.records[id]
	return record, ok
}

// box returns the change of a loaded mailbox, or nil.
func (c *change) box(b *box) *boxChange {
	if part, ok := c.boxes[b]; ok {
		return part
	}
	state := b.state.Load()
	if _, gone := c.dropped[string(b.id)]; gone || state == nil || state.gone {
		return nil
	}
	part := &boxChange{state: *state, edit: state.table.edit(), modseq: state.modseq + 1}
	part.put, part.arrivals = map[uint32]struct{}{}, map[string]*email{}
	part.numbered = map[string]uint32{}
	c.boxes[b] = part
	return part
}

// put takes over an Email as it is now. old is what it was: mostly the one with the same id, or nil.
func (c *change) put(old, e *email) {
	if old != nil && old.equal(e) {
		return
	}
	if old == nil && !e.tracked() {
		return
	}
	if old != nil && old.id() != e.id() {
		c.emails[old.id()] = nil
	}
	if old != nil {
		c.leave(old, e)
	}
	for p := range e.places {
		e.number(p.box, c.enter(old, e, p.box))
	}
	if !e.tracked() {
		c.emails[e.id()] = nil
		return
	}
	c.emails[e.id()] = e
}

// leave removes the messages of an Email from the mailboxes that it is no longer in.
func (c *change) leave(old, e *email) {
	for p := range old.places {
		if _, in := e.in(p.box); in {
			continue
		}
		if part := c.box(p.box); part != nil {
			part.remove(old.id(), p.uid)
		}
	}
}

// enter gives an Email its message in a mailbox: the one it has there, or one that arrives. It returns the UID, 0 for none yet.
func (c *change) enter(old, e *email, b *box) (uid uint32) {
	part := c.box(b)
	if part == nil {
		return 0
	}
	if old != nil {
		uid, _ = old.in(b)
	}
	var r *row
	if uid != 0 {
		r = part.edit.change(uid)
	}
	if r == nil {
		part.arrive(old, e)
		return 0
	}
	if !r.email.keywords.same(e.keywords) {
		r.modseq = part.modseq
		part.put[uid] = struct{}{}
	}
	if r.email.id() != e.id() {
		part.put[uid] = struct{}{}
	}
	r.email = e
	return uid
}

// gone removes an Email, unless it goes with its mailbox: there may be very many of those, and forget removes them.
func (c *change) gone(id string) {
	e := c.email(id)
	if e == nil || !c.follows(e) {
		return
	}
	c.emails[id] = nil
	for p := range e.places {
		if part := c.box(p.box); part != nil {
			part.remove(id, p.uid)
		}
	}
}

// follows reports whether the Email is in a mailbox that is followed, and still is after the change.
func (c *change) follows(e *email) bool {
	for p := range e.places {
		if _, dropped := c.dropped[string(p.box.id)]; !dropped && p.box.tracked() {
			return true
		}
	}
	return false
}

// arrive notes that an Email is new in the mailbox; old may have been noted before.
func (p *boxChange) arrive(old, e *email) {
	if old != nil {
		delete(p.arrivals, old.id())
	}
	p.arrivals[e.id()] = e
}

// remove takes a message out; its UID is 0 when it arrived with this change.
func (p *boxChange) remove(id string, uid uint32) {
	delete(p.arrivals, id)
	if uid == 0 {
		return
	}
	p.edit.remove(uid)
	delete(p.put, uid)
	p.expunged = append(p.expunged, store.Expunged{UID: uid, ModSeq: p.modseq})
}

// mark sets \Deleted of a message, and reports whether it was there.
func (p *boxChange) mark(uid uint32, deleted bool) bool {
	r := p.edit.get(uid)
	if r == nil {
		return false
	}
	if r.deleted != deleted {
		r = p.edit.change(uid)
		r.deleted, r.modseq = deleted, p.modseq
		p.put[uid] = struct{}{}
	}
	return true
}

// number gives the arrivals of all mailboxes their UIDs.
func (c *change) number() error {
	for b, part := range c.boxes {
		if err := c.numberBox(b, part); err != nil {
			return fmt.Errorf("mailbox %s: %w", b.id, err)
		}
	}
	return nil
}

func (c *change) numberBox(b *box, part *boxChange) error {
	arrivals := slices.SortedFunc(maps.Values(part.arrivals), func(x, y *email) int {
		i, j := c.last[x.id()], c.last[y.id()] // 0 for those in no particular order
		if i != j {
			return i - j
		}
		return byArrival(x, y)
	})
	for _, e := range arrivals {
		uid := part.state.uidNext
		if uid > maxUID {
			return fmt.Errorf("%w: no UIDs are left", ErrLimit)
		}
		part.state.uidNext++
		e.number(b, uid)
		part.edit.add(row{email: e, modseq: part.modseq, uid: uid})
		part.put[uid] = struct{}{}
		part.numbered[e.id()] = uid
	}
	clear(part.arrivals)
	return nil
}
