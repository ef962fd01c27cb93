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

// maxStructure is how many octets the optional parts of a structure may take. A message
// can be made so that all its parts have large headers, and a structure that shows
// them all would not fit into memory; past this they are NIL.
const maxStructure = 2 << 20

// rawBody has all extension fields, and 8-bit octets as in the message.
func rawBody(p *mime.Part) imap.Body {
	b := builder{room: maxStructure}
	return b.body(p)
}

// builder makes the structures of a message within what room is left.
type builder struct{ room int }

// spend takes octets off the room, if there are as many.
func (b *builder) spend(octets int) bool {
	if octets > b.room {
		b.room = 0
		return false
	}
	b.room -= octets
	return true
}

func (b *builder) body(p *mime.Part) imap.Body {
	switch {
	case p.IsMultipart():
		return b.multipart(p)
	case p.Message != nil:
		return &imap.BodyMessage{
			Subtype:  upper(p.Subtype),
			Fields:   b.fields(p),
			Envelope: b.envelope(p.Message.Fields()),
			Body:     b.body(p.Message),
			Lines:    int64(p.Lines()),
			Ext:      b.extension(p),
		}
	case p.IsText():
		return &imap.BodyText{
			Subtype: b.name(p.Subtype, "PLAIN"),
			Fields:  b.fields(p),
			Lines:   int64(p.Lines()),
			Ext:     b.extension(p),
		}
	}
	basic := &imap.BodyBasic{
		Type:    b.name(p.Type, "APPLICATION"),
		Subtype: b.name(p.Subtype, "OCTET-STREAM"),
		Fields:  b.fields(p),
		Ext:     b.extension(p),
	}
	if needsEnvelope(p) {
		basic.Type, basic.Subtype = "APPLICATION", "OCTET-STREAM"
	}
	return basic
}

func (b *builder) multipart(p *mime.Part) imap.Body {
	x := b.extension(p)
	m := &imap.BodyMultipart{Subtype: b.name(p.Subtype, "MIXED"), Ext: &imap.MultipartExt{
		Params:      b.params(p.Params),
		Disposition: x.Disposition,
		Language:    x.Language,
		Location:    x.Location,
	}}
	for _, c := range p.Children {
		m.Parts = append(m.Parts, b.body(c))
	}
	return m
}

// needsEnvelope says whether the type promises an envelope in the grammar. A message
// in base64 has none that could be read in place, and is shown as a file.
func needsEnvelope(p *mime.Part) bool {
	return p.Type == "message" && (p.Subtype == "rfc822" || p.Subtype == "global")
}

// envelope makes the envelope of an embedded message.
func (b *builder) envelope(h mime.Header) *imap.Envelope {
	if b.room == 0 {
		return &imap.Envelope{}
	}
	if e := rawEnvelope(h); b.spend(envelopeSize(e)) {
		return e
	}
	return &imap.Envelope{}
}

func (b *builder) fields(p *mime.Part) imap.BodyFields {
	f := imap.BodyFields{
		Params:      b.params(p.Params),
		ID:          b.string(p.ID),
		Description: b.string(p.Description),
		Encoding:    b.name(p.Encoding, "8BIT"),
		Octets:      int64(p.Body.Len()),
	}
	if p.IsText() && !p.TypeGiven {
		f.Params = []imap.BodyParam{{Name: "CHARSET", Value: "US-ASCII"}}
	}
	return f
}

func (b *builder) extension(p *mime.Part) *imap.BodyExt {
	return &imap.BodyExt{
		MD5:         b.string(p.MD5),
		Disposition: b.disposition(p),
		Language:    b.languages(p),
		Location:    b.string(p.Location),
	}
}

// disposition treats one without a kind as attachment (RFC 2183 section 2.8).
func (b *builder) disposition(p *mime.Part) *imap.BodyDisposition {
	if p.Disposition == nil {
		return nil
	}
	kind := b.name(p.Disposition.Kind, "ATTACHMENT")
	return &imap.BodyDisposition{Type: kind, Params: b.params(p.Disposition.Params)}
}

// params shows continued parameters as one (RFC 9051 section 7.5.2).
func (b *builder) params(list mime.Params) []imap.BodyParam {
	if b.room == 0 {
		return nil
	}
	var shown []imap.BodyParam
	for _, p := range list.Joined() {
		if !b.spend(len(p.Name) + len(p.Value) + itemSize) {
			break
		}
		shown = append(shown, imap.BodyParam{Name: upper(p.Name), Value: clean(p.Value)})
	}
	return shown
}

func (b *builder) languages(p *mime.Part) []string {
	var tags []string
	for _, tag := range p.Languages {
		if !b.spend(len(tag) + itemSize) {
			break
		}
		tags = append(tags, clean(tag))
	}
	return tags
}

// string is NIL for an empty string.
func (b *builder) string(s string) imap.NString {
	if !b.spend(len(s)) {
		return imap.NString{}
	}
	return nonEmpty(s)
}

// name is a word that must be there.
func (b *builder) name(s, instead string) string {
	if s = upper(s); s == "" || !b.spend(len(s)) {
		return instead
	}
	return s
}

// upper gives the form that ASCII names have in RFC 9051's examples.
func upper(s string) string { return mapASCII(clean(s), 'a', 'z', 'A') }
