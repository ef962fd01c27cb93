package mailbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/server/store"
)

// compare finds out what changed where the server cannot tell: it asks for all Emails that are known, as far as they can change, lists
// every mailbox that is followed, and reads the Emails that are new there. UIDs stay. Nothing is taken for gone because a list lacks it.
// What changes meanwhile is found by the next round, which begins at the state asked for first. reason is for the log.
func (r *replica) compare(ctx context.Context, l link, base, reason string) error {
	known := r.emailIDs() // what arrives from now on is told by the changes
	slices.Sort(known)
	c := &comparison{r: r, l: l, batch: batch{emailBase: base}}
	rest, unknown, err := c.begin(ctx, known)
	if err != nil {
		return err
	}
	work := workOf(ctx)
	work.start(len(known)-len(rest), len(known)+len(unknown))
	err = paged(ctx, rest, l.pageSize, c.ask, func(asked []jmap.ID, answers []*jmap.EmailGetResponse) error {
		work.add(len(asked))
		return c.take(asked, answers)
	})
	if err != nil {
		return err
	}
	read := func(ctx context.Context, ids []jmap.ID) ([]store.Email, error) { return l.complete(ctx, ids, nil) }
	err = paged(ctx, distinct(append(unknown, c.strangers...)), l.pageSize, read, func(asked []jmap.ID, found []store.Email) error {
		work.add(len(asked))
		c.batch.emails = append(c.batch.emails, found...)
		return nil
	})
	if err != nil {
		return err
	}
	r.log.Info("compared the replica with the server", "account", r.id, "reason", reason,
		"emails", len(known), "changed", len(c.batch.emails), "gone", len(c.batch.gone))
	_, err = r.apply(&c.batch)
	return err
}

// comparison is a comparison on the way. It keeps differences only: most Emails are as they were.
type comparison struct {
	r         *replica
	l         link
	batch     batch
	strangers []jmap.ID // Emails that answered under another id than was asked for
}

// begin asks for the state, which comes with the first of the known Emails, and for the lists: in one request, as far as it has room. It returns the
// Emails that are still to be asked for, and the ids in followed mailboxes that are not known.
func (c *comparison) begin(ctx context.Context, known []jmap.ID) (rest, unknown []jmap.ID, err error) {
	mailboxes := c.r.followed()
	n := min(len(known), c.l.getSize(getChunk))
	var q jmap.Request
	get := jmap.Add(&q, &jmap.EmailGet{AccountID: c.r.id, IDs: known[:n], Properties: changingProperties})
	var lists []jmap.Call[jmap.EmailQueryResponse]
	for _, mailbox := range mailboxes[:min(len(mailboxes), max(0, c.l.session.Limits().MaxCallsInRequest-1))] {
		lists = append(lists, jmap.Add(&q, c.r.query(mailbox, 0, listBegin)))
	}
	p, err := c.l.do(ctx, &q)
	var got *jmap.EmailGetResponse
	if err == nil {
		got, err = get.Response(p)
	}
	if tooLarge(err) && n > 1 {
		c.l.r.getLimit.Store(int64(n / 2))
		return c.begin(ctx, known)
	}
	if err != nil {
		return nil, nil, mapError(err)
	}
	c.batch.emailState = got.State
	if err := c.take(known[:n], []*jmap.EmailGetResponse{got}); err != nil {
		return nil, nil, err
	}
	for i, mailbox := range mailboxes {
		var first *page
		if i < len(lists) {
			if answer, err := lists[i].Response(p); err == nil {
				first = &page{answer, listBegin}
			} // else it is asked for again, alone
		}
		ids, err := c.l.list(ctx, mailbox, first)
		if err != nil {
			return nil, nil, err
		}
		unknown = append(unknown, c.r.unknown(ids)...)
	}
	return known[n:], distinct(unknown), nil
}

