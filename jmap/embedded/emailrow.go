package embedded

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// emailRow is what is known about an Email without a look at its message.
type emailRow struct {
	id         uint64
	blob       digest
	size       uint64
	received   int64 // seconds since 1970
	thread     uint64
	attachment bool
	mailboxes  []uint64 // sorted
	keywords   []string // sorted, in lower case
}

const (
	rowVersion    = 1
	rowAttachment = 1
)

func (e *emailRow) has(keyword string) bool {
	_, found := slices.BinarySearch(e.keywords, keyword)
	return found
}

func (e *emailRow) in(mailbox uint64) bool {
	_, found := slices.BinarySearch(e.mailboxes, mailbox)
	return found
}

// unread is as RFC 8621 section 2 counts unreadEmails.
func (e *emailRow) unread() bool { return !e.has("$seen") && !e.has("$draft") }

func (e *emailRow) mailboxIDs() map[jmap.ID]bool {
	m := make(map[jmap.ID]bool, len(e.mailboxes))
	for _, n := range e.mailboxes {
		m[mailboxID(n)] = true
	}
	return m
}

func (e *emailRow) keywordMap() map[string]bool {
	m := make(map[string]bool, len(e.keywords))
	for _, k := range e.keywords {
		m[k] = true
	}
	return m
}

func (e *emailRow) receivedAt() jmap.UTCDate { return jmap.NewUTCDate(time.Unix(e.received, 0)) }

// clone returns a copy that can be changed.
func (e *emailRow) clone() *emailRow {
	c := *e
	c.mailboxes, c.keywords = slices.Clone(e.mailboxes), slices.Clone(e.keywords)
	return &c
}

func (e *emailRow) encode() []byte {
	b := make([]byte, 0, 96)
	var flags byte
	if e.attachment {
		flags |= rowAttachment
	}
	b = append(b, rowVersion, flags)
	b = append(b, e.blob[:]...)
	b = binary.AppendUvarint(b, e.size)
	b = binary.AppendVarint(b, e.received)
	b = binary.AppendUvarint(b, e.thread)
	b = binary.AppendUvarint(b, uint64(len(e.mailboxes)))
	for _, m := range e.mailboxes {
		b = binary.AppendUvarint(b, m)
	}
	b = binary.AppendUvarint(b, uint64(len(e.keywords)))
	for _, k := range e.keywords {
		b = append(binary.AppendUvarint(b, uint64(len(k))), k...)
	}
	return b
}

func decodeEmailRow(id uint64, b []byte) (*emailRow, error) {
	r := rowReader{b: b}
	if r.octet() != rowVersion {
		return nil, fmt.Errorf("reading Email %d: %w", id, ErrCorrupt)
	}
	e := &emailRow{id: id, attachment: r.octet()&rowAttachment != 0}
	copy(e.blob[:], r.take(len(e.blob)))
	e.size = r.uvarint()
	e.received = r.varint()
	e.thread = r.uvarint()
	e.mailboxes = make([]uint64, r.count())
	for i := range e.mailboxes {
		e.mailboxes[i] = r.uvarint()
	}
	e.keywords = make([]string, r.count())
	for i := range e.keywords {
		e.keywords[i] = keywordText(r.take(r.count()))
	}
	if r.bad || len(r.b) > 0 {
		return nil, fmt.Errorf("reading Email %d: %w", id, ErrCorrupt)
	}
	return e, nil
}

// keywordText spares the allocation for the keywords that nearly all mail has.
func keywordText(b []byte) string {
	switch string(b) {
	case "$seen":
		return "$seen"
	case "$answered":
		return "$answered"
	case "$flagged":
		return "$flagged"
	case "$draft":
		return "$draft"
	}
	return string(b)
}
