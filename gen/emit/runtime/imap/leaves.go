//go:build ignore

package imap

import (
	"io"
	"time"
)

// SequenceSet is a sequence-set: ranges of message sequence numbers or UIDs. RFC 9051 section 9.
type SequenceSet struct {
	Ranges []SeqRange
	Saved  bool // "$" stands in the set: the saved result of a SEARCH. RFC 9051 section 6.4.4.1
}

// SeqRange is one number or range; 0 stands for "*". Order is as sent: Start may exceed Stop.
type SeqRange struct{ Start, Stop uint32 }

// NString is a string or NIL; the zero value is NIL.
type NString struct {
	Value string
	Valid bool // false: NIL
}

// String makes an NString that is not NIL.
func String(s string) NString { return NString{s, true} }

// Secret is a password or SASL response; it prints as stars.
type Secret string

// String hides the secret.
func (Secret) String() string { return "***" }

// GoString hides the secret.
func (Secret) GoString() string { return "***" }

// Date is a calendar day without time or zone. RFC 9051 section 9, date.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// Literal is what the framing layer knows of one client literal. RFC 9051 section 4.3.
type Literal struct {
	Size     int64 // octets
	NonSync  bool  // {n+}
	Binary   bool  // ~{n}
	Streamed bool  // the octets went elsewhere and Data is nil
	Data     []byte
}

// Blob is message data in a response: Bytes, or Size octets read from Reader.
type Blob struct {
	Size   int64
	Bytes  []byte
	Reader io.Reader
}

// States is a set of connection states in which a command is allowed. RFC 9051 section 3.
type States uint8

// The states. RFC 9051 section 3.
const (
	StateNotAuthenticated States = 1 << iota
	StateAuthenticated
	StateSelected
	StateAny = StateNotAuthenticated | StateAuthenticated | StateSelected
)
