package mailbox

import (
	"errors"
	"fmt"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/server/store"
)

// apply takes a batch into the replica, durably. It reports whether the replica is now in the states that the batch leads to; it is not
// when other changes came in between, and then another round is due.
//
// Where another process has changed the account, the replica is read anew and the batch tried again: what it may still do, its states tell.
func (r *replica) apply(b *batch) (inStep bool, err error) {
	for range conflictTries {
		var left bool
		if inStep, left, err = r.applyOnce(b); !errors.Is(err, store.ErrConflict) {
			if left {
				r.forget()
			}
			return inStep, err
		}
	}
	return false, fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// conflictTries is how often a batch is tried while other processes change the account.
const conflictTries = 20

// applyOnce also reports whether a mailbox is gone that was followed: it leaves Emails.
func (r *replica) applyOnce(b *batch) (inStep, left bool, err error) {
	r.write.Lock()
	defer r.write.Unlock()
	c := r.begin()
	mailboxes := c.applyMailboxes(b)
	emails := c.applyEmails(b)
	if b.after != nil {
		if err := b.after(c); err != nil {
			return false, false, err
		}
	}
	for id := range c.dropped {
		left = left || r.box(id).tracked()
	}
	if err := c.commit(); err != nil {
		return false, false, err
	}
	return mailboxes && emails, left, nil
}

func (c *change) applyMailboxes(b *batch) bool {
	for _, record := range b.extra {
		c.putMailbox(record)
	}
	switch {
	case b.mailboxState == "":
		return false
	case b.mailboxBase != c.head.MailboxState: // another request has brought the same, or something else
		return b.told && !b.allBoxes && b.mailboxState == c.head.MailboxState
	}
	c.head.MailboxState = b.mailboxState
	for _, record := range b.mailboxes {
		c.putMailbox(record)
	}
	gone := b.goneBoxes
	if b.allBoxes {
		listed := idsOf(b.mailboxes)
		for id := range c.r.records {
			if !listed[id] {
				gone = append(gone, id)
			}
		}
	}
	for _, id := range gone {
		c.dropMailbox(id)
	}
	return true
}

func idsOf(list []store.Mailbox) map[string]bool {
	ids := make(map[string]bool, len(list))
	for _, m := range list {
		ids[m.ID] = true
	}
	return ids
}

// putMailbox takes over what the server says of a mailbox, and keeps what the replica knows of it.
func (c *change) putMailbox(now store.Mailbox) {
	was, known := c.find(now.ID)
	record := was
	record.ID, record.Name, record.ParentID, record.Role = now.ID, now.Name, now.ParentID, now.Role
	record.SortOrder, record.Subscribed, record.Rights = now.SortOrder, now.Subscribed, now.Rights
	record.TotalEmails = now.TotalEmails
	if record.Name != was.Name || record.ParentID != was.ParentID {
		record.Suffix = ""
	}
	if known && record == was {
		return
	}
	c.records[record.ID] = record
	c.layout = true
}

func (c *change) dropMailbox(id string) {
	if _, ok := c.find(id); !ok {
		return
	}
	delete(c.records, id)
	if b := c.r.box(id); c.boxes[b] != nil {
		delete(c.boxes, b)
	}
	c.dropped[id] = struct{}{}
	c.layout = true
}

// applyEmails takes over Emails, and reports whether the batch was one of changes that follow on what the replica has.
func (c *change) applyEmails(b *batch) bool {
	r := c.r
	if b.fresh == nil {
		switch {
		case b.emailState == "" || b.untracked && r.tracking():
			return false
		case b.emailBase != c.head.EmailState:
			return b.told && b.emailState == c.head.EmailState
		}
		c.head.EmailState = b.emailState
	}
	c.last = map[string]int{}
	for i, id := range b.order {
		c.last[id] = i + 1
	}
	renamed := c.renames(b)
	for _, rec := range b.emails {
		if b.fresh != nil && b.fresh.has(rec.ID) {
			continue
		}
		old := c.email(rec.ID)
		if from, ok := renamed[rec.ID]; ok {
			old = c.email(from)
		}
		c.put(old, emailOf(rec, r.words, r.box))
	}
	for _, id := range b.gone {
		if b.fresh == nil || !b.fresh.has(id) {
			c.gone(id)
		}
	}
	if b.fresh == nil {
		r.touch(b)
	}
	return true
}

// renames pairs Emails that are gone with new ones of the same octets: servers give an Email another id when threads merge, or
// when they change how they make ids. Such an Email keeps its UIDs. The result maps new ids to old ones.
func (c *change) renames(b *batch) map[string]string {
	type content struct {
		blob     string
		size     int64
		received int64
	}
	lost := map[content][]string{}
	for _, id := range b.gone {
		if e := c.email(id); e != nil {
			key := content{e.blob(), e.size, e.received}
			lost[key] = append(lost[key], id)
		}
	}
	if len(lost) == 0 {
		return nil
	}
	renamed := map[string]string{}
	for _, rec := range b.emails {
		key := content{rec.BlobID, rec.Size, rec.ReceivedAt}
		if c.email(rec.ID) != nil || len(lost[key]) == 0 {
			continue
		}
		renamed[rec.ID] = lost[key][0]
		lost[key] = lost[key][1:]
	}
	return renamed
}

// tracking reports whether any mailbox is loaded or being loaded. replica.write must be held.
func (r *replica) tracking() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range r.boxes {
		if b.tracked() {
			return true
		}
	}
	return false
}

// watch begins to note the ids that changes touch.
func (r *replica) watch() *touched {
	r.write.Lock()
	defer r.write.Unlock()
	t := &touched{}
	r.watched[t] = struct{}{}
	return t
}

func (r *replica) unwatch(t *touched) {
	r.write.Lock()
	defer r.write.Unlock()
	delete(r.watched, t)
}

func (t *touched) has(id string) bool {
	_, ok := (*t)[id]
	return ok
}

func (r *replica) touch(b *batch) {
	for t := range r.watched {
		for _, rec := range b.emails {
			(*t)[rec.ID] = struct{}{}
		}
		for _, id := range b.gone {
			(*t)[id] = struct{}{}
		}
	}
}

// mailboxOf takes over what a server says of a mailbox.
func mailboxOf(m *jmap.Mailbox) (store.Mailbox, bool) {
	if m.ID == "" || m.Has&jmap.MailboxPropertyName == 0 {
		return store.Mailbox{}, false
	}
	rec := store.Mailbox{
		ID: string(m.ID), Name: m.Name, SortOrder: m.SortOrder, Subscribed: m.IsSubscribed, TotalEmails: m.TotalEmails,
	}
	if m.ParentID != nil {
		rec.ParentID = string(*m.ParentID)
	}
	if m.Role != nil {
		rec.Role = *m.Role
	}
	if m.MyRights != nil {
		rec.Rights = packRights(*m.MyRights)
	}
	return rec, true
}
