package message

import (
	"encoding/binary"
	"time"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// digestVersion is the first octet of an encoded digest. It changes with the encoding,
// and with whatever changes the content of a digest, so that old ones are made anew.
const digestVersion = 5

// encoder appends values: numbers as varints, strings and lists behind their length.
type encoder struct{ b []byte }

// Encode writes the digest in a compact form for storage; DecodeDigest reads it.
func (d *Digest) Encode() []byte {
	e := encoder{make([]byte, 0, len(d.Header)+1024)}
	e.b = append(e.b, digestVersion)
	e.number(d.Size)
	e.string(string(d.Header))
	e.bool(d.HeaderWhole)
	e.bool(d.Rebuilt)
	e.bool(d.HasBody)
	e.sortKeys(d.Sort)
	e.string(d.Preview)
	e.bool(d.HasAttachment)
	e.envelope(d.envelope)
	e.bool(d.HasStructure())
	if d.HasStructure() {
		e.body(d.body)
	}
	return e.b
}

func (e *encoder) number(n int64) { e.b = binary.AppendVarint(e.b, n) }

func (e *encoder) string(s string) {
	e.b = binary.AppendUvarint(e.b, uint64(len(s)))
	e.b = append(e.b, s...)
}

func (e *encoder) bool(v bool) {
	if v {
		e.b = append(e.b, 1)
		return
	}
	e.b = append(e.b, 0)
}

func (e *encoder) nstring(s imap.NString) {
	e.bool(s.Valid)
	if s.Valid {
		e.string(s.Value)
	}
}

func (e *encoder) strings(list []string) {
	e.number(int64(len(list)))
	for _, s := range list {
		e.string(s)
	}
}

// time writes the seconds and the zone's offset; the zero time as such.
func (e *encoder) time(t time.Time) {
	e.bool(!t.IsZero())
	if t.IsZero() {
		return
	}
	_, offset := t.Zone()
	e.number(t.Unix())
	e.number(int64(offset))
}

func (e *encoder) sortKeys(k SortKeys) {
	e.time(k.Sent)
	e.string(k.BaseSubject)
	e.bool(k.Reply)
	for _, s := range []string{k.From, k.To, k.Cc, k.DisplayFrom, k.DisplayTo, k.MessageID} {
		e.string(s)
	}
	e.strings(k.References)
}

func (e *encoder) envelope(v *imap.Envelope) {
	for _, s := range []imap.NString{v.Date, v.Subject, v.InReplyTo, v.MessageID} {
		e.nstring(s)
	}
	for _, list := range [][]imap.Address{v.From, v.Sender, v.ReplyTo, v.To, v.Cc, v.Bcc} {
		e.addresses(list)
	}
}

func (e *encoder) addresses(list []imap.Address) {
	e.number(int64(len(list)))
	for _, a := range list {
		for _, s := range []imap.NString{a.Name, a.ADL, a.Mailbox, a.Host} {
			e.nstring(s)
		}
	}
}
