package transcript

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind tells what a line of a session is.
type kind byte

const (
	remark kind = iota // empty, or a comment
	client
	server
	jmapRequest
	startTLS
)

// closed is the text of an S: line that stands for the end of the connection.
const closed = "[closed]"

// line is one line of a session.
type line struct {
	kind   kind
	conn   int    // 1 and up; 0 for remarks and J: lines
	text   string // escaped as in the file
	number int    // in the file, from 1; 0 for one that a run has added
}

func (l line) String() string {
	name := ""
	if l.conn > 1 {
		name = strconv.Itoa(l.conn)
	}
	switch l.kind {
	case client:
		return strings.TrimSuffix("C"+name+": "+l.text, " ")
	case server:
		return "S" + name + ": " + l.text
	case jmapRequest:
		return "J: " + l.text
	case startTLS:
		return "!tls" + name
	default:
		return l.text
	}
}

func parseLines(data []byte, first int) ([]line, error) {
	var lines []line
	text := strings.TrimSuffix(string(data), "\n")
	for i, s := range strings.Split(text, "\n") {
		l, err := parseLine(s)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", first+i, err)
		}
		l.number = first + i
		lines = append(lines, l)
	}
	return lines, nil
}

func parseLine(s string) (line, error) {
	if s == "" || s[0] == '#' {
		return line{kind: remark, text: s}, nil
	}
	if name, ok := strings.CutPrefix(s, "!tls"); ok {
		conn, err := connection(name)
		return line{kind: startTLS, conn: conn}, err
	}
	head, text, ok := strings.Cut(s, ":")
	if !ok || head == "" {
		return line{}, fmt.Errorf("%q begins with none of C:, S:, J:, !tls and #", s)
	}
	l := line{text: strings.TrimPrefix(text, " ")}
	switch head[0] {
	case 'C':
		l.kind = client
	case 'S':
		l.kind = server
	case 'J':
		l.kind = jmapRequest
		return l, nil
	default:
		return line{}, fmt.Errorf("%q begins with none of C:, S:, J:, !tls and #", s)
	}
	var err error
	l.conn, err = connection(head[1:])
	return l, err
}

func connection(name string) (int, error) {
	if name == "" {
		return 1, nil
	}
	n, err := strconv.Atoi(name)
	if err != nil || n < 1 || n > 99 {
		return 0, fmt.Errorf("%q is not a connection's number", name)
	}
	return n, nil
}

// escape writes octets so that they can stand in a transcript: <hh> for what is
// not printable, and for a "<" that could be taken for the start of one.
func escape(octets []byte) string {
	var b strings.Builder
	for len(octets) > 0 {
		r, size := utf8.DecodeRune(octets)
		plain := r != utf8.RuneError && (r == ' ' || r == '\t' || unicode.IsPrint(r)) && !isEscape(octets)
		if plain {
			b.Write(octets[:size])
		} else {
			size = 1
			fmt.Fprintf(&b, "<%02x>", octets[0])
		}
		octets = octets[size:]
	}
	return b.String()
}

func isEscape(s []byte) bool {
	if len(s) < 4 || s[0] != '<' || s[3] != '>' {
		return false
	}
	_, err := strconv.ParseUint(string(s[1:3]), 16, 8)
	return err == nil
}

// unescape is the inverse of escape.
func unescape(s string) []byte {
	var out bytes.Buffer
	for len(s) > 0 {
		if isEscape([]byte(s[:min(len(s), 4)])) {
			n, _ := strconv.ParseUint(s[1:3], 16, 8)
			out.WriteByte(byte(n))
			s = s[4:]
			continue
		}
		out.WriteByte(s[0])
		s = s[1:]
	}
	return out.Bytes()
}
