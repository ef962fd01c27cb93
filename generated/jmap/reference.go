// Code generated from gen/schema/runtime/reference.go. DO NOT EDIT.

package jmap

import (
	"encoding/json"
	"fmt"
	"strings"
)

// ResultReference stands for a value taken from the response of an earlier call of the same request
// (RFC 8620 section 3.7).
type ResultReference struct {
	ResultOf string // call id of the earlier call
	Name     string // name of the response wanted, such as "Email/query"
	Path     string // JSON Pointer into its arguments, with "*" for every element of an array
}

// MarshalJSON writes the reference.
func (f ResultReference) MarshalJSON() ([]byte, error) { return f.appendJSON(nil), nil }

func (f ResultReference) appendJSON(b []byte) []byte {
	b = appendString(appendKey(append(b, '{'), "resultOf"), f.ResultOf)
	b = appendString(appendKey(b, "name"), f.Name)
	return append(appendString(appendKey(b, "path"), f.Path), '}')
}

// UnmarshalJSON reads the reference; all three properties must be there.
func (f *ResultReference) UnmarshalJSON(data []byte) error {
	return unmarshalWith(data, func(r *reader) (err error) { *f, err = decodeResultReference(r); return err })
}

func decodeResultReference(r *reader) (f ResultReference, err error) {
	seen := 0
	err = r.object(func(key []byte) (err error) {
		var to *string
		switch string(key) {
		case "resultOf":
			to = &f.ResultOf
		case "name":
			to = &f.Name
		case "path":
			to = &f.Path
		default:
			return in(string(key), fmt.Errorf("not a property of ResultReference"))
		}
		seen++
		*to, err = r.string()
		return err
	})
	if err == nil && seen < 3 {
		err = fmt.Errorf("a ResultReference has resultOf, name and path")
	}
	return f, err
}

// SplitReferences parts the arguments of a call into plain ones and those that are result references,
// keyed without their "#". An argument given in both forms is an error (RFC 8620 section 3.7).
func SplitReferences(args json.RawMessage) (map[string]json.RawMessage, map[string]ResultReference, error) {
	plain := map[string]json.RawMessage{}
	var refs map[string]ResultReference
	err := unmarshalWith(args, func(r *reader) error {
		return r.object(func(key []byte) (err error) {
			name := string(key)
			if !strings.HasPrefix(name, "#") {
				plain[name], err = r.raw()
				return err
			}
			ref, err := decodeResultReference(r)
			if err != nil {
				return in(name, err)
			}
			if refs == nil {
				refs = map[string]ResultReference{}
			}
			refs[name[1:]] = ref
			return nil
		})
	})
	if err != nil {
		return nil, nil, err
	}
	for name := range refs {
		if _, both := plain[name]; both {
			return nil, nil, in(name, fmt.Errorf("given both as a value and as a reference"))
		}
	}
	return plain, refs, nil
}

// ResolveReferences returns the arguments with every result reference replaced by its value. They come
// back as they are when there is none. resolve returns the arguments of the response that a reference
// names; its error is returned as it is, for invalidResultReference.
func ResolveReferences(args json.RawMessage, resolve func(ResultReference) (json.RawMessage, error)) (json.RawMessage, error) {
	plain, refs, err := SplitReferences(args)
	if err != nil || len(refs) == 0 {
		return args, err
	}
	for name, ref := range refs {
		response, err := resolve(ref)
		if err != nil {
			return nil, err
		}
		if plain[name], err = EvaluatePointer(response, ref.Path); err != nil {
			return nil, err
		}
	}
	return append(appendMembers([]byte{'{'}, plain), '}'), nil
}
