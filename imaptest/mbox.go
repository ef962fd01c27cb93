package imaptest

import (
	"bytes"
	"strings"
	"time"
)

// message is a message of an mbox file.
type message struct {
	octets []byte    // with CRLF
	date   time.Time // of the From line; may be zero
}

var fromPrefix = []byte("From ")

// parseMbox reads an mboxrd file: ">" before "From " is quoting, and the empty line before a From line is no part of a message.
func parseMbox(text []byte) []message {
	var messages []message
	var current *message
	for len(text) > 0 {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte("\n"))
		line = bytes.TrimSuffix(line, []byte("\r"))
		switch {
		case bytes.HasPrefix(line, fromPrefix):
			current.end()
			messages = append(messages, message{date: fromDate(string(line))})
			current = &messages[len(messages)-1]
			continue
		case current == nil:
			continue
		case bytes.HasPrefix(bytes.TrimLeft(line, ">"), fromPrefix):
			line = line[1:]
		}
		current.octets = append(append(current.octets, line...), '\r', '\n')
	}
	current.end()
	return messages
}

// end takes the empty line away that ends a message in the file.
func (m *message) end() {
	if m != nil && bytes.HasSuffix(m.octets, []byte("\r\n\r\n")) && !onlyHeader(m.octets) {
		m.octets = m.octets[:len(m.octets)-len("\r\n")]
	}
}

// onlyHeader holds for a message without a body, the end of whose header is the only empty line.
func onlyHeader(octets []byte) bool {
	return !bytes.HasPrefix(octets, []byte("\r\n")) && bytes.Index(octets, []byte("\r\n\r\n")) == len(octets)-len("\r\n\r\n")
}

// fromDate finds the date of a From line, which is in UTC if it has no zone.
func fromDate(line string) time.Time {
	_, rest, _ := strings.Cut(strings.TrimPrefix(line, string(fromPrefix)), " ")
	rest = strings.Join(strings.Fields(rest), " ")
	for _, layout := range []string{
		"Mon Jan 2 15:04:05 2006 -0700", "Mon Jan 2 15:04:05 -0700 2006", "Mon Jan 2 15:04:05 2006", "Mon Jan 2 15:04:05 MST 2006",
	} {
		if date, err := time.Parse(layout, rest); err == nil {
			return date
		}
	}
	return time.Time{}
}
