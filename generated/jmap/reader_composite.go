// Code generated from gen/schema/runtime/reader_composite.go. DO NOT EDIT.

package jmap

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// object calls each with every key; each must take the value.
func (r *reader) object(each func(key []byte) error) error {
	if !r.accept('{') {
		return r.fail("an object")
	}
	if r.depth++; r.depth > maxDepth {
		return errDepth
	}
	defer func() { r.depth-- }()
	if r.accept('}') {
		return nil
	}
	for {
		if r.next() != '"' {
			return r.fail("a property name")
		}
		key, err := r.text()
		if err != nil {
			return err
		}
		if !r.accept(':') {
			return r.fail("a colon")
		}
		if err := each(key); err != nil {
			return err
		}
		if r.accept('}') {
			return nil
		}
		if !r.accept(',') {
			return r.fail("a comma or }")
		}
	}
}

// array calls each for every element; each must take it.
func (r *reader) array(each func() error) error {
	if !r.accept('[') {
		return r.fail("an array")
	}
	if r.depth++; r.depth > maxDepth {
		return errDepth
	}
	defer func() { r.depth-- }()
	if r.accept(']') {
		return nil
	}
	for {
		if err := each(); err != nil {
			return err
		}
		if r.accept(']') {
			return nil
		}
		if !r.accept(',') {
			return r.fail("a comma or ]")
		}
	}
}

// quoted returns what is between the quotes, and whether it needs no decoding.
func (r *reader) quoted() (text []byte, plain bool, err error) {
	if r.next() != '"' {
		return nil, false, r.fail("a string")
	}
	start := r.pos + 1
	plain, ascii := true, true
	for r.pos = start; r.pos < len(r.data); r.pos++ {
		switch c := r.data[r.pos]; {
		case c == '"':
			text = r.data[start:r.pos]
			r.pos++
			return text, plain && (ascii || utf8.Valid(text)), nil
		case c == '\\':
			plain = false
			if !r.escape() {
				return nil, false, r.fail("an escape")
			}
		case c < 0x20:
			return nil, false, r.fail("a string")
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return nil, false, errEnd
}

// escape steps over a backslash and stops at the last octet of its sequence.
func (r *reader) escape() bool {
	if r.pos++; r.pos >= len(r.data) {
		return false
	}
	switch r.data[r.pos] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			if r.pos++; r.pos >= len(r.data) || !hexDigit(r.data[r.pos]) {
				return false
			}
		}
		return true
	}
	return false
}

func hexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

// text returns the next string; it may alias the input.
func (r *reader) text() ([]byte, error) {
	r.next()
	start := r.pos
	text, plain, err := r.quoted()
	if err != nil || plain {
		return text, err
	}
	var s string
	if err := json.Unmarshal(r.data[start:r.pos], &s); err != nil {
		return nil, err
	}
	return []byte(s), nil
}

func (r *reader) string() (string, error) {
	text, err := r.text()
	return string(text), err
}

// only reads a string that must be that one.
func (r *reader) only(want string) (string, error) {
	s, err := r.string()
	if err == nil && s != want {
		err = fmt.Errorf("expected %q, found %q", want, s)
	}
	return s, err
}

// decodeList reads an array of T.
func decodeList[T any](r *reader, decode func(*reader) (T, error)) ([]T, error) {
	list := []T{}
	err := r.array(func() error {
		v, err := decode(r)
		if err != nil {
			return at(len(list), err)
		}
		list = append(list, v)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// decodeMap reads an object with values of T.
func decodeMap[K ~string, T any](r *reader, decode func(*reader) (T, error)) (map[K]T, error) {
	m := map[K]T{}
	err := r.object(func(key []byte) error {
		k := K(key)
		v, err := decode(r)
		if err != nil {
			return in(string(k), err)
		}
		m[k] = v
		return nil
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// decodePointer reads a T and returns where it is.
func decodePointer[T any](r *reader, decode func(*reader) (T, error)) (*T, error) {
	v, err := decode(r)
	if err != nil {
		return nil, err
	}
	return &v, nil
}

// decodeOrNull reads a T; null is its zero value.
func decodeOrNull[T any](r *reader, decode func(*reader) (T, error)) (v T, err error) {
	if r.null() {
		return v, nil
	}
	return decode(r)
}

// decodeText reads a string into a type of its own.
func decodeText[S ~string](r *reader) (S, error) {
	text, err := r.text()
	return S(text), err
}
