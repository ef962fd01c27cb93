//go:build ignore

package parser

import (
	"bytes"
	"time"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// The functions here decode numbers, dates, sets and flags: the grammar has matched
// them already, but it does not bound them.

// decimal gives the value of digits, false when it does not fit 64 bits.
func decimal(b []byte) (uint64, bool) {
	var n uint64
	for _, c := range b {
		d := uint64(c - '0')
		if n > (1<<64-1-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, true
}

// number gives an unsigned number of 32 bits. RFC 9051 section 9.
func (p *state) number(k int) uint32 {
	n, ok := decimal(p.bytes(k))
	if !ok || n > 1<<32-1 {
		p.bad(k, "number")
		return 0
	}
	return uint32(n)
}

// number64 gives a number of 63 bits. RFC 9051 section 9.
func (p *state) number64(k int) int64 { return int64(p.number63(k)) }

func (p *state) number63(k int) uint64 {
	n, ok := decimal(p.bytes(k))
	if !ok || n > 1<<63-1 {
		p.bad(k, "number64")
		return 0
	}
	return n
}

// sequenceSet gives a sequence-set or uid-set.
func (p *state) sequenceSet(k int) imap.SequenceSet {
	b := p.bytes(k)
	set := imap.SequenceSet{Ranges: make([]imap.SeqRange, 0, 1+bytes.Count(b, []byte{','}))}
	for i := 0; i < len(b); i++ {
		if b[i] == '$' {
			set.Saved = true
			continue
		}
		if b[i] == ',' {
			continue
		}
		var r imap.SeqRange
		r.Start, i = p.seqNumber(k, b, i)
		r.Stop = r.Start
		if i < len(b) && b[i] == ':' {
			r.Stop, i = p.seqNumber(k, b, i+1)
		}
		set.Ranges = append(set.Ranges, r)
	}
	if len(set.Ranges) == 0 {
		set.Ranges = nil
	}
	return set
}

// seqNumber gives the number at b[i:], 0 for "*", and the offset behind it.
func (p *state) seqNumber(k int, b []byte, i int) (uint32, int) {
	if b[i] == '*' {
		return 0, i + 1
	}
	var n uint64
	for ; i < len(b) && '0' <= b[i] && b[i] <= '9'; i++ {
		if n = n*10 + uint64(b[i]-'0'); n > 1<<32-1 {
			p.bad(k, "sequence-set")
			return 0, len(b)
		}
	}
	return uint32(n), i
}

// pair gives the number of one or two characters, the first of which may be a space.
func pair(b []byte) int {
	n := 0
	for _, c := range b {
		if c != ' ' {
			n = n*10 + int(c-'0')
		}
	}
	return n
}

const months = "janfebmaraprmayjunjulaugsepoctnovdec"

func month(b []byte) time.Month {
	var name [3]byte
	for i := range name {
		name[i] = b[i] | 0x20
	}
	for m := range 12 {
		if months[3*m:3*m+3] == string(name[:]) {
			return time.Month(m + 1)
		}
	}
	return 0
}

// date gives a day; the grammar lets the 31st of February pass, this does not.
func (p *state) date(k int) imap.Date {
	b := bytes.Trim(p.bytes(k), `"`)
	dash := bytes.IndexByte(b, '-')
	d := imap.Date{Day: pair(b[:dash]), Month: month(b[dash+1:]), Year: pair(b[dash+5:])}
	if !valid(d) {
		p.bad(k, "date")
	}
	return d
}

func valid(d imap.Date) bool {
	t := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
	return t.Day() == d.Day && t.Month() == d.Month && t.Year() == d.Year
}

// dateTime gives a date-time: "dd-Mon-yyyy hh:mm:ss +hhmm" with its quotes.
func (p *state) dateTime(k int) time.Time {
	b := p.bytes(k)
	d := imap.Date{Day: pair(b[1:3]), Month: month(b[4:7]), Year: pair(b[8:12])}
	h, m, s := pair(b[13:15]), pair(b[16:18]), pair(b[19:21])
	zone := pair(b[23:25])*3600 + pair(b[25:27])*60
	// A leap second is given as 60. RFC 9051 has no bound for zones; a day is more than any has.
	if !valid(d) || h > 23 || m > 59 || s > 60 || pair(b[25:27]) > 59 || zone >= 24*3600 {
		p.bad(k, "date-time")
		return time.Time{}
	}
	if b[22] == '-' {
		zone = -zone
	}
	return time.Date(d.Year, d.Month, d.Day, h, m, s, 0, location(zone))
}

// location gives a zone; UTC for none, so that the common case allocates nothing.
func location(seconds int) *time.Location {
	if seconds == 0 {
		return time.UTC
	}
	return time.FixedZone("", seconds)
}

// flag gives a flag, the system flags as RFC 9051 section 2.3.2 spells them.
func (p *state) flag(k int) string { return p.canonical(k, systemFlags[:]) }

// mailboxFlag gives a mailbox attribute as RFC 9051 section 7.3.1 spells it.
func (p *state) mailboxFlag(k int) string { return p.canonical(k, mailboxFlags[:]) }

var systemFlags = [...]string{`\Seen`, `\Answered`, `\Flagged`, `\Deleted`, `\Draft`, `\Recent`}

var mailboxFlags = [...]string{
	`\Noinferiors`, `\HasChildren`, `\HasNoChildren`, `\Subscribed`, `\Remote`, `\NonExistent`, `\Noselect`,
	`\Marked`, `\Unmarked`, `\All`, `\Archive`, `\Drafts`, `\Flagged`, `\Junk`, `\Sent`, `\Trash`,
}

func (p *state) canonical(k int, known []string) string {
	b := p.bytes(k)
	if b[0] == '\\' {
		for _, name := range known {
			if len(name) == len(b) && bytes.EqualFold([]byte(name), b) {
				return name
			}
		}
	}
	return string(b)
}

// codeName gives the name of a response code that the grammar does not know.
func (p *state) codeName(k int) string {
	name, _, _ := bytes.Cut(p.bytes(k), []byte{' '})
	return string(name)
}

// codeText gives what follows the name.
func (p *state) codeText(k int) string {
	_, text, _ := bytes.Cut(p.bytes(k), []byte{' '})
	return string(text)
}
