// Code generated from gen/schema/runtime/date.go. DO NOT EDIT.

package jmap

import (
	"fmt"
	"time"
)

// Date is a point in time with the offset it was written in, printed to the second
// (RFC 8620 section 1.4).
type Date struct{ time.Time }

// UTCDate is a point in time in UTC, printed as 2014-10-30T06:12:00Z (RFC 8620 section 1.4).
type UTCDate struct{ time.Time }

const dateLayout = "2006-01-02T15:04:05Z07:00"

// NewDate returns t, cut to the second.
func NewDate(t time.Time) Date { return Date{t.Truncate(time.Second)} }

// NewUTCDate returns t in UTC, cut to the second.
func NewUTCDate(t time.Time) UTCDate { return UTCDate{t.UTC().Truncate(time.Second)} }

// ParseDate reads a date-time with any offset (RFC 8620 section 1.4).
func ParseDate(s string) (Date, error) {
	t, err := parseDateTime(s)
	return Date{t}, err
}

// ParseUTCDate reads a date-time whose offset is Z (RFC 8620 section 1.4).
func ParseUTCDate(s string) (UTCDate, error) {
	if len(s) == 0 || s[len(s)-1] != 'Z' {
		return UTCDate{}, fmt.Errorf("parsing UTCDate: %q does not end in Z", s)
	}
	t, err := parseDateTime(s)
	return UTCDate{t.UTC()}, err
}

func parseDateTime(s string) (time.Time, error) {
	t, err := time.Parse(dateLayout, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("parsing Date: %q is not a date-time of RFC 3339", s)
	}
	return t, nil
}

// String returns the date as it stands in JSON.
func (d Date) String() string { return string(appendTime(nil, d.Time)) }

// String returns the date as it stands in JSON.
func (d UTCDate) String() string { return string(appendTime(nil, d.UTC())) }

// MarshalJSON writes the date to the second, with its offset.
func (d Date) MarshalJSON() ([]byte, error) { return d.appendJSON(nil), nil }

// MarshalJSON writes the date to the second, in UTC.
func (d UTCDate) MarshalJSON() ([]byte, error) { return d.appendJSON(nil), nil }

// UnmarshalJSON reads a date-time with any offset.
func (d *Date) UnmarshalJSON(data []byte) error {
	return unmarshalWith(data, func(r *reader) (err error) { *d, err = r.date(); return err })
}

// UnmarshalJSON reads a date-time in UTC.
func (d *UTCDate) UnmarshalJSON(data []byte) error {
	return unmarshalWith(data, func(r *reader) (err error) { *d, err = r.utcDate(); return err })
}

// A date that is not set is null, as some are in responses to Email/parse.
func (d Date) appendJSON(b []byte) []byte {
	if d.IsZero() {
		return appendNull(b)
	}
	return append(appendTime(append(b, '"'), d.Time), '"')
}

func (d UTCDate) appendJSON(b []byte) []byte {
	if d.IsZero() {
		return appendNull(b)
	}
	return append(appendTime(append(b, '"'), d.UTC()), '"')
}

// appendTime keeps the year within the four digits that the syntax has.
func appendTime(b []byte, t time.Time) []byte {
	switch year := t.Year(); {
	case year > 9999:
		return append(b, "9999-12-31T23:59:59Z"...)
	case year < 0:
		return append(b, "0000-01-01T00:00:00Z"...)
	}
	return t.AppendFormat(b, dateLayout)
}

func (r *reader) date() (Date, error) {
	s, err := r.string()
	if err != nil {
		return Date{}, err
	}
	return ParseDate(s)
}

func (r *reader) utcDate() (UTCDate, error) {
	s, err := r.string()
	if err != nil {
		return UTCDate{}, err
	}
	return ParseUTCDate(s)
}
