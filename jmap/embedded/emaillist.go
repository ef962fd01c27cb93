package embedded

import (
	"bytes"
	"encoding/json"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// emailList is the answer of Email/get with its Emails in JSON already: as they are made one after the other, so that no more than
// one is in memory as a record.
type emailList struct {
	jmap.EmailGetResponse // without Emails
	emails                [][]byte
}

// MarshalJSON implements json.Marshaler.
func (l *emailList) MarshalJSON() ([]byte, error) {
	frame := l.AppendJSON(nil)
	begin := []byte(`"list":[`)
	at := bytes.Index(frame, begin) + len(begin)
	return joinBetween(frame[:at], l.emails, frame[at:]), nil
}

// joinBetween puts elements, with commas, between what comes before and after.
func joinBetween(before []byte, elements [][]byte, after []byte) []byte {
	size := len(before) + len(after)
	for _, e := range elements {
		size += len(e) + 1
	}
	out := append(make([]byte, 0, size), before...)
	for i, e := range elements {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, e...)
	}
	return append(out, after...)
}

// joinObjects makes one object of two that have no property in common.
func joinObjects(a, b []byte) []byte {
	if len(a) <= len("{}") {
		return b
	}
	if len(b) <= len("{}") {
		return a
	}
	out := append(make([]byte, 0, len(a)+len(b)), a[:len(a)-1]...)
	return append(append(out, ','), b[1:]...)
}

// parsedEmails is the answer of Email/parse, likewise.
type parsedEmails struct {
	jmap.EmailParseResponse // without Emails
	emails                  map[string]json.RawMessage
}

// MarshalJSON implements json.Marshaler.
func (p *parsedEmails) MarshalJSON() ([]byte, error) {
	frame := p.AppendJSON(nil)
	if len(p.emails) == 0 {
		return frame, nil
	}
	begin := []byte(`"parsed":`)
	at := bytes.Index(frame, begin) + len(begin)
	var out bytes.Buffer
	out.Write(frame[:at])
	out.Write((&jmap.CoreEcho{Extra: p.emails}).AppendJSON(nil))
	out.Write(bytes.TrimPrefix(frame[at:], []byte("null")))
	return out.Bytes(), nil
}
