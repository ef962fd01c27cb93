package embedded

import (
	"cmp"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// collations are the algorithms that sorts may use (RFC 4790); the first is the default.
var collations = []string{"i;unicode-casemap", "i;ascii-casemap", "i;ascii-numeric", "i;octet"}

// foldCase makes texts comparable without regard to case, and characters to how they are composed.
func foldCase(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return norm.NFC.String(strings.ToLower(norm.NFKC.String(s)))
		}
	}
	return strings.ToLower(s)
}

// collated returns a text that sorts, octet by octet, as the collation orders s.
func collated(s, collation string) string {
	switch collation {
	case "i;octet":
		return s
	case "i;ascii-casemap":
		return strings.Map(func(r rune) rune {
			if 'a' <= r && r <= 'z' {
				return r - 'a' + 'A'
			}
			return r
		}, s)
	case "i;ascii-numeric":
		return numeric(s)
	}
	return foldCase(s)
}

// numeric writes the digits in front of s, without leading zeros, behind their number; without
// digits it sorts last (RFC 4790 section 9.1).
func numeric(s string) string {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	if n == 0 {
		return "\xff"
	}
	digits := strings.TrimLeft(s[:n], "0")
	return string([]byte{byte(len(digits) >> 16), byte(len(digits) >> 8), byte(len(digits))}) + digits
}

// checkCollation refuses collations that are not announced.
func checkCollation(c jmap.Comparator) error {
	if c.Collation == "" {
		return nil
	}
	for _, known := range collations {
		if c.Collation == known {
			return nil
		}
	}
	return methodError(jmap.MethodErrorUnsupportedSort, "unknown collation "+c.Collation)
}

// sortKey is a text or a number.
type sortKey struct {
	text   string
	number int64
}

func boolKey(v bool) sortKey {
	if v {
		return sortKey{number: 1}
	}
	return sortKey{}
}

// sortItem is a record with a key for each comparator.
type sortItem struct {
	id   uint64
	keys []sortKey
}

// compareItems orders by the comparators; what is equal comes newest first.
func compareItems(sort []jmap.Comparator, a, b sortItem) int {
	for i, c := range sort {
		order := cmp.Or(cmp.Compare(a.keys[i].number, b.keys[i].number), strings.Compare(a.keys[i].text, b.keys[i].text))
		if !c.Ascending() {
			order = -order
		}
		if order != 0 {
			return order
		}
	}
	return cmp.Compare(b.id, a.id)
}
