package imaptest

import (
	"bytes"
	"errors"
	"fmt"
)

// line is a line of a script, with the literals in it.
type line struct {
	number    int
	text      []string // around the literals: one more than there are
	literals  []literal
	paragraph int // how many empty lines are before it
}

type literal struct {
	octets  []byte
	counted bool // {n}, not {{{
	binary  bool
	nonSync bool
}

// wire writes the line as a server would send it.
func (l line) wire() []byte {
	var b bytes.Buffer
	for i, text := range l.text {
		b.WriteString(text)
		if i < len(l.literals) {
			lit := l.literals[i]
			if lit.binary {
				b.WriteByte('~')
			}
			fmt.Fprintf(&b, "{%d}\r\n", len(lit.octets))
			b.Write(lit.octets)
		}
	}
	return b.Bytes()
}

// lineReader cuts a script into lines.
type lineReader struct {
	rest      []byte
	number    int
	paragraph int
	err       error
	errLine   int
}

// raw takes the next line of the file, without its end.
func (r *lineReader) raw() (text []byte, crlf, ok bool) {
	if len(r.rest) == 0 {
		return nil, false, false
	}
	text, r.rest, _ = bytes.Cut(r.rest, []byte("\n"))
	r.number++
	text, crlf = bytes.CutSuffix(text, []byte("\r"))
	return text, crlf, true
}

// next returns the next line that is neither empty nor a comment; the fault of the first that cannot be read stays in r.err.
func (r *lineReader) next() (line, bool) {
	for r.err == nil {
		text, _, ok := r.raw()
		if !ok {
			break
		}
		switch {
		case len(bytes.TrimSpace(text)) == 0:
			r.paragraph++
		case text[0] != '#':
			l := line{number: r.number, paragraph: r.paragraph}
			if r.err = r.complete(&l, text); r.err != nil {
				r.errLine = l.number
				return line{}, false
			}
			return l, true
		}
	}
	return line{}, false
}

// complete adds to a line the literals, and what follows them.
func (r *lineReader) complete(l *line, text []byte) error {
	for {
		lit, before, found, err := r.literal(&text)
		if err != nil {
			return err
		}
		if !found {
			l.text = append(l.text, string(text))
			return nil
		}
		l.text = append(l.text, before)
		l.literals = append(l.literals, lit)
	}
}

// literal takes the literal that the text announces at its end; text is then what follows it.
func (r *lineReader) literal(text *[]byte) (lit literal, before string, found bool, err error) {
	if rest, ok := bytes.CutSuffix(*text, []byte("{{{")); ok {
		rest, lit.binary = bytes.CutSuffix(rest, []byte("~"))
		lit.octets, *text, err = r.wrapped(lit.binary)
		return lit, string(rest), true, err
	}
	if m, ok := trailingMarker(*text); ok {
		lit.binary, lit.nonSync, lit.counted = m.binary, m.nonSync, true
		before = string((*text)[:len(*text)-m.length])
		lit.octets, *text, err = r.counted(m.size)
		return lit, before, true, err
	}
	return literal{}, "", false, nil
}

// wrapped reads up to "}}}". The end of the last line does not belong to the literal.
func (r *lineReader) wrapped(binary bool) (octets, rest []byte, err error) {
	end := ""
	for first := true; ; first = false {
		text, crlf, ok := r.raw()
		if !ok {
			return nil, nil, errors.New("the literal has no }}}")
		}
		if rest, closed := bytes.CutPrefix(text, []byte("}}}")); closed {
			return octets, rest, nil
		}
		if !first {
			octets = append(octets, end...)
		}
		octets = append(octets, text...)
		if end = "\r\n"; binary && !crlf {
			end = "\n"
		}
	}
}

// counted reads so many octets.
func (r *lineReader) counted(size int64) (octets, rest []byte, err error) {
	for first := true; ; first = false {
		text, _, ok := r.raw()
		if !ok {
			return nil, nil, fmt.Errorf("the literal of %d octets has only %d", size, len(octets))
		}
		if !first {
			octets = append(octets, '\r', '\n')
		}
		octets = append(octets, text...)
		if int64(len(octets)) < size {
			continue
		}
		over := int64(len(octets)) - size
		if over > int64(len(text)) {
			return nil, nil, fmt.Errorf("the literal of %d octets ends between CR and LF", size)
		}
		return octets[:size], text[int64(len(text))-over:], nil
	}
}
