package compose

import (
	"errors"
	"fmt"
	"net/textproto"
	"strings"
	"time"

	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// ErrField is given for a header field that cannot be written.
var ErrField = errors.New("composing header field")

// Address is an address with a display name in UTF-8.
type Address struct{ Name, Email string }

// Group is a group of addresses, or with Named false addresses in no group.
type Group struct {
	Name      string
	Named     bool
	Addresses []Address
}

// Raw is a value as the client gave it (RFC 8621 section 4.1.2.1). It is checked not to
// end the field: every line break in it must be followed by white space and text. Bare
// LF becomes CRLF. All other forms put a space behind the colon; this one does not.
func Raw(name, value string) (Field, error) {
	value = strings.ReplaceAll(value, "\r\n", "\n")
	if strings.ContainsAny(value, "\r\x00") {
		return Field{}, fmt.Errorf("%w %s: control character in value", ErrField, name)
	}
	for i, line := range strings.Split(value, "\n") {
		if i > 0 && (strings.Trim(line, " \t") == "" || line[0] != ' ' && line[0] != '\t') {
			return Field{}, fmt.Errorf("%w %s: line break in value", ErrField, name)
		}
	}
	return checked(name, strings.ReplaceAll(value, "\n", "\r\n"))
}

// Text is an unstructured value in UTF-8 (RFC 8621 section 4.1.2.2).
func Text(name, value string) (Field, error) {
	return checked(name, " "+mime.EncodeText(value, len(name)+2))
}

// Addresses is a list of addresses (RFC 8621 section 4.1.2.3).
func Addresses(name string, list []Address) (Field, error) {
	return GroupedAddresses(name, []Group{{Addresses: list}})
}

// GroupedAddresses is a list of addresses and groups (RFC 8621 section 4.1.2.4).
func GroupedAddresses(name string, groups []Group) (Field, error) {
	var items []string
	for _, g := range groups {
		var members []string
		for _, a := range g.Addresses {
			members = append(members, address(a))
		}
		if g.Named {
			if members == nil {
				members = []string{""}
			}
			members[0] = mime.EncodePhrase(g.Name) + ": " + members[0]
			members[len(members)-1] += ";"
		}
		items = append(items, members...)
	}
	return checked(name, " "+folded(name, items, ", "))
}

// MessageIDs is a list of ids without angle brackets (RFC 8621 section 4.1.2.5).
func MessageIDs(name string, ids []string) (Field, error) {
	return checked(name, " "+folded(name, bracketed(ids), " "))
}

// URLs is a list of URLs (RFC 8621 section 4.1.2.7).
func URLs(name string, urls []string) (Field, error) {
	return checked(name, " "+folded(name, bracketed(urls), ", "))
}

// Date is a date-time with its zone (RFC 8621 section 4.1.2.6).
func Date(name string, t time.Time) (Field, error) {
	return checked(name, t.Format(" Mon, 2 Jan 2006 15:04:05 -0700"))
}

// address writes one address; line breaks and brackets cannot leave it. One that is
// half-finished, as in a draft, is written as it is.
func address(a Address) string {
	email := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '<' || r == '>' {
			return -1
		}
		return r
	}, a.Email)
	if a.Name == "" && !strings.ContainsAny(email, " ,;:()\"") {
		return email
	}
	if a.Name == "" {
		return "<" + email + ">"
	}
	return mime.EncodePhrase(a.Name) + " <" + email + ">"
}

func bracketed(list []string) []string {
	var out []string
	for _, s := range list {
		s = strings.Map(func(r rune) rune {
			if r <= ' ' || r == '<' || r == '>' || r == 0x7f {
				return -1
			}
			return r
		}, s)
		out = append(out, "<"+s+">")
	}
	return out
}

// folded joins items and breaks the line before those that would make it long.
func folded(name string, items []string, separator string) string {
	var b strings.Builder
	used := len(name) + 2
	for i, item := range items {
		if i > 0 {
			b.WriteString(strings.TrimRight(separator, " "))
			if used+len(separator)+len(item) > 76 {
				b.WriteString("\r\n")
				used = 0
			}
			b.WriteByte(' ')
		}
		b.WriteString(item)
		used += len(separator) + len(item)
	}
	return b.String()
}

// checked looks at the name (RFC 5322 section 3.6.8). A name all in lower case, as
// JMAP's properties are often written, gets the usual capitals.
func checked(name, value string) (Field, error) {
	if name == "" {
		return Field{}, fmt.Errorf("%w: empty name", ErrField)
	}
	for i := range len(name) {
		if name[i] <= ' ' || name[i] > '~' || name[i] == ':' {
			return Field{}, fmt.Errorf("%w %q: bad name", ErrField, name)
		}
	}
	return Field{Name: usualName(name), Value: value}, nil
}

func usualName(name string) string {
	switch lower := strings.ToLower(name); {
	case lower == "message-id":
		return "Message-ID"
	case name == lower:
		return textproto.CanonicalMIMEHeaderKey(name)
	}
	return name
}
