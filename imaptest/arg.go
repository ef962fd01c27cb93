package imaptest

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// kind is what an argument is.
type kind uint8

const (
	kindAtom kind = iota
	kindNil
	kindString // quoted, or a literal
	kindList
)

// arg is one argument of a reply: as a server sends it, or as a script expects it. What stands between parentheses is a list, and all
// else between blanks is an atom, brackets included: a section or a response code with blanks is several arguments.
type arg struct {
	kind kind
	text string
	list []arg
}

// Limits of what is parsed: a hostile server gets an error, not our memory.
const (
	maxDepth = 200
	maxArgs  = 1 << 20
)

var (
	errDepth = fmt.Errorf("lists are nested more than %d deep", maxDepth)
	errArgs  = fmt.Errorf("a reply has more than %d arguments", maxArgs)
)

// argReader takes arguments apart.
type argReader struct {
	rest  []byte
	count int
}

// parseArgs parses text in which literals stand as on the wire, without a CRLF at its end.
func parseArgs(wire []byte) ([]arg, error) {
	r := &argReader{rest: wire}
	args, err := r.args(0)
	if err == nil && len(r.rest) > 0 {
		err = errors.New("a parenthesis is closed that was not opened")
	}
	return args, err
}

// args reads to the end of the list.
func (r *argReader) args(depth int) ([]arg, error) {
	if depth > maxDepth {
		return nil, errDepth
	}
	var args []arg
	for {
		r.rest = bytes.TrimLeft(r.rest, " ")
		if len(r.rest) == 0 || r.rest[0] == ')' {
			return args, nil
		}
		if r.count++; r.count > maxArgs {
			return nil, errArgs
		}
		a, err := r.arg(depth)
		if err != nil {
			return nil, err
		}
		args = append(args, a)
	}
}

func (r *argReader) arg(depth int) (arg, error) {
	switch r.rest[0] {
	case '(':
		return r.parenthesis(depth)
	case '"':
		return r.quoted()
	case '{', '~':
		if marker, ok := leadingMarker(r.rest); ok {
			return r.literal(marker)
		}
	}
	return r.atom()
}

func (r *argReader) parenthesis(depth int) (arg, error) {
	r.rest = r.rest[1:]
	list, err := r.args(depth + 1)
	if err != nil {
		return arg{}, err
	}
	if len(r.rest) == 0 {
		return arg{}, errors.New("a parenthesis is not closed")
	}
	r.rest = r.rest[1:]
	return arg{kind: kindList, list: list}, nil
}

func (r *argReader) quoted() (arg, error) {
	var text []byte
	for i := 1; i < len(r.rest); i++ {
		switch c := r.rest[i]; c {
		case '"':
			r.rest = r.rest[i+1:]
			return arg{kind: kindString, text: string(text)}, nil
		case '\r', '\n':
			return arg{}, errors.New("a line ends in a quoted string")
		case '\\':
			if i++; i == len(r.rest) {
				return arg{}, errors.New("a quoted string is not closed")
			}
			if c = r.rest[i]; c == '\r' || c == '\n' {
				return arg{}, errors.New("a line ends in a quoted string")
			}
			text = append(text, c)
		default:
			text = append(text, c)
		}
	}
	return arg{}, errors.New("a quoted string is not closed")
}

func (r *argReader) literal(m marker) (arg, error) {
	r.rest = r.rest[m.length+len("\r\n"):]
	if m.size > int64(len(r.rest)) {
		return arg{}, fmt.Errorf("a literal of %d octets has only %d", m.size, len(r.rest))
	}
	text := string(r.rest[:m.size])
	r.rest = r.rest[m.size:]
	return arg{kind: kindString, text: text}, nil
}

func (r *argReader) atom() (arg, error) {
	end := bytes.IndexAny(r.rest, " ()\r\n")
	if end < 0 {
		end = len(r.rest)
	}
	text := string(r.rest[:end])
	r.rest = r.rest[end:]
	_, announced := trailingMarker([]byte(text))
	switch {
	case announced:
		return arg{}, fmt.Errorf("%s is not at the end of a line", text)
	case len(r.rest) > 0 && (r.rest[0] == '\r' || r.rest[0] == '\n'):
		return arg{}, errors.New("a line ends within a reply")
	case strings.EqualFold(text, "NIL"):
		return arg{kind: kindNil}, nil
	}
	return arg{kind: kindAtom, text: text}, nil
}

// marker is what announces a literal: {n}, {n+}, ~{n}.
type marker struct {
	size    int64
	length  int // of the marker itself
	binary  bool
	nonSync bool
}

// leadingMarker reads the marker of a literal at the beginning of text, which must have its CRLF.
func leadingMarker(text []byte) (marker, bool) {
	end := bytes.IndexByte(text, '}')
	if end < 0 || end > len("~{18446744073709551615+") || !bytes.HasPrefix(text[end+1:], []byte("\r\n")) {
		return marker{}, false
	}
	return parseMarker(text[:end+1])
}

// trailingMarker reads the marker of a literal at the end of a line.
func trailingMarker(line []byte) (marker, bool) {
	start := bytes.LastIndexByte(line, '{')
	if start < 0 {
		return marker{}, false
	}
	if start > 0 && line[start-1] == '~' {
		start--
	}
	return parseMarker(line[start:])
}

func parseMarker(text []byte) (marker, bool) {
	m := marker{length: len(text)}
	inner, closed := bytes.CutSuffix(text, []byte("}"))
	inner, m.binary = bytes.CutPrefix(inner, []byte("~"))
	inner, opened := bytes.CutPrefix(inner, []byte("{"))
	inner, m.nonSync = bytes.CutSuffix(inner, []byte("+"))
	if !opened || !closed || len(inner) == 0 || inner[0] < '0' || inner[0] > '9' {
		return marker{}, false
	}
	size, err := strconv.ParseInt(string(inner), 10, 64)
	m.size = size
	return m, err == nil
}

// String writes the argument as a server could have sent it.
func (a arg) String() string {
	var b strings.Builder
	a.write(&b)
	return b.String()
}

func (a arg) write(b *strings.Builder) {
	switch a.kind {
	case kindNil:
		b.WriteString("NIL")
	case kindAtom:
		b.WriteString(a.text)
	case kindString:
		b.WriteString(quote(a.text))
	case kindList:
		b.WriteByte('(')
		writeArgs(b, a.list)
		b.WriteByte(')')
	}
}

func writeArgs(b *strings.Builder, args []arg) {
	for i, a := range args {
		if i > 0 {
			b.WriteByte(' ')
		}
		a.write(b)
	}
}

// quote writes a string as a quoted one or, where that is impossible, a literal.
func quote(text string) string {
	if strings.ContainsAny(text, "\r\n\x00") {
		return fmt.Sprintf("{%d}\r\n%s", len(text), text)
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// formatArgs writes arguments with blanks between.
func formatArgs(args []arg) string {
	var b strings.Builder
	writeArgs(&b, args)
	return b.String()
}
