package mime

import "strings"

// describe reads the fields of the header that say what the part is. Of a field
// that comes twice the first counts.
func (p *Part) describe(fallback string) {
	p.Type, p.Subtype, _ = strings.Cut(fallback, "/")
	p.Encoding = "7bit"
	var seen [8]bool
	once := func(i int) bool {
		old := seen[i]
		seen[i] = true
		return !old
	}
	for f := range p.Fields().Fields() {
		if len(f.Name) < len("Content-ID") || !EqualFold(f.Name[:len("Content-")], "Content-") {
			continue
		}
		switch name := lower(f.Name[len("Content-"):]); {
		case name == "type" && once(0):
			p.contentType(f.Raw, fallback)
		case name == "transfer-encoding" && once(1):
			p.transferEncoding(f.Raw)
		case name == "disposition" && once(2):
			p.disposition(f.Raw)
		case name == "id" && once(3):
			p.ID = unfolded(f.Raw)
		case name == "description" && once(4):
			p.Description = unfolded(f.Raw)
		case name == "md5" && once(5):
			p.MD5 = unfolded(f.Raw)
		case name == "location" && once(6):
			p.Location = unfolded(f.Raw)
		case name == "language" && once(7):
			p.Languages = parseLanguages(f.Raw)
		}
	}
}

// contentType takes up a Content-Type. One that is no type and subtype counts as
// text/plain (RFC 2045 section 5.2), as does a multipart without a boundary, so that
// a reader sees what is there.
func (p *Part) contentType(raw []byte, fallback string) {
	value, params := parseParameterised(raw, true)
	typ, subtype, _ := strings.Cut(lower(value), "/")
	p.TypeGiven, p.Params = value != "" || params != nil, params
	p.Type, p.Subtype = typ, subtype
	boundary, _ := params.Get("boundary")
	unusable := boundary == "" || len(boundary) > maxBoundary || strings.ContainsAny(boundary, "\r\n\x00")
	switch {
	case typ == "" && subtype == "":
		p.Type, p.Subtype, _ = strings.Cut(fallback, "/")
	case typ == "" || subtype == "":
		p.Type, p.Subtype = "text", "plain"
	case typ == "multipart" && unusable:
		p.Type, p.Subtype, p.Params, p.TypeGiven = "text", "plain", nil, false
	}
}

// disposition takes up a Content-Disposition, unless it says nothing.
func (p *Part) disposition(raw []byte) {
	kind, params := parseParameterised(raw, false)
	if kind != "" || params != nil {
		p.Disposition = &Disposition{Kind: lower(kind), Params: params}
	}
}

func (p *Part) transferEncoding(raw []byte) {
	value, _ := parseParameterised(raw, false)
	if value != "" {
		p.Encoding = lower(value)
	}
}

// isEmbedded says whether the body is a message that can be read in place. RFC 2046
// section 5.2.1 allows no transfer encoding there, but mail does not always obey.
func (p *Part) isEmbedded() bool {
	if p.Type != "message" || p.Subtype != "rfc822" && p.Subtype != "global" {
		return false
	}
	return isIdentity(p.Encoding)
}

// childType is the type of a child without Content-Type.
func (p *Part) childType() string {
	if p.Subtype == "digest" {
		return digestType
	}
	return defaultType
}

func (p *Part) adopt(child *Part) {
	child.Parent = p
	p.Children = append(p.Children, child)
	child.Number = len(p.Children)
}

// lastOctet is where the last part below p ends.
func (p *Part) lastOctet() int {
	switch {
	case p.Message != nil:
		return p.Message.Body.End
	case len(p.Children) > 0:
		return p.Children[len(p.Children)-1].Body.End
	}
	return p.Body.Start
}

// parseLanguages reads the tags of a Content-Language (RFC 3282).
func parseLanguages(raw []byte) []string {
	var tags []string
	l := newLexer(raw)
	for !l.atEnd() && len(tags) < MaxParams {
		l.skipCFWS()
		if tag := l.until(", \t\r\n(\x00"); tag != "" {
			tags = append(tags, tag)
		} else {
			l.skip()
		}
	}
	return tags
}

// ContentID is the part's Content-ID without comments, white space and angle
// brackets; empty if there is none.
func (p *Part) ContentID() string {
	if ids := ParseMessageIDs([]byte(p.ID)); len(ids) > 0 {
		return ids[0]
	}
	l := newLexer([]byte(p.ID))
	l.skipCFWS()
	return strings.Trim(l.until(" \t\r\n("), "<>")
}
