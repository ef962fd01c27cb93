package imaptest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// reply is one response of the server.
type reply struct {
	tag  string // "*", "+" or the tag of a command
	args []arg
}

// String writes the reply for people.
func (r reply) String() string { return r.tag + " " + formatArgs(r.args) }

// says tells whether the reply begins with the word.
func (r reply) says(word string) bool { return len(r.args) > 0 && equalFold(r.args[0].text, word) }

// limits are how many octets a reply may have: in its text, and with its literals.
type limits struct{ text, all int }

var usualLimits = limits{text: 8 << 20, all: 64 << 20}

var (
	errReplyText = errors.New("the text of a reply is too long")
	errReply     = errors.New("a reply with its literals is too long")
)

// readReply reads one response, literals included, and no octet more.
func readReply(from *bufio.Reader, most limits) (reply, error) {
	wire, err := readWire(from, most)
	if err != nil {
		return reply{}, err
	}
	return parseReply(wire)
}

// readWire returns a response as it is on the wire, without the CRLF at its end.
func readWire(from *bufio.Reader, most limits) ([]byte, error) {
	var wire []byte
	text := 0
	for {
		line, err := readLine(from, most.text-text)
		if err != nil {
			return nil, err
		}
		text += len(line)
		wire = append(wire, line...)
		m, ok := trailingMarker(line)
		if !ok {
			return wire, nil
		}
		if m.size > int64(most.all-len(wire)) {
			return nil, errReply
		}
		wire = append(wire, '\r', '\n')
		if wire, err = appendOctets(wire, from, m.size); err != nil {
			return nil, fmt.Errorf("in a literal: %w", err)
		}
	}
}

// readLine returns a line without its end.
func readLine(from *bufio.Reader, limit int) ([]byte, error) {
	var line []byte
	for {
		piece, err := from.ReadSlice('\n')
		if len(line)+len(piece) > limit {
			return nil, errReplyText
		}
		line = append(line, piece...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(line) > 0:
			return nil, fmt.Errorf("the connection ends in a line: %w", io.ErrUnexpectedEOF)
		case err != nil:
			return nil, err
		}
		return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")), nil
	}
}

// appendOctets takes memory only for what has come: a server may promise more than it sends.
func appendOctets(to []byte, from io.Reader, n int64) ([]byte, error) {
	buffer := bytes.NewBuffer(to)
	got, err := io.CopyN(buffer, from, n)
	if errors.Is(err, io.EOF) && got < n {
		err = io.ErrUnexpectedEOF
	}
	return buffer.Bytes(), err
}

// parseReply takes a response apart.
func parseReply(wire []byte) (reply, error) {
	tag, rest, _ := bytes.Cut(wire, []byte(" "))
	r := reply{tag: string(tag)}
	var err error
	switch {
	case len(tag) == 0:
		err = errors.New("it begins with a blank, or is empty")
	case r.tag == "+":
		r.args = words(rest)
	default:
		r.args, err = parseData(rest)
	}
	if err != nil {
		return reply{}, fmt.Errorf("the server sent %q: %w", shorten(string(wire)), err)
	}
	return r, nil
}

// parseData parses what follows a tag. The text of a status response is for people: in it, quotes and parentheses mean nothing.
func parseData(data []byte) ([]arg, error) {
	if status, rest, _ := bytes.Cut(data, []byte(" ")); isStatus(string(status)) {
		return append([]arg{{text: string(status)}}, statusText(rest)...), nil
	}
	return parseArgs(data)
}

// isStatus holds for the first words of status responses (RFC 9051 section 7.1).
func isStatus(word string) bool {
	switch strings.ToUpper(word) {
	case "OK", "NO", "BAD", "BYE", "PREAUTH":
		return true
	}
	return false
}

// statusText parses a response code and the text behind it.
func statusText(text []byte) []arg {
	if !bytes.HasPrefix(text, []byte("[")) {
		return words(text)
	}
	r := &argReader{rest: text}
	var code []arg
	for len(code) < maxArgs {
		r.rest = bytes.TrimLeft(r.rest, " ")
		if len(r.rest) == 0 || r.rest[0] == ')' {
			return words(text)
		}
		a, err := r.arg(0)
		if err != nil {
			return words(text)
		}
		code = append(code, a)
		if a.kind == kindAtom && strings.HasSuffix(a.text, "]") {
			break
		}
	}
	return append(code, words(r.rest)...)
}

// words are what stands between blanks.
func words(text []byte) []arg {
	var args []arg
	for _, word := range bytes.Fields(text) {
		if len(args) == maxArgs {
			break
		}
		args = append(args, arg{text: string(word)})
	}
	return args
}

// shorten keeps a text readable in a report.
func shorten(text string) string {
	const most = 500
	if len(text) <= most {
		return text
	}
	return text[:most] + fmt.Sprintf("… (%d octets)", len(text))
}
