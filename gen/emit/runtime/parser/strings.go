//go:build ignore

package parser

import (
	"encoding/base64"
	"sort"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// The functions here decode strings: the grammar has matched them already.

func (p *state) bytes(k int) []byte { return p.s[p.tape[k].start:p.tape[k].end] }

func (p *state) text(k int) string { return string(p.bytes(k)) }

// respText gives the text of a response. In strict mode it must not begin like a
// response code: then the code before it was not understood.
func (p *state) respText(k int) string {
	at := p.tape[k].start
	if p.strict && p.s[at] == '[' && (at < 2 || p.s[at-2] != ']') {
		p.bad(k, "resp-text-code")
	}
	return p.text(k)
}

// isNil reports whether event k is NIL.
func (p *state) isNil(k int) bool {
	return p.tape[k].end-p.tape[k].start == 3 && p.word(int(p.tape[k].start), "NIL")
}

// stringValue gives the octets of an atom, a quoted string or a literal.
func (p *state) stringValue(k int) string {
	b := p.bytes(k)
	if len(b) == 0 {
		return ""
	}
	switch b[0] {
	case '"':
		return unquote(b)
	case '{':
		return string(p.literalData(k))
	}
	return string(b)
}

// unquote takes quotes and backslashes off.
func unquote(b []byte) string {
	b = b[1 : len(b)-1]
	first := -1
	for i, c := range b {
		if c == '\\' {
			first = i
			break
		}
	}
	if first < 0 {
		return string(b)
	}
	var s strings.Builder
	s.Grow(len(b))
	s.Write(b[:first])
	for i := first; i < len(b); i++ {
		if b[i] == '\\' {
			i++
		}
		s.WriteByte(b[i])
	}
	return s.String()
}

// nstring gives a string or NIL.
func (p *state) nstring(k int) imap.NString {
	if p.isNil(k) {
		return imap.NString{}
	}
	return imap.String(p.stringValue(k))
}

// mailbox gives a mailbox name, INBOX in any case as INBOX. RFC 9051 section 5.1.
func (p *state) mailbox(k int) string {
	s := p.stringValue(k)
	if len(s) == len(inbox) && strings.EqualFold(s, inbox) {
		return inbox
	}
	return s
}

const inbox = "INBOX"

func (p *state) secret(k int) imap.Secret { return imap.Secret(p.stringValue(k)) }

// quotedChar gives the one octet of a quoted-char: characters outside ASCII cannot be
// hierarchy delimiters.
func (p *state) quotedChar(k int) byte {
	b := p.bytes(k)
	switch {
	case b[0] == '\\':
		return b[1]
	case b[0] >= 0x80:
		p.bad(k, "quoted-char")
	}
	return b[0]
}

// base64 decodes; nothing gives an empty slice.
func (p *state) base64(k int) []byte {
	b := p.bytes(k)
	out := make([]byte, base64.StdEncoding.DecodedLen(len(b)))
	n, err := base64.StdEncoding.Decode(out, b)
	if err != nil {
		p.bad(k, "base64")
	}
	return out[:n]
}

// initialResponse decodes an initial response; "=" is the empty one. RFC 9051 section 6.2.2.
func (p *state) initialResponse(k int) *imap.Secret {
	var s imap.Secret
	if b := p.bytes(k); len(b) != 1 || b[0] != '=' {
		s = imap.Secret(p.base64(k))
	}
	return &s
}

// literalAt gives the literal whose {n}CRLF is event k.
func (p *state) literalAt(k int) (imap.Literal, bool) {
	end := int(p.tape[k].end)
	i := sort.SearchInts(p.ends, end)
	if i == len(p.ends) || p.ends[i] != end || i >= len(p.lits) {
		p.bad(k, "literal")
		return imap.Literal{}, false
	}
	lit := p.lits[i]
	if head := p.bytes(k); !sameHead(head, lit) || !lit.Streamed && int64(len(lit.Data)) != lit.Size {
		p.bad(k, "literal")
		return imap.Literal{}, false
	}
	return lit, true
}

// sameHead reports whether {n}, {n+} or ~{n} announces lit.
func sameHead(head []byte, lit imap.Literal) bool {
	binary := head[0] == '~'
	if binary {
		head = head[1:]
	}
	head = head[1 : len(head)-len("}\r\n")]
	nonSync := head[len(head)-1] == '+'
	if nonSync {
		head = head[:len(head)-1]
	}
	n, ok := decimal(head)
	return ok && n == uint64(lit.Size) && binary == lit.Binary && nonSync == lit.NonSync
}

// literalData gives the octets of a literal that stands for a string. Only literal8
// may hold NUL. RFC 9051 section 9.
func (p *state) literalData(k int) []byte {
	lit, ok := p.literalAt(k)
	if !ok {
		return nil
	}
	if lit.Streamed {
		p.bad(k, "literal")
		return nil
	}
	if !lit.Binary {
		for _, c := range lit.Data {
			if c == 0 {
				p.bad(k, "literal")
				return nil
			}
		}
	}
	return lit.Data
}

// literal gives the message literal of an APPEND, which alone may be streamed.
func (p *state) literal(k int) imap.Literal {
	lit, ok := p.literalAt(k)
	if ok && lit.Streamed && !p.streamed {
		p.bad(k, "literal")
	}
	return lit
}

// blob gives data of a FETCH response; nil for NIL.
func (p *state) blob(k int) *imap.Blob {
	b := p.bytes(k)
	var data []byte
	switch {
	case p.isNil(k):
		return nil
	case b[0] == '"':
		data = []byte(unquote(b))
	default:
		data = append([]byte{}, p.literalData(k)...)
	}
	return &imap.Blob{Size: int64(len(data)), Bytes: data}
}
