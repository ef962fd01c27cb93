package search

import (
	"time"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// meta is a key that the replica answers.
type meta func(*Meta) bool

func (f meta) eval(m *Meta, _ *loaded) verdict { return is(f(m)) }
func (meta) cost() int                         { return costMeta }

// flag is the presence of a JMAP keyword.
type flag string

func (f flag) eval(m *Meta, _ *loaded) verdict { return is(m.Keyword(string(f))) }
func (flag) cost() int                         { return costMeta }

type size struct {
	smaller bool
	octets  int64
}

func (s size) eval(m *Meta, _ *loaded) verdict {
	if s.smaller {
		return is(m.Size < s.octets)
	}
	return is(m.Size > s.octets)
}

func (size) cost() int { return costMeta }

// day is a calendar day as a number that grows with time.
type day int

func dayOf(year int, month time.Month, d int) day {
	return day(year)*512 + day(month)*32 + day(d)
}

// compareDay tells whether a day fits BEFORE, ON or SINCE.
func compareDay(field imap.SearchDateField, have, want day) bool {
	switch field {
	case imap.SearchBefore, imap.SearchSentBefore:
		return have < want
	case imap.SearchOn, imap.SearchSentOn:
		return have == want
	default:
		return have >= want
	}
}

func date(k *imap.SearchDate) node {
	want := dayOf(k.Date.Year, k.Date.Month, k.Date.Day)
	switch k.Field {
	case imap.SearchBefore, imap.SearchOn, imap.SearchSince:
		// INTERNALDATE is shown in UTC, so that is its day.
		return meta(func(m *Meta) bool {
			return compareDay(k.Field, dayOf(m.Received.UTC().Date()), want)
		})
	default:
		return sent{field: k.Field, want: want}
	}
}

// sent compares the day that the Date header names, its time and zone
// disregarded (RFC 9051 section 6.4.4). A message without a date is not found.
type sent struct {
	field imap.SearchDateField
	want  day
}

func (s sent) eval(_ *Meta, in *loaded) verdict {
	if !in.hasHeader {
		return unknown
	}
	f, ok := in.header.First("Date")
	if !ok {
		return no
	}
	at, err := mime.ParseDate(f.Raw)
	return is(err == nil && compareDay(s.field, dayOf(at.Date()), s.want))
}

func (sent) cost() int { return costHeader }
