package jmap

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Patch is a PatchObject: from paths into a record, JSON Pointers without their leading slash, to new
// values, where null removes or resets (RFC 8620 section 5.3).
type Patch map[string]json.RawMessage

// UnmarshalJSON reads a PatchObject and keeps the values as they came.
func (p *Patch) UnmarshalJSON(data []byte) error {
	return unmarshalWith(data, func(r *reader) (err error) { *p, err = decodePatch(r); return err })
}

func decodePatch(r *reader) (Patch, error) {
	p := Patch{}
	err := r.object(func(key []byte) (err error) {
		path := string(key)
		p[path], err = r.raw()
		return err
	})
	return p, err
}

// AppendJSON appends the patch to b, in the order of the paths.
func (p Patch) AppendJSON(b []byte) []byte {
	return append(appendMembers(append(b, '{'), p), '}')
}

// MarshalJSON writes the patch, in the order of the paths.
func (p Patch) MarshalJSON() ([]byte, error) { return p.AppendJSON(nil), nil }

// set stores what write appends, and makes the map when there is none.
func (p *Patch) set(path string, value []byte) {
	if *p == nil {
		*p = Patch{}
	}
	(*p)[path] = value
}

// Set stores any value at a path: property names, each escaped by EscapePointer, with slashes between.
func (p *Patch) Set(path string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encoding %s: %w", path, err)
	}
	p.set(path, text)
	return nil
}

// Remove stores null at a path.
func (p *Patch) Remove(path string) { p.set(path, appendNull(nil)) }

// setMember stores true for an entry of a set, or removes it.
func (p *Patch) setMember(property, key string, on bool) {
	path := property + "/" + EscapePointer(key)
	if on {
		p.set(path, appendBool(nil, true))
	} else {
		p.Remove(path)
	}
}

// Check returns an error when one path lies under another, or when a path is empty, which makes the
// patch invalid (RFC 8620 section 5.3, invalidPatch).
func (p Patch) Check() error {
	for path := range p {
		if path == "" {
			return fmt.Errorf("patch has an empty path")
		}
		for i, c := range path {
			if c != '/' {
				continue
			}
			if _, above := p[path[:i]]; above {
				return fmt.Errorf("patch has both %q and %q", path[:i], path)
			}
		}
	}
	return nil
}

// Property returns the name of the property that a path changes, and the keys below it.
func (Patch) Property(path string) (string, []string) {
	tokens := SplitPointer(path)
	return tokens[0], tokens[1:]
}

// Touches reports whether any path changes that property.
func (p Patch) Touches(property string) bool {
	escaped := EscapePointer(property)
	for path := range p {
		if path == escaped || strings.HasPrefix(path, escaped+"/") {
			return true
		}
	}
	return false
}
