//go:build ignore

package imap

import (
	"strings"
	"time"
	"unicode/utf8"
)

// longestQuoted is the length up to which strings are quoted rather than literal.
const longestQuoted = 4096

// atomChars are the octets of an atom; astrings may hold "]" too. RFC 9051 section 9.
var atomChars = func() (set [256]bool) {
	for c := '!'; c <= '~'; c++ {
		set[c] = !strings.ContainsRune(`(){%*"\]`, c)
	}
	return set
}()

func isAtom(s string) bool {
	for i := range len(s) {
		if !atomChars[s[i]] {
			return false
		}
	}
	return s != ""
}

func isAString(s string) bool {
	for i := range len(s) {
		if !atomChars[s[i]] && s[i] != ']' {
			return false
		}
	}
	return s != ""
}

// atom writes what must be an atom.
func (e *Encoder) atom(s string) {
	if !isAtom(s) {
		e.fail("%q is not an atom", s)
		return
	}
	e.raw(s)
}

func (e *Encoder) tag(s string) {
	if !isAString(s) || strings.Contains(s, "+") {
		e.fail("%q is not a tag", s)
		return
	}
	e.raw(s)
}

// astring writes an atom where s is one; NIL is quoted, not to be taken for no string.
func (e *Encoder) astring(s string) {
	if isAString(s) && !strings.EqualFold(s, "NIL") {
		e.raw(s)
		return
	}
	e.str(s)
}

// mailbox writes a mailbox name, INBOX in any case as INBOX. RFC 9051 section 5.1.
func (e *Encoder) mailbox(s string) {
	if strings.EqualFold(s, "INBOX") {
		s = "INBOX"
	}
	e.astring(s)
}

// str writes a quoted string, or a literal where quoting cannot carry it.
func (e *Encoder) str(s string) {
	if strings.IndexByte(s, 0) >= 0 {
		if e.command {
			e.fail("a string holds NUL")
			return
		}
		s = strings.ReplaceAll(s, "\x00", "")
	}
	if !e.quotable(s) {
		e.literalString(s)
		return
	}
	e.byte('"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			e.byte('\\')
		}
		e.byte(s[i])
	}
	e.byte('"')
}

func (e *Encoder) quotable(s string) bool {
	eight := false
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\r' || c == '\n':
			return false
		case c >= utf8.RuneSelf:
			eight = true
		}
	}
	return len(s) <= longestQuoted && (!eight || e.UTF8 && utf8.ValidString(s))
}

func (e *Encoder) literalString(s string) {
	e.byte('{')
	e.uint(uint64(len(s)))
	if e.command {
		e.byte('+')
	}
	e.raw("}\r\n")
	e.raw(s)
}

func (e *Encoder) nstring(s NString) {
	if !s.Valid {
		e.raw("NIL")
		return
	}
	e.str(s.Value)
}

// delimiter writes a hierarchy delimiter; 0 is NIL.
func (e *Encoder) delimiter(c byte) {
	switch {
	case c == 0:
		e.raw("NIL")
	case c == '\r' || c == '\n' || c >= utf8.RuneSelf:
		e.fail("octet %#x as hierarchy delimiter", c)
	case c == '"' || c == '\\':
		e.buf = append(e.buf, '"', '\\', c, '"')
	default:
		e.buf = append(e.buf, '"', c, '"')
	}
}

// flag writes a flag or mailbox attribute.
func (e *Encoder) flag(s string) {
	name := s
	if name != "" && name[0] == '\\' {
		name = name[1:]
	}
	if !isAtom(name) {
		e.fail("%q is not a flag", s)
		return
	}
	e.raw(s)
}

func (e *Encoder) flags(list []string) {
	e.byte('(')
	for i, f := range list {
		if i > 0 {
			e.byte(' ')
		}
		e.flag(f)
	}
	e.byte(')')
}

// atoms writes each atom with a space before it.
func (e *Encoder) atoms(list []string) {
	for _, a := range list {
		e.byte(' ')
		e.atom(a)
	}
}

// set writes a sequence-set.
func (e *Encoder) set(s SequenceSet) {
	if len(s.Ranges) == 0 && !s.Saved {
		e.fail("an empty sequence-set")
		return
	}
	for i, r := range s.Ranges {
		if i > 0 {
			e.byte(',')
		}
		e.seqNumber(r.Start)
		if r.Stop != r.Start {
			e.byte(':')
			e.seqNumber(r.Stop)
		}
	}
	if s.Saved {
		if len(s.Ranges) > 0 {
			e.byte(',')
		}
		e.byte('$')
	}
}

func (e *Encoder) seqNumber(n uint32) {
	if n == 0 {
		e.byte('*')
		return
	}
	e.uint(uint64(n))
}

// dateTime writes a date-time. RFC 9051 section 9.
func (e *Encoder) dateTime(t time.Time) {
	if _, zone := t.Zone(); zone%60 != 0 {
		t = t.UTC() // the zone is given in minutes
	}
	if y := t.Year(); y < 0 || y > 9999 {
		e.fail("year %d in a date-time", y)
		return
	}
	e.buf = t.AppendFormat(e.buf, `"_2-Jan-2006 15:04:05 -0700"`)
}

func (e *Encoder) date(d Date) {
	if d.Year < 0 || d.Year > 9999 {
		e.fail("year %d in a date", d.Year)
		return
	}
	e.buf = time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).AppendFormat(e.buf, "2-Jan-2006")
}

// text writes text for people: one line, never empty, with "?" for what cannot be sent.
func (e *Encoder) text(s string) {
	for _, r := range s {
		switch {
		case r == '\r' || r == '\n' || r == 0:
			e.byte(' ')
		case r < utf8.RuneSelf:
			e.byte(byte(r))
		case !e.UTF8 || r == utf8.RuneError:
			e.byte('?')
		default:
			e.buf = utf8.AppendRune(e.buf, r)
		}
	}
}
