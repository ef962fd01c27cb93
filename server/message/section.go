package message

import (
	"bytes"
	"slices"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// Section gives the octets of BODY[section] (RFC 9051 section 6.4.5.1). found is
// false for a part that the message does not have, or that has no such header or
// text; the answer to that is NIL. The octets are those of the message where they stand
// in it in one piece, and must not be changed.
func Section(m *mime.Message, s imap.Section) (octets []byte, found bool) {
	if s.Text == imap.SectionHeaderFields || s.Text == imap.SectionHeaderFieldsNot {
		inner := imap.Section{Part: s.Part, Text: imap.SectionHeader}
		span, found := Span(m, inner)
		if !found {
			return nil, false
		}
		rest, _ := Span(m, imap.Section{Part: s.Part, Text: imap.SectionBodyText})
		block := mime.Header(m.Octets[span.Start:span.End])
		return HeaderFields(block, s.Fields, s.Text == imap.SectionHeaderFieldsNot, rest.Len() > 0), true
	}
	span, found := Span(m, s)
	if !found {
		return nil, false
	}
	return m.Octets[span.Start:span.End], true
}

// Span tells where the octets of a section lie in the message; it does not know the
// sections HEADER.FIELDS and HEADER.FIELDS.NOT, which are made of pieces.
func Span(m *mime.Message, s imap.Section) (span mime.Span, found bool) {
	if len(s.Part) == 0 {
		return messageSpan(m.Root, s.Text)
	}
	p := Part(m, s.Part)
	switch {
	case p == nil:
		return mime.Span{}, false
	case s.Text == imap.SectionWhole:
		return p.Body, true
	case s.Text == imap.SectionMIME:
		return p.Header, true
	case p.Message == nil:
		return mime.Span{}, false
	}
	return messageSpan(p.Message, s.Text)
}

func messageSpan(root *mime.Part, text imap.SectionText) (mime.Span, bool) {
	switch text {
	case imap.SectionWhole:
		return mime.Span{Start: root.Header.Start, End: root.Body.End}, true
	case imap.SectionHeader:
		return root.Header, true
	case imap.SectionBodyText:
		return root.Body, true
	}
	return mime.Span{}, false
}

// Part finds a part by its numbers; nil if there is none. A message that is not
// multipart has just part 1, its body.
func Part(m *mime.Message, path []uint32) *mime.Part {
	p, isMessage := m.Root, true
	for _, n := range path {
		if !isMessage && p.Message != nil {
			p, isMessage = p.Message, true
		}
		switch {
		case p.IsMultipart() && n >= 1 && uint64(n) <= uint64(len(p.Children)):
			p = p.Children[n-1]
		case p.IsMultipart() || !isMessage || n != 1:
			return nil
		}
		isMessage = false
	}
	return p
}

// HeaderFields gives the fields of a header block whose names are in the list, or
// with not set those whose names are not, as they stand, and the blank line. The blank
// line is left out if there is none in the block and hasBody is false.
func HeaderFields(block mime.Header, names []string, not, hasBody bool) []byte {
	in := among(names)
	var b bytes.Buffer
	for name, span := range block.Spans() {
		if in(name) != not {
			b.Write(block[span.Start:span.End])
		}
	}
	blank := blankLine(block)
	if blank == "" && hasBody {
		blank = "\r\n"
	}
	b.WriteString(blank)
	return b.Bytes()
}

// fewNames is how many names are compared one by one sooner than a map of them is made.
const fewNames = 24

// among gives a function that tells whether a name is in the list, in any case.
func among(names []string) func(name []byte) bool {
	if len(names) <= fewNames {
		return func(name []byte) bool {
			return slices.ContainsFunc(names, func(n string) bool { return mime.EqualFold(name, n) })
		}
	}
	lowered := make(map[string]bool, len(names))
	for _, n := range names {
		lowered[lowerASCII(n)] = true
	}
	return func(name []byte) bool { return lowered[lowerASCII(string(name))] }
}

// blankLine is the blank line that ends a header block, if there is one.
func blankLine(block mime.Header) string {
	for _, blank := range []string{"\r\n", "\n"} {
		before, ok := bytes.CutSuffix(block, []byte(blank))
		if ok && (len(before) == 0 || before[len(before)-1] == '\n') {
			return blank
		}
	}
	return ""
}

// Cut gives the part of the octets that <offset.count> asks for; nil asks for all.
// What lies beyond the end is empty.
func Cut(octets []byte, p *imap.Partial) []byte {
	if p == nil {
		return octets
	}
	start := min(max(p.Offset, 0), int64(len(octets)))
	end := start + min(max(p.Count, 0), int64(len(octets))-start)
	return octets[start:end]
}
