package embedded

import (
	"maps"
	"reflect"
	"slices"
)

// states are the new state strings of the types that changed, for StateChange
// (RFC 8620 section 7.1).
type states map[string]string

// finish brings counts and logs up to date at the end of a transaction.
func (w *writer) finish() (states, error) {
	if w.before == nil || w.settled != nil {
		return w.settled, nil
	}
	w.settled = states{}
	if err := w.finishThreads(); err != nil {
		return nil, err
	}
	if err := w.finishMailboxes(); err != nil {
		return nil, err
	}
	if err := w.finishEmails(); err != nil {
		return nil, err
	}
	for name, bucket := range loggedTypes {
		log := w.bucket(bucket)
		if err := trimLog(log, w.account.store.limits.MaxHistory); err != nil {
			return nil, err
		}
		if w.wrote[name] {
			w.settled[name] = w.state(bucket)
		}
	}
	if w.delivered {
		w.settled["EmailDelivery"] = w.settled["Email"]
	}
	return w.settled, nil
}

// loggedTypes are the types that have states.
var loggedTypes = map[string][]byte{"Email": bucketEmailLog, "Mailbox": bucketBoxLog, "Thread": bucketThrLog}

func (w *writer) logChange(name string, c change) error {
	if w.wrote == nil {
		w.wrote = map[string]bool{}
	}
	w.wrote[name] = true
	return appendChange(w.bucket(loggedTypes[name]), c)
}

func (w *writer) finishEmails() error {
	for _, id := range w.emails.order {
		c := w.emails.byID[id]
		if c.kind == 0 {
			continue
		}
		if c.kind == changeCreated {
			w.delivered = true
		}
		if err := w.logChange("Email", change{kind: c.kind, id: id, thread: c.thread}); err != nil {
			return err
		}
	}
	return nil
}

// finishThreads logs the Threads whose Emails changed and carries their counts over.
func (w *writer) finishThreads() error {
	trash, err := w.withRole("trash")
	if err != nil {
		return err
	}
	for _, n := range w.threads.order {
		before := w.threads.byID[n]
		rows, err := w.threadRows(n)
		if err != nil {
			return err
		}
		w.countThreads(before.counts, -1)
		w.countThreads(countThread(rows, trash), 1)
		if err := w.logThread(n, before.emails, w.thread(n)); err != nil {
			return err
		}
	}
	if trash != w.trashBefore {
		return w.recountThreads(trash)
	}
	return nil
}

func (w *writer) logThread(n uint64, before, after []uint64) error {
	kind := changeUpdated
	switch {
	case slices.Equal(before, after):
		return nil
	case len(before) == 0:
		kind = changeCreated
	case len(after) == 0:
		kind = changeDestroyed
	}
	return w.logChange("Thread", change{kind: kind, id: n})
}

func (w *writer) countThreads(counts threadCounts, by int) {
	for n, unread := range counts {
		m := w.boxes[n]
		if m == nil {
			continue
		}
		m.Threads += uint64(by)
		if unread {
			m.UnreadThreads += uint64(by)
		}
	}
}

// recountThreads counts anew after another Mailbox became the trash.
func (w *writer) recountThreads(trash uint64) error {
	for _, m := range w.boxes {
		m.Threads, m.UnreadThreads = 0, 0
	}
	return w.bucket(bucketThreads).ForEach(func(k, _ []byte) error {
		rows, err := w.threadRows(numberOf(k))
		if err != nil {
			return err
		}
		w.countThreads(countThread(rows, trash), 1)
		return nil
	})
}

// finishMailboxes stores and logs the Mailboxes that differ from before.
func (w *writer) finishMailboxes() error {
	b := w.bucket(bucketBoxes)
	for _, n := range slices.Sorted(maps.Keys(w.boxes)) {
		m := w.boxes[n]
		old, existed := w.before[n]
		kind := changeUpdated
		switch {
		case !existed:
			kind = changeCreated
		case reflect.DeepEqual(*m, old):
			continue
		case m.sameButCounts(&old):
			kind = changeCounts
		}
		v, err := m.encode()
		if err != nil {
			return err
		}
		if err := b.Put(numberKey(n), v); err != nil {
			return err
		}
		if err := w.logChange("Mailbox", change{kind: kind, id: n}); err != nil {
			return err
		}
	}
	for _, n := range slices.Sorted(maps.Keys(w.before)) {
		if w.boxes[n] != nil {
			continue
		}
		if err := b.Delete(numberKey(n)); err != nil {
			return err
		}
		if err := w.logChange("Mailbox", change{kind: changeDestroyed, id: n}); err != nil {
			return err
		}
	}
	return nil
}

// sameButCounts says whether the two differ in nothing but counts.
func (m *mailboxRow) sameButCounts(old *mailboxRow) bool {
	c := *m
	c.Total, c.Unread, c.Threads, c.UnreadThreads = old.Total, old.Unread, old.Threads, old.UnreadThreads
	return reflect.DeepEqual(c, *old)
}

// settle finishes the transaction early, to know the state of Emails after it.
func (w *writer) settle(state *string) error {
	_, err := w.finish()
	*state = w.state(bucketEmailLog)
	return err
}
