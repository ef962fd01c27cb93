package mime

import (
	"bytes"
	"strconv"
)

// Part is one entity: the message itself, a part of a multipart, or the message in a
// message/rfc822 part. A part of type multipart always has at least one child.
type Part struct {
	// Header is where the header lies in the message, the blank line included.
	Header Span
	// Body is where the body lies, before transfer decoding.
	Body Span

	// Type and Subtype are in lower case. Where the header has no usable
	// Content-Type they are the default of RFC 2045 section 5.2 or, in a
	// multipart/digest, of RFC 2046 section 5.1.5.
	Type, Subtype string
	// Params are the parameters of Content-Type.
	Params Params
	// TypeGiven says that the header has a Content-Type field that says something, and
	// is no multipart without a boundary.
	TypeGiven bool
	// Encoding is the Content-Transfer-Encoding in lower case; "7bit" by default.
	Encoding string
	// Disposition is nil where the header has no Content-Disposition, or an empty one.
	Disposition *Disposition
	// ID is Content-ID, Description is Content-Description, MD5 is Content-MD5 and
	// Location is Content-Location, all unfolded, trimmed and otherwise raw.
	ID, Description, MD5, Location string
	// Languages are the tags of Content-Language.
	Languages []string

	// Parent is the multipart or message/rfc822 part around this one.
	Parent *Part
	// Number is the place among the parent's children, from 1.
	Number int
	// Children are the parts of a multipart.
	Children []*Part
	// Message is the message in a message/rfc822 or message/global part. It is nil
	// where the part is transfer-encoded, as it then cannot be read in place.
	Message *Part

	data []byte
}

// Disposition is a Content-Disposition (RFC 2183).
type Disposition struct {
	// Kind is in lower case: "inline", "attachment" or whatever was sent.
	Kind   string
	Params Params
}

// Fields is the part's header block.
func (p *Part) Fields() Header { return p.data[p.Header.Start:p.Header.End] }

// Octets is the part's body as stored, before transfer decoding.
func (p *Part) Octets() []byte { return p.data[p.Body.Start:p.Body.End] }

// Lines is the number of line feeds in the part's body.
func (p *Part) Lines() int { return bytes.Count(p.Octets(), []byte("\n")) }

// MediaType is type and subtype with a slash between, in lower case.
func (p *Part) MediaType() string { return p.Type + "/" + p.Subtype }

// IsMultipart says whether the part is a multipart with its children.
func (p *Part) IsMultipart() bool { return p.Type == "multipart" }

// IsText says whether the part is of type text/*.
func (p *Part) IsText() bool { return p.Type == "text" }

// Section is the part's number in IMAP (RFC 9051 section 6.4.5.1), such as "2.1",
// counted from the outermost message. A message that is multipart has no number of its
// own: empty for the outermost, else that of the message/rfc822 part around it.
func (p *Part) Section() string { return p.section(true) }

// PartID names the part in its message, as JMAP's partId (RFC 8621 section 4.1.4).
// Unlike Section it counts from the nearest message/rfc822 around the part.
func (p *Part) PartID() string { return p.section(false) }

func (p *Part) section(outermost bool) string {
	var path []int
	for q := p; q != nil; q = q.Parent {
		switch {
		case !q.isMessageRoot():
			path = append(path, q.Number)
			continue
		case !q.IsMultipart():
			path = append(path, 1)
		}
		if !outermost {
			break
		}
	}
	var text []byte
	for i := len(path) - 1; i >= 0; i-- {
		text = strconv.AppendInt(text, int64(path[i]), 10)
		if i > 0 {
			text = append(text, '.')
		}
	}
	return string(text)
}

// isMessageRoot says whether the part is a message, outermost or embedded.
func (p *Part) isMessageRoot() bool { return p.Parent == nil || p.Parent.Message == p }

// Walk calls visit for the part and, depth first, for all parts below it; into
// embedded messages only if embedded is set.
func (p *Part) Walk(embedded bool, visit func(*Part)) {
	visit(p)
	for _, c := range p.Children {
		c.Walk(embedded, visit)
	}
	if embedded && p.Message != nil {
		p.Message.Walk(embedded, visit)
	}
}
