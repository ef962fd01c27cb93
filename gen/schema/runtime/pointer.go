package jmap

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

var (
	pointerEscaper   = strings.NewReplacer("~", "~0", "/", "~1")
	pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

// EscapePointer writes a key as one token of a JSON Pointer.
func EscapePointer(key string) string { return pointerEscaper.Replace(key) }

// SplitPointer returns the tokens of a JSON Pointer, unescaped. The leading slash may be left out, as in
// the paths of a PatchObject (RFC 8620 section 5.3).
func SplitPointer(path string) []string {
	tokens := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, token := range tokens {
		tokens[i] = pointerUnescaper.Replace(token)
	}
	return tokens
}

// EvaluatePointer applies the path of a result reference to the arguments of a response. A "*" maps the
// rest of the path over an array, and lists that come of it are joined (RFC 8620 section 3.7).
func EvaluatePointer(value json.RawMessage, path string) (json.RawMessage, error) {
	if path == "" {
		return value, nil
	}
	if path[0] != '/' {
		return nil, fmt.Errorf("evaluating %q: it does not begin with a slash", path)
	}
	v, err := evaluate(value, SplitPointer(path))
	if err != nil {
		return nil, fmt.Errorf("evaluating %q: %w", path, err)
	}
	return v, nil
}

func evaluate(value json.RawMessage, tokens []string) (json.RawMessage, error) {
	if len(tokens) == 0 {
		return value, nil
	}
	r := &reader{data: value}
	switch r.next() {
	case '{':
		member, err := r.member(tokens[0])
		if err != nil {
			return nil, err
		}
		return evaluate(member, tokens[1:])
	case '[':
		items, err := decodeList(r, (*reader).raw)
		if err != nil {
			return nil, err
		}
		if tokens[0] == "*" {
			return evaluateEach(items, tokens[1:])
		}
		i, err := strconv.Atoi(tokens[0])
		if err != nil || i < 0 || i >= len(items) || strconv.Itoa(i) != tokens[0] {
			return nil, fmt.Errorf("no element %q", tokens[0])
		}
		return evaluate(items[i], tokens[1:])
	}
	return nil, fmt.Errorf("%q is neither in an object nor in an array", tokens[0])
}

func (r *reader) member(name string) (json.RawMessage, error) {
	var found json.RawMessage
	err := r.object(func(key []byte) (err error) {
		if string(key) != name {
			return r.skip()
		}
		found, err = r.raw()
		return err
	})
	if err == nil && found == nil {
		err = fmt.Errorf("no property %q", name)
	}
	return found, err
}

func evaluateEach(items []json.RawMessage, tokens []string) (json.RawMessage, error) {
	out := json.RawMessage{'['}
	for _, item := range items {
		v, err := evaluate(item, tokens)
		if err != nil {
			return nil, err
		}
		r := &reader{data: v}
		if r.next() != '[' {
			out = appendElement(out, v)
			continue
		}
		inner, err := decodeList(r, (*reader).raw)
		if err != nil {
			return nil, err
		}
		for _, v := range inner {
			out = appendElement(out, v)
		}
	}
	return append(out, ']'), nil
}

func appendElement(list, v json.RawMessage) json.RawMessage {
	if len(list) > 1 {
		list = append(list, ',')
	}
	return append(list, v...)
}
