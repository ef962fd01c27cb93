// Code generated from gen/schema/runtime/id.go. DO NOT EDIT.

package jmap

// ID identifies a record, an account or a blob. A value that starts with "#" stands for a creation id
// (RFC 8620 section 1.2 and section 5.3).
type ID string

// Valid reports whether the id has 1 to 255 octets of the URL and filename safe base64 alphabet
// (RFC 8620 section 1.2).
func (id ID) Valid() bool {
	if len(id) == 0 || len(id) > 255 {
		return false
	}
	for i := 0; i < len(id); i++ {
		if !idOctet(id[i]) {
			return false
		}
	}
	return true
}

func idOctet(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// CreationID returns the creation id that the id refers to, and whether it refers to one.
func (id ID) CreationID() (ID, bool) {
	if len(id) > 1 && id[0] == '#' {
		return id[1:], true
	}
	return "", false
}
