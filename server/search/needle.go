package search

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// needle is a string to look for, without regard to case.
type needle string

func newNeedle(s string) needle { return needle(fold(s)) }

// fold gives strings that differ only in case, or in how a character is
// composed, the same form.
func fold(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return cases.Fold().String(norm.NFKC.String(strings.ToValidUTF8(s, "\uFFFD")))
		}
	}
	return strings.ToLower(s)
}

func (n needle) in(s string) bool { return n == "" || strings.Contains(fold(s), string(n)) }

// chunk is how many octets of a text are folded and searched at a time.
const chunk = 64 << 10

// inText looks through a text of any length in bounded memory.
func (n needle) inText(r io.Reader) bool {
	if n == "" {
		return true
	}
	buf := make([]byte, chunk)
	var kept []byte // what was read but not folded yet: a piece of a character or of its marks
	tail := ""      // end of what was searched
	for {
		read, err := io.ReadFull(r, buf)
		piece := append(kept, buf[:read]...)
		cut := len(piece)
		if err == nil {
			cut = boundary(piece)
		}
		folded := tail + fold(string(piece[:cut]))
		if strings.Contains(folded, string(n)) {
			return true
		}
		if err != nil {
			return false
		}
		tail = folded[max(0, len(folded)-len(n)):]
		kept = bytes.Clone(piece[cut:])
	}
}

// boundary finds a place near the end of b where text can be cut without
// changing how either side is folded: before the last ASCII character.
func boundary(b []byte) int {
	for i := len(b) - 1; i > len(b)-256 && i > 0; i-- {
		if b[i] < utf8.RuneSelf {
			return i
		}
	}
	return len(b)
}
