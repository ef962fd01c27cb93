package mailbox

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/server/store"
)

// compare finds out what changed where the server cannot tell: it lists every mailbox that is followed, reads all Emails in them, and takes the
// difference. UIDs stay. What changes meanwhile is found by the next round, which begins at the state asked for first. reason is for the log.
func (r *replica) compare(ctx context.Context, l link, base, reason string) error {
	known := r.emailIDs() // what arrives from now on is told by the changes
	state, err := l.emailState(ctx)
	if err != nil {
		return err
	}
	found, err := l.survey(ctx, r.followed())
	if err != nil {
		return err
	}
	b := &batch{emailBase: base, emailState: state, emails: found}
	there := make(map[string]bool, len(found))
	for _, e := range found {
		there[e.ID] = true
	}
	for _, id := range known {
		if !there[id] {
			b.gone = append(b.gone, id)
		}
	}
	r.log.Info("compared the replica with the server", "account", r.id, "reason", reason, "emails", len(found), "gone", len(b.gone))
	_, err = r.apply(b)
	return err
}

func (r *replica) emailIDs() []string {
	r.write.Lock()
	defer r.write.Unlock()
	return keysOf(r.emails)
}

// emailState asks for the state of Emails, and nothing else.
func (l link) emailState(ctx context.Context) (string, error) {
	var q jmap.Request
	call := jmap.Add(&q, &jmap.EmailGet{AccountID: l.r.id, IDs: []jmap.ID{}, Properties: []string{"id"}})
	p, err := l.do(ctx, &q)
	if err != nil {
		return "", mapError(err)
	}
	got, err := call.Response(p)
	if err != nil {
		return "", mapError(err)
	}
	return got.State, nil
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

// survey returns all Emails that are in one of the mailboxes.
func (l link) survey(ctx context.Context, mailboxes []jmap.ID) ([]store.Email, error) {
	var ids []jmap.ID
	seen := map[jmap.ID]bool{}
	for _, mailbox := range mailboxes {
		listed, err := l.list(ctx, mailbox)
		for try := 0; err == nil && len(listed) == 0 && l.r.expects(mailbox) && try < listTries; try++ {
			listed, err = l.list(ctx, mailbox) // an index that is not there yet looks like an empty mailbox
		}
		if err != nil {
			return nil, err
		}
		for _, id := range listed {
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	return l.complete(ctx, ids, nil)
}

// expects reports whether the server counts messages in a mailbox.
func (r *replica) expects(mailbox jmap.ID) bool {
	r.write.Lock()
	defer r.write.Unlock()
	return r.records[string(mailbox)].TotalEmails > 0
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
