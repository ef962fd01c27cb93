package embedded

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// threadBefore is a Thread as it was before the transaction.
type threadBefore struct {
	emails []uint64
	counts threadCounts
}

// threadCounts says in which Mailboxes a Thread counts, and whether as unread.
type threadCounts map[uint64]bool

// countThread applies RFC 8621 section 2: what lies in the trash only is a Thread apart.
func countThread(rows []*emailRow, trash uint64) threadCounts {
	counts := threadCounts{}
	unread, unreadInTrash := false, false
	for _, e := range rows {
		inTrash := trash != 0 && e.in(trash)
		if e.unread() {
			unreadInTrash = unreadInTrash || inTrash
			unread = unread || !inTrash || len(e.mailboxes) > 1
		}
		for _, m := range e.mailboxes {
			counts[m] = false
		}
	}
	for m := range counts {
		counts[m] = unread
		if m == trash {
			counts[m] = unreadInTrash
		}
	}
	return counts
}

// touchThread remembers the Thread before the first change of one of its Emails.
func (w *writer) touchThread(n uint64) error {
	if _, ok := w.threads.byID[n]; ok {
		return nil
	}
	rows, err := w.threadRows(n)
	if err != nil {
		return err
	}
	w.threads.put(n, &threadBefore{w.thread(n), countThread(rows, w.trashBefore)})
	return nil
}

// joinThread finds the Thread of a new Email or begins one, as RFC 8621 section 3 suggests:
// a message id in common, and the same subject but for "Re:" and the like.
func (w *writer) joinThread(e *emailRow, h *headerRow) error {
	refs := h.refs()
	e.thread = w.findThread(refs)
	if e.thread == 0 {
		n, err := w.bucket(bucketThreads).NextSequence()
		if err != nil {
			return err
		}
		e.thread = n
	}
	if err := w.touchThread(e.thread); err != nil {
		return err
	}
	if err := w.putThread(e.thread, e, true); err != nil {
		return err
	}
	return w.putRefs(e.thread, refs, 1)
}

func (w *writer) leaveThread(e *emailRow) error {
	if err := w.touchThread(e.thread); err != nil {
		return err
	}
	h, err := w.headers(e.id)
	if err != nil {
		return err
	}
	if err := w.putThread(e.thread, e, false); err != nil {
		return err
	}
	return w.putRefs(e.thread, h.refs(), -1)
}

// putThread adds or removes an Email of a Thread; the list is sorted by date and number.
func (w *writer) putThread(n uint64, e *emailRow, add bool) error {
	list := w.thread(n)
	if !add {
		list = without(list, e.id)
	} else {
		at := len(list)
		for at > 0 {
			last, err := w.email(list[at-1])
			if err != nil {
				return err
			}
			if last == nil || last.received <= e.received {
				break
			}
			at--
		}
		list = slices.Insert(list, at, e.id)
	}
	if len(list) == 0 {
		return w.bucket(bucketThreads).Delete(numberKey(n))
	}
	b := make([]byte, 0, len(list)*8)
	for _, id := range list {
		b = binary.BigEndian.AppendUint64(b, id)
	}
	return w.bucket(bucketThreads).Put(numberKey(n), b)
}

// refKey is a message id in the context of a base subject.
type refKey [16]byte

func makeRef(id, subject string) (k refKey) {
	sum := sha256.Sum256([]byte(id + "\x00" + subject))
	copy(k[:], sum[:])
	return k
}

// findThread returns 0 when no Thread fits.
func (w *writer) findThread(refs []refKey) uint64 {
	for _, k := range refs {
		if n, _ := w.ref(k); n != 0 {
			if size := len(w.thread(n)); size > 0 && size < w.account.store.limits.MaxEmailsInThread {
				return n
			}
		}
	}
	return 0
}

// ref returns the Thread of a reference, and how many of its Emails have it.
func (s *snapshot) ref(k refKey) (thread, count uint64) {
	v := s.bucket(bucketRefs).Get(k[:])
	if v == nil {
		return 0, 0
	}
	r := rowReader{b: v}
	return r.uvarint(), r.uvarint()
}

// putRefs counts the references of an Email of the Thread. Those that lead to another Thread
// stay as they are while that one lives.
func (w *writer) putRefs(n uint64, refs []refKey, by int) error {
	b := w.bucket(bucketRefs)
	for _, k := range refs {
		thread, count := w.ref(k)
		if thread != n {
			full := len(w.thread(thread)) >= w.account.store.limits.MaxEmailsInThread
			if by < 0 || thread != 0 && len(w.thread(thread)) > 0 && !full {
				continue
			}
			count = 0
		}
		if by < 0 && count <= 1 {
			if err := b.Delete(k[:]); err != nil {
				return err
			}
			continue
		}
		v := binary.AppendUvarint(nil, n)
		if err := b.Put(k[:], binary.AppendUvarint(v, count+uint64(by))); err != nil {
			return err
		}
	}
	return nil
}

func without[T comparable](list []T, v T) []T {
	return slices.DeleteFunc(slices.Clone(list), func(x T) bool { return x == v })
}