func distinct(ids []jmap.ID) []jmap.ID {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// ask asks for what can change about known Emails: all the rest would be more than half of the answer.
func (c *comparison) ask(ctx context.Context, ids []jmap.ID) ([]*jmap.EmailGetResponse, error) {
	var answers []*jmap.EmailGetResponse
	err := c.l.getEmails(ctx, ids, changingProperties, func(got *jmap.EmailGetResponse) error {
		answers = append(answers, got)
		return nil
	})
	return answers, err
}

// take compares the answers for known Emails with what is known.
func (c *comparison) take(asked []jmap.ID, answers []*jmap.EmailGetResponse) error {
	c.r.write.Lock()
	defer c.r.write.Unlock()
	settled := make(map[jmap.ID]bool, len(asked))
	strangers := 0
	for _, got := range answers {
		for _, id := range got.NotFound {
			settled[id] = true
			c.batch.gone = append(c.batch.gone, string(id))
		}
		for _, now := range got.List {
			settled[now.ID] = true
			if c.r.emails[string(now.ID)] == nil {
				c.strangers = append(c.strangers, now.ID)
				strangers++
			} else if err := c.compare(now); err != nil {
				return err
			}
		}
	}
	open := unsettled(asked, settled)
	if strangers < len(open) {
		return fmt.Errorf("%w: the server said nothing of %d Emails", ErrUnavailable, len(open)-strangers)
	}
	for _, id := range open {
		c.batch.gone = append(c.batch.gone, string(id)) // under that id
	}
	return nil
}

func (c *comparison) compare(now *jmap.Email) error {
	was := c.r.emails[string(now.ID)]
	rec, ok := updated(was.record(), now)
	if !ok {
		return fmt.Errorf("%w: the server described Email %q without what is needed", ErrUnavailable, now.ID)
	}
	if !was.equal(emailOf(rec, c.r.words, c.r.box)) {
		c.batch.emails = append(c.batch.emails, rec)
	}
	return nil
}

func (r *replica) emailIDs() []jmap.ID {
	r.write.Lock()
	defer r.write.Unlock()
	ids := make([]jmap.ID, 0, len(r.emails))
	for id, e := range r.emails {
		if e.tracked() {
			ids = append(ids, jmap.ID(id))
		}
	}
	return ids
}

// followed returns the mailboxes whose Emails the replica follows.
func (r *replica) followed() []jmap.ID {
	r.mu.Lock()
	defer r.mu.Unlock()
	var ids []jmap.ID
	for _, b := range r.boxes {
		if b.tracked() {
			ids = append(ids, b.id)
		}
	}
	return ids
}

// reconcile compares the number of messages with what the server counts, for states that a server reports may be newer than what it
// can tell the changes of: after a restore from backup, or with a fault. A difference that a comparison does not explain is remembered, and
// not looked into again until it changes.
func (r *replica) reconcile(ctx context.Context, l link) error {
	if !r.differs() {
		return nil
	}
	r.write.Lock()
	base := r.head.EmailState
	r.write.Unlock()
	if err := r.compare(ctx, l, base, "other number of messages"); err != nil {
		return err
	}
	r.accept()
	return nil
}

// differs reports whether a mailbox has another number of messages than the server counts, and had so before.
func (r *replica) differs() bool {
	found := false
	r.eachCount(func(b *box, difference int) {
		if difference != b.mismatch && difference == b.suspect && difference != 0 {
			found = true
		}
		b.suspect = difference
		if difference == 0 {
			b.mismatch = 0
		}
	})
	return found
}

// accept remembers the differences that are left.
func (r *replica) accept() {
	r.eachCount(func(b *box, difference int) { b.mismatch = difference })
}

func (r *replica) eachCount(visit func(b *box, difference int)) {
	r.write.Lock()
	defer r.write.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, b := range r.boxes {
		state := b.state.Load()
		record, ok := r.records[id]
		if ok && state != nil && !state.gone {
			visit(b, int(record.TotalEmails)-state.table.length)
		}
	}
}
