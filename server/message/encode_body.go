package message

import "github.com/dragoman-mail/dragoman/generated/imap"

// The kinds of body in an encoded digest.
const (
	kindMultipart = iota
	kindBasic
	kindText
	kindMessage
)

func (e *encoder) body(b imap.Body) {
	switch b := b.(type) {
	case *imap.BodyMultipart:
		e.b = append(e.b, kindMultipart)
		e.string(b.Subtype)
		e.params(b.Ext.Params)
		e.extension(b.Ext.Disposition, b.Ext.Language, b.Ext.Location)
		e.number(int64(len(b.Parts)))
		for _, p := range b.Parts {
			e.body(p)
		}
	case *imap.BodyBasic:
		e.b = append(e.b, kindBasic)
		e.string(b.Type)
		e.single(b.Subtype, b.Fields, b.Ext)
	case *imap.BodyText:
		e.b = append(e.b, kindText)
		e.single(b.Subtype, b.Fields, b.Ext)
		e.number(b.Lines)
	case *imap.BodyMessage:
		e.b = append(e.b, kindMessage)
		e.single(b.Subtype, b.Fields, b.Ext)
		e.number(b.Lines)
		e.envelope(b.Envelope)
		e.body(b.Body)
	}
}

// single writes what all bodies but multipart have.
func (e *encoder) single(subtype string, f imap.BodyFields, x *imap.BodyExt) {
	e.string(subtype)
	e.params(f.Params)
	e.nstring(f.ID)
	e.nstring(f.Description)
	e.string(f.Encoding)
	e.number(f.Octets)
	e.nstring(x.MD5)
	e.extension(x.Disposition, x.Language, x.Location)
}

func (e *encoder) extension(d *imap.BodyDisposition, languages []string, location imap.NString) {
	e.bool(d != nil)
	if d != nil {
		e.string(d.Type)
		e.params(d.Params)
	}
	e.strings(languages)
	e.nstring(location)
}

func (e *encoder) params(list []imap.BodyParam) {
	e.number(int64(len(list)))
	for _, p := range list {
		e.string(p.Name)
		e.string(p.Value)
	}
}
