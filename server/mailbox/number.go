package mailbox

import (
	"fmt"
	"maps"
	"slices"

	"github.com/dragoman-mail/dragoman/server/store"
)

const (
	// firstModSeq is the mod-sequence of all messages of a mailbox that has just been numbered.
	firstModSeq = 1
	// numberPart is how many messages are numbered in one commit: a million in one would take bolt 100 MB.
	numberPart = 20_000
)

// numbering is a mailbox on its way to its UIDs. The store gets them part by part, so that no commit is large and others may change the
// account in between. They count from the last commit on, which also makes up for what changed meanwhile; before it nobody sees them, and a
// numbering that was stopped is forgotten by the next.
type numbering struct {
	r      *replica
	box    *box
	emails []string // the ids of Emails, by UID from 1
}

// number gives all messages of a mailbox their UIDs and so makes it loaded. Where there are fewer or more than the server counts, the list
// is to be read again, unless it is the last try.
func (r *replica) number(b *box, last bool) (bool, error) {
	n := numbering{r: r, box: b}
	arrived, err := n.begin(last)
	if err != nil || arrived == nil {
		return err == nil && b.state.Load() != nil, err
	}
	n.order(arrived)
	from := 0
	for ; len(n.emails)-from > r.numberPart; from += r.numberPart {
		if err := n.put(from, from+r.numberPart); err != nil {
			return false, err
		}
	}
	if err := n.finish(from); err != nil {
		return false, err
	}
	return true, nil
}

// begin returns the Emails to be numbered; nil when there is nothing to number, or not yet.
func (n *numbering) begin(last bool) ([]*email, error) {
	r := n.r
	r.write.Lock()
	defer r.write.Unlock()
	record, ok := r.records[string(n.box.id)]
	if !ok {
		return nil, ErrNoSuchMailbox
	}
	if n.box.state.Load() != nil {
		return nil, nil
	}
	arrived := n.all()
	if uint64(len(arrived)) != record.TotalEmails && !last {
		return nil, nil
	}
	if len(arrived) == 0 && record.TotalEmails > 0 { // as servers answer whose index is not there
		return nil, fmt.Errorf("%w: it counts %d messages in a mailbox and lists none", ErrUnavailable, record.TotalEmails)
	}
	return arrived, nil
}

func (n *numbering) order(arrived []*email) {
	slices.SortFunc(arrived, byArrival)
	n.emails = make([]string, len(arrived))
	for i, e := range arrived {
		n.emails[i] = e.id()
	}
}

// rows makes the store's rows of the Emails from one index to another. The first ones replace what a numbering that was stopped has left.
func (n *numbering) rows(from, to int) store.RowChange {
	part := store.RowChange{Mailbox: string(n.box.id), Clear: from == 0, Put: make([]store.Row, to-from)}
	for i := range part.Put {
		part.Put[i] = store.Row{UID: uint32(from+i) + 1, ModSeq: firstModSeq, EmailID: n.emails[from+i]}
	}
	return part
}

// put stores a part.
func (n *numbering) put(from, to int) error {
	r := n.r
	r.write.Lock()
	defer r.write.Unlock()
	c := r.begin()
	c.addPending()
	change := &store.Change{Head: c.head, Mailboxes: slices.Collect(maps.Values(c.records)), Rows: []store.RowChange{n.rows(from, to)}}
	if err := c.save(change); err != nil {
		return err
	}
	r.unsaved = false
	c.publish(nil, nil)
	return nil
}

// finish stores the last part, makes up for what changed since the first, and shows the mailbox.
func (n *numbering) finish(from int) error {
	r := n.r
	r.write.Lock()
	defer r.write.Unlock()
	c := r.begin()
	record, ok := c.find(string(n.box.id))
	if !ok {
		return ErrNoSuchMailbox
	}
	part := n.rows(from, len(n.emails))
	rows := n.settle(&part)
	validity, err := c.nextUIDValidity()
	if err != nil {
		return err
	}
	state := &boxState{
		table: tableOf(rows), uidValidity: validity, uidNext: uint32(len(n.emails)) + 1, modseq: firstModSeq,
	}
	record.Loaded, record.Loading = true, false
	record.UIDValidity, record.UIDNext, record.ModSeq = validity, state.uidNext, state.modseq
	c.records[record.ID] = record
	c.addPending()
	change := &store.Change{Head: c.head, Mailboxes: slices.Collect(maps.Values(c.records)), Rows: []store.RowChange{part}}
	if err := c.save(change); err != nil {
		return err
	}
	r.unsaved = false
	for i := range rows {
		rows[i].email.number(n.box, rows[i].uid)
	}
	c.publish(map[*box]*boxState{n.box: state}, nil)
	r.log.Info("numbered a mailbox", "account", r.id, "mailbox", n.box.id, "uidvalidity", validity, "messages", len(rows))
	return nil
}

// settle makes the rows of the Emails as they are now. Those that have left since begin give their UIDs up, those that came get the next ones.
func (n *numbering) settle(part *store.RowChange) []row {
	rows := make([]row, 0, len(n.emails))
	for i, id := range n.emails {
		uid := uint32(i) + 1
		if e := n.r.emails[id]; e != nil && n.has(e) {
			rows = append(rows, row{email: e, modseq: firstModSeq, uid: uid})
		} else {
			part.Expunge = append(part.Expunge, store.Expunged{UID: uid, ModSeq: firstModSeq})
		}
	}
	for _, e := range n.late(rows) {
		n.emails = append(n.emails, e.id())
		uid := uint32(len(n.emails))
		part.Put = append(part.Put, store.Row{UID: uid, ModSeq: firstModSeq, EmailID: e.id()})
		rows = append(rows, row{email: e, modseq: firstModSeq, uid: uid})
	}
	return rows
}

// late returns the Emails in the mailbox that have no row.
func (n *numbering) late(rows []row) []*email {
	all := n.all()
	if len(all) == len(rows) {
		return nil
	}
	numbered := make(map[*email]struct{}, len(rows))
	for i := range rows {
		numbered[rows[i].email] = struct{}{}
	}
	late := slices.DeleteFunc(all, func(e *email) bool { _, ok := numbered[e]; return ok })
	slices.SortFunc(late, byArrival)
	return late
}

func (n *numbering) has(e *email) bool {
	_, in := e.in(n.box)
	return in
}

// all returns the Emails in the mailbox; replica.write must be held.
func (n *numbering) all() []*email {
	list := []*email{}
	for _, e := range n.r.emails {
		if n.has(e) {
			list = append(list, e)
		}
	}
	return list
}
