package message

import (
	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// BodyStructure makes the BODYSTRUCTURE of a message or part with all its extension
// fields, or with extended false the plain BODY (RFC 9051 section 7.5.2). utf8 says
// whether the client takes raw UTF-8.
func BodyStructure(p *mime.Part, extended, utf8 bool) imap.Body {
	return showBody(rawBody(p), extended, utf8)
}

// rawBody has all extension fields, and 8-bit octets as in the message.
func rawBody(p *mime.Part) imap.Body {
	switch {
	case p.IsMultipart():
		b := &imap.BodyMultipart{Subtype: upper(p.Subtype), Ext: &imap.MultipartExt{
			Params:      params(p.Params),
			Disposition: disposition(p),
			Language:    languages(p),
			Location:    nonEmpty(p.Location),
		}}
		for _, c := range p.Children {
			b.Parts = append(b.Parts, rawBody(c))
		}
		return b
	case p.Message != nil:
		return &imap.BodyMessage{
			Subtype:  upper(p.Subtype),
			Fields:   fields(p),
			Envelope: rawEnvelope(p.Message.Fields()),
			Body:     rawBody(p.Message),
			Lines:    int64(p.Lines()),
			Ext:      extension(p),
		}
	case p.IsText():
		return &imap.BodyText{
			Subtype: upper(p.Subtype),
			Fields:  fields(p),
			Lines:   int64(p.Lines()),
			Ext:     extension(p),
		}
	}
	b := &imap.BodyBasic{Type: upper(p.Type), Subtype: upper(p.Subtype), Fields: fields(p), Ext: extension(p)}
	if needsEnvelope(p) {
		b.Type, b.Subtype = "APPLICATION", "OCTET-STREAM"
	}
	return b
}

// needsEnvelope says whether the type promises an envelope in the grammar. A message
// in base64 has none that could be read in place, and is shown as a file.
func needsEnvelope(p *mime.Part) bool {
	return p.Type == "message" && (p.Subtype == "rfc822" || p.Subtype == "global")
}

func fields(p *mime.Part) imap.BodyFields {
	f := imap.BodyFields{
		Params:      params(p.Params),
		ID:          nonEmpty(p.ID),
		Description: nonEmpty(p.Description),
		Encoding:    upper(p.Encoding),
		Octets:      int64(p.Body.Len()),
	}
	if p.IsText() && !p.TypeGiven {
		f.Params = []imap.BodyParam{{Name: "CHARSET", Value: "US-ASCII"}}
	}
	return f
}

func extension(p *mime.Part) *imap.BodyExt {
	return &imap.BodyExt{
		MD5:         nonEmpty(p.MD5),
		Disposition: disposition(p),
		Language:    languages(p),
		Location:    nonEmpty(p.Location),
	}
}

// disposition treats one without a kind as attachment (RFC 2183 section 2.8).
func disposition(p *mime.Part) *imap.BodyDisposition {
	if p.Disposition == nil {
		return nil
	}
	kind := upper(p.Disposition.Kind)
	if kind == "" {
		kind = "ATTACHMENT"
	}
	return &imap.BodyDisposition{Type: kind, Params: params(p.Disposition.Params)}
}

func params(list mime.Params) []imap.BodyParam {
	var shown []imap.BodyParam
	for _, p := range list {
		shown = append(shown, imap.BodyParam{Name: upper(p.Name), Value: clean(p.Value)})
	}
	return shown
}

func languages(p *mime.Part) []string {
	var tags []string
	for _, tag := range p.Languages {
		tags = append(tags, clean(tag))
	}
	return tags
}

// upper gives the form that ASCII names have in RFC 9051's examples.
func upper(s string) string { return mapASCII(clean(s), 'a', 'z', 'A') }
