package mailfile

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
)

// Quoting is how an mbox file sets lines of messages off from separators.
type Quoting int

// The two forms; the package comment tells the difference.
const (
	MboxRD Quoting = iota
	MboxO
)

// ParseQuoting reads "mboxrd" or "mboxo".
func ParseQuoting(name string) (Quoting, error) {
	switch name {
	case "mboxrd":
		return MboxRD, nil
	case "mboxo":
		return MboxO, nil
	}
	return 0, fmt.Errorf("%q is neither mboxrd nor mboxo", name)
}

// unquoter takes one ">" from each quoted line.
type unquoter struct {
	from      *bufio.Reader
	quoting   Quoting
	lineStart bool
}

// Unquote returns what r has, without the quoting.
func Unquote(r io.Reader, quoting Quoting) io.Reader {
	return &unquoter{from: bufio.NewReaderSize(r, mboxBuffer), quoting: quoting, lineStart: true}
}

func (u *unquoter) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if u.lineStart && u.quoted() {
			_, _ = u.from.Discard(1)
		}
		if _, err := u.from.Peek(1); err != nil {
			if n > 0 {
				return n, nil
			}
			return 0, err
		}
		piece, _ := u.from.Peek(min(u.from.Buffered(), len(p)-n))
		end := bytes.IndexByte(piece, '\n') + 1
		u.lineStart = end > 0
		if end == 0 {
			end = len(piece)
		}
		n += copy(p[n:], piece[:end])
		_, _ = u.from.Discard(end)
	}
	return n, nil
}

// quoted looks ahead at the beginning of a line. More ">" than the buffer holds are no quoting.
func (u *unquoter) quoted() bool {
	for size := 1 + len(fromPrefix); ; size *= 2 {
		size = min(size, mboxBuffer)
		ahead, err := u.from.Peek(size)
		depth := len(ahead) - len(bytes.TrimLeft(ahead, ">"))
		switch {
		case depth == 0, u.quoting == MboxO && depth > 1:
			return false
		case len(ahead) >= depth+len(fromPrefix):
			return bytes.HasPrefix(ahead[depth:], fromPrefix)
		case err != nil || size == mboxBuffer:
			return false
		}
	}
}
