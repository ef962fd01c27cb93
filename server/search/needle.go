package search

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// needle is a string to look for, without regard to case.
type needle string

// newNeedle prepares what to look for in texts, whose lines end in LF.
func newNeedle(s string) needle { return needle(fold(strings.ReplaceAll(s, "\r\n", "\n"))) }

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

// scratch is memory that searches use again.
type scratch struct{ piece, folded []byte }

var scratches = sync.Pool{New: func() any { return &scratch{piece: make([]byte, chunk)} }}

// inText looks through a text of any length in bounded memory.
func (n needle) inText(r io.Reader) bool {
	if n == "" {
		return true
	}
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	kept := 0 // octets of piece that were read but not folded yet: a piece of a character or of its marks
	s.folded = s.folded[:0]
	for {
		read, err := io.ReadFull(r, s.piece[kept:])
		piece := s.piece[:kept+read]
		cut := len(piece)
		if err == nil {
			cut = boundary(piece)
		}
		s.folded = appendFolded(s.folded, piece[:cut])
		if bytes.Contains(s.folded, []byte(n)) {
			return true
		}
		if err != nil {
			return false
		}
		tail := s.folded[max(0, len(s.folded)-len(n)):]
		s.folded = append(s.folded[:0], tail...)
		kept = copy(s.piece, piece[cut:])
	}
}

// inPlain looks through a text that stands in the message as it is.
func (n needle) inPlain(ascii []byte) bool {
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	size := max(chunk, 2*len(n))
	for {
		piece := ascii[:min(len(ascii), size)]
		s.folded = appendLower(s.folded[:0], piece)
		if bytes.Contains(s.folded, []byte(n)) {
			return true
		}
		if len(piece) == len(ascii) {
			return false
		}
		ascii = ascii[size-len(n)+1:]
	}
}

func appendFolded(dst, text []byte) []byte {
	if mime.IsASCII(text) {
		return appendLower(dst, text)
	}
	return append(dst, fold(string(text))...)
}

func appendLower(dst, ascii []byte) []byte {
	begin := len(dst)
	dst = append(dst, ascii...)
	for i, c := range dst[begin:] {
		if 'A' <= c && c <= 'Z' {
			dst[begin+i] = c + 'a' - 'A'
		}
	}
	return dst
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
