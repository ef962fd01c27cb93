package boltstore

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"github.com/dragoman-mail/dragoman/server/store"
)

// Records are written as a format number and then, field by field, numbers as varints and strings with their length.
const format = 1

type writer struct{ b []byte }

func newWriter() *writer { return &writer{b: append(make([]byte, 0, 128), format)} }

func (w *writer) number(n uint64) { w.b = binary.AppendUvarint(w.b, n) }

func (w *writer) signed(n int64) { w.b = binary.AppendVarint(w.b, n) }

func (w *writer) text(s string) {
	w.number(uint64(len(s)))
	w.b = append(w.b, s...)
}

func (w *writer) texts(list []string) {
	w.number(uint64(len(list)))
	for _, s := range list {
		w.text(s)
	}
}

func (w *writer) flags(bits ...bool) {
	var n uint64
	for i, bit := range bits {
		if bit {
			n |= 1 << i
		}
	}
	w.number(n)
}

// reader reads what writer wrote. After the first fault it returns zero values, and err says what was wrong. Its strings are parts of one.
type reader struct {
	b    []byte // what is left
	text string // the whole record, which ends with b
	err  error
}

func newReader(b []byte) *reader {
	r := &reader{b: b, text: string(b)}
	switch {
	case len(b) == 0:
		r.fail("an empty record")
	case b[0] > format:
		r.err = fmt.Errorf("%w: record format %d", store.ErrNewer, b[0])
	case b[0] != format:
		r.fail("an unknown record format")
	default:
		r.b = b[1:]
	}
	return r
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", store.ErrDamaged, what)
	}
	r.b = nil
}

func (r *reader) number() uint64 {
	if r.err != nil {
		return 0
	}
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.fail("a number is cut short")
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) signed() int64 {
	if r.err != nil {
		return 0
	}
	n, size := binary.Varint(r.b)
	if size <= 0 {
		r.fail("a number is cut short")
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) string() string {
	n := r.number()
	if n > uint64(len(r.b)) {
		r.fail("a string is cut short")
		return ""
	}
	start := len(r.text) - len(r.b)
	r.b = r.b[n:]
	return r.text[start : start+int(n)]
}

func (r *reader) strings() []string {
	n := r.number()
	if n > uint64(len(r.b)) { // each takes an octet at least
		r.fail("a list is cut short")
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = r.string()
	}
	return list
}

func (r *reader) flags(bits ...*bool) {
	n := r.number()
	for i, bit := range bits {
		*bit = n&(1<<i) != 0
	}
}

func encodeHead(h store.Head) []byte {
	w := newWriter()
	w.number(h.Revision)
	w.text(h.EmailState)
	w.text(h.MailboxState)
	w.number(uint64(h.LastUIDValidity))
	w.number(uint64(len(h.Spelling)))
	for _, keyword := range slices.Sorted(maps.Keys(h.Spelling)) {
		w.text(keyword)
		w.text(h.Spelling[keyword])
	}
	return w.b
}

func decodeHead(b []byte) (store.Head, error) {
	r := newReader(b)
	h := store.Head{Revision: r.number(), EmailState: r.string(), MailboxState: r.string(), LastUIDValidity: uint32(r.number())}
	for n := r.number(); n > 0 && r.err == nil; n-- {
		if h.Spelling == nil {
			h.Spelling = map[string]string{}
		}
		keyword := r.string()
		h.Spelling[keyword] = r.string()
	}
	return h, r.err
}

func encodeMailbox(m *store.Mailbox) []byte {
	w := newWriter()
	for _, s := range []string{m.Name, m.ParentID, m.Role, m.Suffix} {
		w.text(s)
	}
	w.flags(m.Subscribed, m.Loading, m.Loaded)
	for _, n := range []uint64{
		m.SortOrder, uint64(m.Rights), m.TotalEmails, uint64(m.UIDValidity), uint64(m.UIDNext), m.ModSeq, uint64(m.RecentBase),
	} {
		w.number(n)
	}
	return w.b
}

func decodeMailbox(id string, b []byte) (store.Mailbox, error) {
	r := newReader(b)
	m := store.Mailbox{ID: id, Name: r.string(), ParentID: r.string(), Role: r.string(), Suffix: r.string()}
	r.flags(&m.Subscribed, &m.Loading, &m.Loaded)
	m.SortOrder, m.Rights, m.TotalEmails = r.number(), uint16(r.number()), r.number()
	m.UIDValidity, m.UIDNext, m.ModSeq, m.RecentBase = uint32(r.number()), uint32(r.number()), r.number(), uint32(r.number())
	return m, r.err
}

func encodeEmail(e *store.Email) []byte {
	w := newWriter()
	w.text(e.BlobID)
	w.text(e.ThreadID)
	w.signed(e.Size)
	w.signed(e.ReceivedAt)
	w.texts(e.Keywords)
	w.texts(e.Mailboxes)
	return w.b
}

func decodeEmail(id string, b []byte) (store.Email, error) {
	r := newReader(b)
	e := store.Email{
		ID: id, BlobID: r.string(), ThreadID: r.string(), Size: r.signed(), ReceivedAt: r.signed(), Keywords: r.strings(), Mailboxes: r.strings(),
	}
	return e, r.err
}

func encodeRow(row *store.Row) []byte {
	w := newWriter()
	w.number(row.ModSeq)
	w.flags(row.Deleted)
	w.text(row.EmailID)
	return w.b
}

func decodeRow(uid uint32, b []byte) (store.Row, error) {
	r := newReader(b)
	row := store.Row{UID: uid, ModSeq: r.number()}
	r.flags(&row.Deleted)
	row.EmailID = r.string()
	return row, r.err
}
