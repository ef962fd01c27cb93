package jmap

import (
	"fmt"
	"unicode/utf8"
)

// CheckIJSON reports why data is not I-JSON: a syntax error, octets that are not UTF-8, a name that an
// object has twice, or nesting that is too deep. A server answers it with notJSON (RFC 8620 section 1.5
// and section 3.6.1).
func CheckIJSON(data []byte) error {
	if !utf8.Valid(data) {
		return fmt.Errorf("parsing I-JSON: not UTF-8")
	}
	if err := unmarshalWith(data, (*reader).checkUnique); err != nil {
		return fmt.Errorf("parsing I-JSON: %w", err)
	}
	return nil
}

// checkUnique steps over a value as skip does, and wants each name only once in its object.
func (r *reader) checkUnique() error {
	switch r.next() {
	case '[':
		return r.array(r.checkUnique)
	case '{':
		names := map[string]struct{}{}
		return r.object(func(key []byte) error {
			name := string(key)
			if _, twice := names[name]; twice {
				return fmt.Errorf("the name %q is there twice", name)
			}
			names[name] = struct{}{}
			return r.checkUnique()
		})
	}
	return r.skip()
}
