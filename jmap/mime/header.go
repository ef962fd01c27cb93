package mime

import (
	"bytes"
	"iter"
	"slices"
)

// Header is a header block as it stands in a message, with or without the blank
// line behind it. It is searched in place and never copied.
type Header []byte

// HeaderEnd finds where the header block of a message ends, behind its blank line, in the beginning of the message. It is
// false where there is no blank line: the header may go on in what is not at hand.
func HeaderEnd(beginning []byte) (end int, ok bool) {
	for pos := 0; pos < len(beginning); pos = end {
		end = lineEnd(beginning, pos)
		if isBlankLine(beginning[pos:end]) {
			return end, true
		}
	}
	return 0, false
}

// Field is one header field. Lines that are no field (an mbox "From " line, a line
// without a colon) are in the block but are not fields.
type Field struct {
	// Name is the field name as spelled in the message.
	Name string
	// Raw is what stands between the colon and the line break that ends the
	// field; folding and white space are as in the message.
	Raw []byte
	// Span is where the field lies in the block, its final line break included.
	Span Span
}

// Fields iterates over the fields of the block in order.
func (h Header) Fields() iter.Seq[Field] {
	return func(yield func(Field) bool) {
		for name, span := range h.Spans() {
			if !yield(h.field(name, span)) {
				return
			}
		}
	}
}

// Spans iterates over the names of the fields in order, as spelled in the message, and where the fields lie in the block.
// It is Fields without an allocation for each.
func (h Header) Spans() iter.Seq2[[]byte, Span] {
	return func(yield func([]byte, Span) bool) {
		for pos := 0; pos < len(h); {
			end := lineEnd(h, pos)
			if isBlankLine(h[pos:end]) {
				return
			}
			colon := fieldName(h[pos:end])
			if colon < 0 {
				pos = end
				continue
			}
			end = foldedEnd(h, end)
			if !yield(bytes.TrimRight(h[pos:pos+colon], " \t"), Span{pos, end}) {
				return
			}
			pos = end
		}
	}
}

// field makes the field that Spans has found.
func (h Header) field(name []byte, span Span) Field {
	value := h[span.Start+len(name) : span.End]
	colon := bytes.IndexByte(value, ':') // white space may stand before it
	return Field{Name: string(name), Raw: trimEOL(value[colon+1:]), Span: span}
}

// named iterates over the fields of a name, in any case.
func (h Header) named(name string) iter.Seq[Field] {
	return func(yield func(Field) bool) {
		for found, span := range h.Spans() {
			if EqualFold(found, name) && !yield(h.field(found, span)) {
				return
			}
		}
	}
}

// First finds the first field of that name, in any case.
func (h Header) First(name string) (Field, bool) {
	for f := range h.named(name) {
		return f, true
	}
	return Field{}, false
}

// Last finds the last field of that name, in any case: the one that a JMAP
// header property stands for (RFC 8621 section 4.1.3).
func (h Header) Last(name string) (Field, bool) {
	var last Field
	found := false
	for f := range h.named(name) {
		last, found = f, true
	}
	return last, found
}

// All finds the fields of that name, in any case, in order.
func (h Header) All(name string) []Field {
	return slices.Collect(h.named(name))
}

// fieldName gives the offset of the colon of a header field's first line, or -1
// where the line does not begin with a field name. White space before the colon is
// obsolete but allowed (RFC 5322 section 4.5).
func fieldName(line []byte) int {
	i := 0
	for i < len(line) && line[i] > ' ' && line[i] < 0x7f && line[i] != ':' {
		i++
	}
	if i == 0 {
		return -1
	}
	for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
		i++
	}
	if i < len(line) && line[i] == ':' {
		return i
	}
	return -1
}

// foldedEnd extends the end of a line over the continuation lines behind it.
func foldedEnd(block []byte, end int) int {
	for end < len(block) && (block[end] == ' ' || block[end] == '\t') {
		end = lineEnd(block, end)
	}
	return end
}

// lineEnd is the offset behind the line feed of the line at pos.
func lineEnd(b []byte, pos int) int {
	if i := bytes.IndexByte(b[pos:], '\n'); i >= 0 {
		return pos + i + 1
	}
	return len(b)
}

func isBlankLine(line []byte) bool {
	return string(line) == "\n" || string(line) == "\r\n"
}

// trimEOL cuts one line break (CRLF or LF) off the end.
func trimEOL(b []byte) []byte {
	return b[:len(b)-eolLen(b)]
}

// eolLen is the length of the line break at the end of b: 0, 1 or 2.
func eolLen(b []byte) int {
	switch {
	case bytes.HasSuffix(b, []byte("\r\n")):
		return 2
	case bytes.HasSuffix(b, []byte("\n")):
		return 1
	}
	return 0
}
