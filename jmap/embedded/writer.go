package embedded

import (
	"encoding/binary"
	"fmt"

	bolt "github.com/boltdb/bolt"
)

// writer changes an account in one transaction. It keeps the indexes, the counts of the
// Mailboxes, the Threads and the logs of changes in step.
type writer struct {
	snapshot
	emails  pending[emailChange]
	threads pending[*threadBefore]
	// before has the Mailboxes as they were; boxes, of the snapshot, as they are to be.
	before      map[uint64]mailboxRow
	trashBefore uint64
	wrote       map[string]bool // the types with entries in their logs
	delivered   bool            // an Email came in (RFC 8621 section 1.5)
	settled     states          // not nil once finish has run
}

// emailChange is what the transaction did to an Email.
type emailChange struct {
	kind   changeKind
	thread uint64
}

func newWriter(a *account, tx *bolt.Tx) *writer {
	return &writer{snapshot: snapshot{tx: tx, account: a}}
}

// pending is a map that remembers the order in which keys came.
type pending[T any] struct {
	order []uint64
	byID  map[uint64]T
}

func (p *pending[T]) put(id uint64, v T) {
	if _, ok := p.byID[id]; !ok {
		p.order = append(p.order, id)
	}
	if p.byID == nil {
		p.byID = map[uint64]T{}
	}
	p.byID[id] = v
}

// loadBoxes reads the Mailboxes before the first of them changes.
func (w *writer) loadBoxes() (map[uint64]*mailboxRow, error) {
	if w.before != nil {
		return w.boxes, nil
	}
	boxes, err := w.mailboxes()
	if err != nil {
		return nil, err
	}
	w.before = make(map[uint64]mailboxRow, len(boxes))
	for n, m := range boxes {
		w.before[n] = *m
	}
	w.trashBefore, err = w.withRole("trash")
	return boxes, err
}

// noteEmail folds what happens to an Email in one transaction into one change.
func (w *writer) noteEmail(e *emailRow, kind changeKind) {
	old, seen := w.emails.byID[e.id]
	switch {
	case seen && old.kind == changeCreated && kind == changeUpdated:
		return
	case seen && old.kind == changeCreated && kind == changeDestroyed:
		kind = 0
	}
	w.emails.put(e.id, emailChange{kind, e.thread})
}

// insertEmail gives a new Email its number, Thread and place in the indexes.
func (w *writer) insertEmail(e *emailRow, h *headerRow) error {
	if _, err := w.loadBoxes(); err != nil {
		return err
	}
	var err error
	if e.id, err = w.bucket(bucketEmails).NextSequence(); err != nil {
		return err
	}
	if err := w.joinThread(e, h); err != nil {
		return err
	}
	if err := w.bucket(bucketHeaders).Put(numberKey(e.id), h.encode()); err != nil {
		return err
	}
	if err := w.countBlob(e.blob, 1); err != nil {
		return err
	}
	if err := w.bucket(bucketByDate).Put(dateKey(e.received, e.id), nil); err != nil {
		return err
	}
	w.noteEmail(e, changeCreated)
	return w.place(nil, e)
}

// changeEmail stores new keywords or Mailboxes of an Email.
func (w *writer) changeEmail(old, e *emailRow) error {
	if _, err := w.loadBoxes(); err != nil {
		return err
	}
	if err := w.touchThread(e.thread); err != nil {
		return err
	}
	w.noteEmail(e, changeUpdated)
	return w.place(old, e)
}

// removeEmail destroys an Email.
func (w *writer) removeEmail(e *emailRow) error {
	if _, err := w.loadBoxes(); err != nil {
		return err
	}
	if err := w.leaveThread(e); err != nil {
		return err
	}
	if err := w.bucket(bucketHeaders).Delete(numberKey(e.id)); err != nil {
		return err
	}
	if err := w.countBlob(e.blob, -1); err != nil {
		return err
	}
	if err := w.bucket(bucketByDate).Delete(dateKey(e.received, e.id)); err != nil {
		return err
	}
	w.noteEmail(e, changeDestroyed)
	return w.place(e, nil)
}

// place moves an Email between Mailboxes and keeps their counts. Without old it is new,
// without e it goes.
func (w *writer) place(old, e *emailRow) error {
	index := w.bucket(bucketByBox)
	if old != nil {
		for _, m := range old.mailboxes {
			w.count(m, old, -1)
			if e == nil || !e.in(m) {
				if err := index.Delete(boxKey(m, old.received, old.id)); err != nil {
					return err
				}
			}
		}
	}
	if e == nil {
		return w.bucket(bucketEmails).Delete(numberKey(old.id))
	}
	for _, m := range e.mailboxes {
		w.count(m, e, 1)
		if old == nil || !old.in(m) {
			if err := index.Put(boxKey(m, e.received, e.id), nil); err != nil {
				return err
			}
		}
	}
	return w.bucket(bucketEmails).Put(numberKey(e.id), e.encode())
}

func (w *writer) count(mailbox uint64, e *emailRow, by int) {
	m := w.boxes[mailbox]
	if m == nil {
		return
	}
	m.Total += uint64(by)
	if e.unread() {
		m.Unread += uint64(by)
	}
}

// countBlob keeps the number of Emails that have the blob.
func (w *writer) countBlob(d digest, by int) error {
	n := w.blobCount(d) + uint64(by)
	if n == 0 {
		return w.bucket(bucketBlobs).Delete(d[:])
	}
	return w.bucket(bucketBlobs).Put(d[:], binary.AppendUvarint(nil, n))
}

// insertMailbox gives a new Mailbox its number and stores it when the transaction ends.
func (w *writer) insertMailbox(m *mailboxRow) error {
	boxes, err := w.loadBoxes()
	if err != nil {
		return err
	}
	if m.ID, err = w.bucket(bucketBoxes).NextSequence(); err != nil {
		return err
	}
	boxes[m.ID] = m
	return nil
}

// removeMailbox destroys a Mailbox, and takes the Emails in it out of it; those that are in no
// other are destroyed.
func (w *writer) removeMailbox(n uint64) error {
	boxes, err := w.loadBoxes()
	if err != nil {
		return err
	}
	var list []uint64
	c := w.bucket(bucketByBox).Cursor()
	prefix := numberKey(n)
	for k, _ := c.Seek(prefix); k != nil && string(k[:8]) == string(prefix); k, _ = c.Next() {
		_, id := indexEntry(k)
		list = append(list, id)
	}
	for _, id := range list {
		if err := w.takeOut(id, n); err != nil {
			return err
		}
	}
	delete(boxes, n)
	return nil
}

func (w *writer) takeOut(id, mailbox uint64) error {
	old, err := w.email(id)
	if err != nil {
		return err
	}
	if old == nil {
		return fmt.Errorf("emptying Mailbox %d: %w", mailbox, ErrCorrupt)
	}
	if len(old.mailboxes) == 1 {
		return w.removeEmail(old)
	}
	e := old.clone()
	e.mailboxes = without(e.mailboxes, mailbox)
	return w.changeEmail(old, e)
}
