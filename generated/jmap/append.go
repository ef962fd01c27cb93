// Code generated from gen/schema/runtime/append.go. DO NOT EDIT.

package jmap

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// appendString writes s as a JSON string; octets that are not UTF-8 become U+FFFD.
func appendString[S ~string](b []byte, s S) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(string(s[i:min(len(s), i+utf8.UTFMax)]))
			if r == utf8.RuneError && n == 1 {
				b = append(append(b, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += n
			continue
		}
		if c >= 0x20 && c != '"' && c != '\\' {
			i++
			continue
		}
		b = appendEscape(append(b, s[start:i]...), c)
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

func appendNull(b []byte) []byte { return append(b, "null"...) }

func appendInt(b []byte, n int64) []byte { return strconv.AppendInt(b, n, 10) }

func appendUint(b []byte, n uint64) []byte { return strconv.AppendUint(b, n, 10) }

func appendBool(b []byte, v bool) []byte { return strconv.AppendBool(b, v) }

// appendRaw writes a value as it came; no value is null.
func appendRaw(b []byte, raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return appendNull(b)
	}
	return append(b, raw...)
}

// appendKey writes the name of a property, with a comma unless it is the first of its object.
func appendKey[S ~string](b []byte, name S) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	return append(appendString(b, name), ':')
}

func appendList[T any](b []byte, list []T, item func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = item(b, v)
	}
	return append(b, ']')
}

func appendListOrNull[T any](b []byte, list []T, item func([]byte, T) []byte) []byte {
	if list == nil {
		return appendNull(b)
	}
	return appendList(b, list, item)
}

func appendMapOrNull[K ~string, T any](b []byte, m map[K]T, item func([]byte, T) []byte) []byte {
	if m == nil {
		return appendNull(b)
	}
	return appendMap(b, m, item)
}

func appendObject[T appender](b []byte, v T) []byte { return v.AppendJSON(b) }

func appendIDOrNull(b []byte, id ID) []byte {
	if id == "" {
		return appendNull(b)
	}
	return appendString(b, id)
}

func appendDate(b []byte, d Date) []byte { return d.appendJSON(b) }

func appendUTCDate(b []byte, d UTCDate) []byte { return d.appendJSON(b) }

// orDefault returns s, or the only value that a property can have when s is empty.
func orDefault(s, only string) string {
	if s == "" {
		return only
	}
	return s
}

// appendName writes the name of a property, given with quotes and colon, and a comma unless it is the
// first of its object.
func appendName(b []byte, name string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	return append(b, name...)
}

// appendMap writes the entries in the order of their keys.
func appendMap[K ~string, T any](b []byte, m map[K]T, item func([]byte, T) []byte) []byte {
	var few [16]K // most maps have few keys: no allocation
	keys := few[:0]
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	b = append(b, '{')
	for _, k := range keys {
		b = item(appendKey(b, k), m[k])
	}
	return append(b, '}')
}

func appendPointer[T any](b []byte, v *T, item func([]byte, T) []byte) []byte {
	if v == nil {
		return appendNull(b)
	}
	return item(b, *v)
}

// appendMembers writes properties kept as they came.
func appendMembers(b []byte, extra map[string]json.RawMessage) []byte {
	if len(extra) == 0 {
		return b
	}
	for _, k := range slices.Sorted(maps.Keys(extra)) {
		b = appendRaw(appendKey(b, k), extra[k])
	}
	return b
}
