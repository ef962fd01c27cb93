package mailbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/dragoman-mail/dragoman/server/store"
)

// commit makes a change durable and then visible. replica.write must be held. When another process has changed the account,
// the replica is read anew and the error is store.ErrConflict.
func (c *change) commit() error {
	if err := c.number(); err != nil {
		return err
	}
	states := c.states()
	c.addPending()
	arranged := c.arrange()
	record := c.record(states)
	if !record.empty() || c.final && c.r.unsaved {
		if err := c.save(record.Change); err != nil {
			return err
		}
	}
	c.r.unsaved = c.head.Revision == c.r.head.Revision && (c.r.unsaved || c.movesStates())
	c.publish(states, arranged)
	return nil
}

// movesStates reports whether the change leads to other states of the server.
func (c *change) movesStates() bool {
	return c.head.EmailState != c.r.head.EmailState || c.head.MailboxState != c.r.head.MailboxState
}

func (c *change) save(record *store.Change) error {
	r := c.r
	err := r.store.Commit(context.Background(), r.key, record)
	if errors.Is(err, store.ErrConflict) {
		if again := r.read(context.Background()); again != nil {
			return again
		}
		return err
	}
	if err != nil {
		return fmt.Errorf("%w: storing account %s: %w", ErrUnavailable, r.id, err)
	}
	c.head.Revision++
	r.mu.Lock()
	clear(r.claimed)
	r.respelled = false
	r.mu.Unlock()
	return nil
}

// states makes the new state of every mailbox that the change touches, and sets their records.
func (c *change) states() map[*box]*boxState {
	states := map[*box]*boxState{}
	for b, part := range c.boxes {
		if !slices.Contains(part.edit.own, true) {
			continue
		}
		state := part.state
		state.table = part.edit.done()
		if len(part.put) > 0 || len(part.expunged) > 0 {
			state.modseq = part.modseq
		}
		states[b] = &state
		c.count(b, &state)
	}
	return states
}

// count takes the counters of a mailbox over into its record, when they changed.
func (c *change) count(b *box, state *boxState) {
	record, ok := c.find(string(b.id))
	if !ok {
		return
	}
	was := record
	record.UIDNext, record.ModSeq, record.UIDValidity = state.uidNext, state.modseq, state.uidValidity
	record.Loaded, record.Loading = true, false
	if record != was {
		c.records[record.ID] = record
	}
}

// addPending adds what was left for the next commit.
func (c *change) addPending() {
	r := c.r
	r.mu.Lock()
	defer r.mu.Unlock()
	for b := range r.claimed {
		if record, ok := c.find(string(b.id)); ok {
			record.RecentBase = b.recentBase
			c.records[record.ID] = record
		}
	}
	if r.respelled {
		c.head.Spelling = r.words.spellings()
	}
}

// arrange lays the tree out when it changes.
func (c *change) arrange() *tree {
	if !c.layout {
		return nil
	}
	all := maps.Clone(c.r.records)
	maps.Copy(all, c.records)
	for id := range c.dropped {
		delete(all, id)
	}
	t, suffixed := layout(c.r.tree.Load(), all, c.r.box)
	for _, id := range suffixed {
		c.records[id] = all[id]
	}
	return t
}

type storeChange struct{ *store.Change }

func (s storeChange) empty() bool {
	return len(s.Emails)+len(s.DropEmails)+len(s.Mailboxes)+len(s.DropMailboxes)+len(s.Rows) == 0
}

// record makes what the store gets. A change of nothing but the states is not worth a commit: after a crash the older ones serve as well.
func (c *change) record(states map[*box]*boxState) storeChange {
	out := &store.Change{Head: c.head}
	for id, e := range c.emails {
		if e != nil {
			out.Emails = append(out.Emails, e.record())
		} else if c.r.emails[id] != nil {
			out.DropEmails = append(out.DropEmails, id)
		}
	}
	out.Mailboxes = slices.Collect(maps.Values(c.records))
	out.DropMailboxes = keysOf(c.dropped)
	for b, state := range states {
		part := c.boxes[b]
		rows := store.RowChange{Mailbox: string(b.id), Expunge: part.expunged}
		for uid := range part.put {
			if r := state.table.get(uid); r != nil {
				rows.Put = append(rows.Put, store.Row{UID: uid, ModSeq: r.modseq, Deleted: r.deleted, EmailID: r.email.id()})
			}
		}
		if len(rows.Put) > 0 || len(rows.Expunge) > 0 {
			slices.SortFunc(rows.Put, func(x, y store.Row) int { return int(int64(x.UID) - int64(y.UID)) })
			out.Rows = append(out.Rows, rows)
		}
	}
	return storeChange{out}
}

// publish shows a change that is durable, and wakes those who wait for it.
func (c *change) publish(states map[*box]*boxState, arranged *tree) {
	r := c.r
	left := r.head
	r.head = c.head
	for id, e := range c.emails {
		if e == nil {
			delete(r.emails, id)
		} else {
			r.emails[id] = e
			r.words.keep(e.keywords)
		}
	}
	for own := range r.awaited {
		if part := c.boxes[own.box]; part != nil {
			maps.Copy(own.uids, part.numbered)
		}
	}
	maps.Copy(r.records, c.records)
	for id := range c.dropped {
		delete(r.records, id)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pulse.leave(left, r.head)
	for b, state := range states {
		b.state.Store(state)
		b.loading.Store(false)
		b.wake()
	}
	for id := range c.dropped {
		r.drop(id)
	}
	if arranged != nil {
		r.tree.Store(arranged)
	}
}

// drop ends a mailbox. Should its id come back, that is another mailbox. replica.mu must be held.
func (r *replica) drop(id string) {
	b, ok := r.boxes[id]
	if !ok {
		return
	}
	delete(r.boxes, id)
	delete(r.claimed, b)
	b.loading.Store(false)
	if state := b.state.Load(); state != nil {
		b.state.Store(goneState(state))
	}
	b.wake()
}

// wake tells the views of the mailbox that there is something to Poll. replica.mu must be held.
func (b *box) wake() {
	for v := range b.views {
		v.signal()
	}
}
