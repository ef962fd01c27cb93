package jmap

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// maxDepth bounds the nesting of JSON values: no JMAP value comes near it.
const maxDepth = 256

var (
	errEnd   = errors.New("unexpected end of JSON")
	errDepth = fmt.Errorf("JSON is nested deeper than %d", maxDepth)
)

// reader walks over JSON text without building a tree.
type reader struct {
	data  []byte
	pos   int
	depth int
}

// unmarshalWith runs decode over the whole of data.
func unmarshalWith(data []byte, decode func(*reader) error) error {
	r := &reader{data: data}
	if err := decode(r); err != nil {
		return err
	}
	if r.next(); r.pos != len(r.data) {
		return r.fail("the end")
	}
	return nil
}

// next skips white space and returns the octet there, 0 at the end.
func (r *reader) next() byte {
	for r.pos < len(r.data) {
		switch c := r.data[r.pos]; c {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return c
		}
	}
	return 0
}

func (r *reader) fail(want string) error {
	if r.pos >= len(r.data) {
		return errEnd
	}
	return fmt.Errorf("expected %s, found %q at octet %d", want, r.data[r.pos], r.pos)
}

// accept takes c if it is next.
func (r *reader) accept(c byte) bool {
	if r.next() != c {
		return false
	}
	r.pos++
	return true
}

func (r *reader) literal(word string) bool {
	r.next()
	if len(r.data)-r.pos < len(word) || string(r.data[r.pos:r.pos+len(word)]) != word {
		return false
	}
	r.pos += len(word)
	return true
}

// null takes a null if it is next.
func (r *reader) null() bool { return r.next() == 'n' && r.literal("null") }

func (r *reader) bool() (bool, error) {
	switch {
	case r.literal("true"):
		return true, nil
	case r.literal("false"):
		return false, nil
	}
	return false, r.fail("true or false")
}

// number returns the text of a number.
func (r *reader) number() (string, error) {
	r.next()
	start := r.pos
	if r.pos < len(r.data) && r.data[r.pos] == '-' {
		r.pos++
	}
	if r.pos < len(r.data) && r.data[r.pos] == '0' {
		r.pos++
	} else if !r.digits() {
		return "", r.fail("a number")
	}
	if r.pos < len(r.data) && r.data[r.pos] == '.' {
		r.pos++
		if !r.digits() {
			return "", r.fail("a digit")
		}
	}
	if r.pos < len(r.data) && r.data[r.pos]|0x20 == 'e' {
		r.pos++
		if r.pos < len(r.data) && (r.data[r.pos] == '+' || r.data[r.pos] == '-') {
			r.pos++
		}
		if !r.digits() {
			return "", r.fail("a digit")
		}
	}
	return string(r.data[start:r.pos]), nil
}

func (r *reader) digits() bool {
	start := r.pos
	for r.pos < len(r.data) && r.data[r.pos] >= '0' && r.data[r.pos] <= '9' {
		r.pos++
	}
	return r.pos > start
}

// maxInt is the largest magnitude of Int and UnsignedInt (RFC 8620 section 1.3).
const maxInt = 1<<53 - 1

// int reads an Int. What is beyond its range becomes the end of the range: servers without a limit are
// known to announce the largest number of 64 bits.
func (r *reader) int() (int64, error) {
	s, err := r.number()
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("%s is not an Int", s)
	}
	return max(-maxInt, min(n, maxInt)), nil
}

func (r *reader) uint() (uint64, error) {
	n, err := r.int()
	if err == nil && n < 0 {
		err = fmt.Errorf("%d is not an UnsignedInt", n)
	}
	return uint64(n), err
}

// raw returns a copy of the next value.
func (r *reader) raw() (json.RawMessage, error) {
	r.next()
	start := r.pos
	if err := r.skip(); err != nil {
		return nil, err
	}
	return append(json.RawMessage(nil), r.data[start:r.pos]...), nil
}

// skip checks the next value and steps over it.
func (r *reader) skip() error {
	switch c := r.next(); c {
	case '{':
		return r.object(func([]byte) error { return r.skip() })
	case '[':
		return r.array(r.skip)
	case '"':
		_, _, err := r.quoted()
		return err
	case 't', 'f':
		_, err := r.bool()
		return err
	case 'n':
		if r.null() {
			return nil
		}
		return r.fail("null")
	default:
		_, err := r.number()
		return err
	}
}
