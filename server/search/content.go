package search

import (
	"strings"

	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// header looks for a string in the fields of a name. An empty string is
// found in every message that has such a field (RFC 9051 section 6.4.4).
type header struct {
	name      string
	needle    needle
	addresses bool // also in the addresses as ENVELOPE has them
}

func (h header) eval(_ *Meta, in *loaded) verdict {
	if !in.hasHeader {
		return unknown
	}
	for _, f := range in.header.All(h.name) {
		if h.needle.inField(f) || h.addresses && h.needle.inAddresses(f) {
			return yes
		}
	}
	return no
}

func (header) cost() int { return costHeader }

// inField looks at the value as readers see it and as it stands in the message.
func (n needle) inField(f mime.Field) bool {
	return n.in(mime.Text(f.Raw)) || n.in(unfolded(f.Raw))
}

// inAddresses looks at the addresses without comments, quoting and the white space that old mail has around its dots: FROM and the
// like search the envelope (RFC 9051 section 6.4.4).
func (n needle) inAddresses(f mime.Field) bool {
	for _, a := range mime.ParseAddresses(f.Raw) {
		text := a.Email()
		if name := a.DisplayName(); name != "" {
			text = name + " <" + text + ">"
		}
		if n.in(text) {
			return true
		}
	}
	return false
}

var lineBreaks = strings.NewReplacer("\r", "", "\n", "")

func unfolded(raw []byte) string { return lineBreaks.Replace(string(raw)) }

// anywhereInHeader is the header half of TEXT.
type anywhereInHeader struct{ needle needle }

func (h anywhereInHeader) eval(_ *Meta, in *loaded) verdict {
	if !in.hasHeader {
		return unknown
	}
	return is(h.needle.inHeader(in.header))
}

func (n needle) inHeader(block mime.Header) bool {
	for f := range block.Fields() {
		if n.in(f.Name+": "+mime.Text(f.Raw)) || n.in(f.Name+":"+unfolded(f.Raw)) {
			return true
		}
	}
	return n == ""
}

func (anywhereInHeader) cost() int { return costHeader }

// body looks through the parts that are text, decoded; for TEXT also at the header
// fields and file names of all parts (RFC 9051 section 6.4.4).
type body struct {
	needle  needle
	headers bool
}

func (b body) eval(_ *Meta, in *loaded) verdict {
	if b.needle == "" {
		return yes
	}
	if in.message == nil {
		return unknown
	}
	if in.ctx.Err() != nil {
		return no
	}
	found := false
	in.message.Root.Walk(true, func(p *mime.Part) {
		found = found ||
			b.headers && (b.needle.inHeader(p.Fields()) || b.needle.in(p.FileName())) ||
			isReadable(p) && b.needle.inPart(p)
	})
	return is(found)
}

// inPart looks into the text of a part.
func (n needle) inPart(p *mime.Part) bool {
	if octets, plain := p.Plain(); plain && !strings.ContainsAny(string(n), "\r\n") {
		return n.inPlain(octets)
	}
	return n.inText(p.TextReader())
}

// isReadable is also true for the report of a bounce (message/delivery-status).
func isReadable(p *mime.Part) bool { return p.IsText() || p.Type == "message" && p.Message == nil }

func (body) cost() int { return costBody }
