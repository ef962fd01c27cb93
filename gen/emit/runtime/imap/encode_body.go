//go:build ignore

package imap

import "strings"

// envelope writes an ENVELOPE structure. RFC 9051 section 7.5.2.
func (e *Encoder) envelope(v *Envelope) {
	if v == nil {
		e.fail("no envelope")
		return
	}
	e.byte('(')
	e.nstring(v.Date)
	e.byte(' ')
	e.nstring(v.Subject)
	for _, list := range [...][]Address{v.From, v.Sender, v.ReplyTo, v.To, v.Cc, v.Bcc} {
		e.byte(' ')
		e.addresses(list)
	}
	e.byte(' ')
	e.nstring(v.InReplyTo)
	e.byte(' ')
	e.nstring(v.MessageID)
	e.byte(')')
}

func (e *Encoder) addresses(list []Address) {
	if len(list) == 0 {
		e.raw("NIL")
		return
	}
	e.byte('(')
	for i := range list {
		a := &list[i]
		e.byte('(')
		e.nstring(a.Name)
		e.byte(' ')
		e.nstring(a.ADL)
		e.byte(' ')
		e.nstring(a.Mailbox)
		e.byte(' ')
		e.nstring(a.Host)
		e.byte(')')
	}
	e.byte(')')
}

// body writes a BODY or BODYSTRUCTURE: with extension data where Ext is set. RFC 9051
// section 7.5.2.
func (e *Encoder) body(b Body) {
	e.byte('(')
	switch b := b.(type) {
	case *BodyMultipart:
		e.multipart(b)
	case *BodyBasic:
		e.str(b.Type)
		e.byte(' ')
		e.str(b.Subtype)
		e.bodyFields(&b.Fields)
		e.bodyExt(b.Ext)
	case *BodyText:
		e.raw(`"TEXT" `)
		e.str(b.Subtype)
		e.bodyFields(&b.Fields)
		e.byte(' ')
		e.int(b.Lines)
		e.bodyExt(b.Ext)
	case *BodyMessage:
		e.bodyMessage(b)
	default:
		e.fail("no form for a %T", b)
	}
	e.byte(')')
}

// multipart writes the parts. The grammar has no multipart without parts: such a one is
// shown with an empty text.
func (e *Encoder) multipart(b *BodyMultipart) {
	for _, part := range b.Parts {
		e.body(part)
	}
	if len(b.Parts) == 0 {
		e.raw(`("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0)`)
	}
	e.byte(' ')
	e.str(b.Subtype)
	if b.Ext == nil {
		return
	}
	e.byte(' ')
	e.params(b.Ext.Params)
	e.rest(b.Ext.Disposition, b.Ext.Language, b.Ext.Location)
}

func (e *Encoder) bodyMessage(b *BodyMessage) {
	if !strings.EqualFold(b.Subtype, "RFC822") && !strings.EqualFold(b.Subtype, "GLOBAL") {
		e.fail("a message of subtype %q", b.Subtype)
	}
	e.raw(`"MESSAGE" `)
	e.str(b.Subtype)
	e.bodyFields(&b.Fields)
	e.byte(' ')
	e.envelope(b.Envelope)
	e.byte(' ')
	e.body(b.Body)
	e.byte(' ')
	e.int(b.Lines)
	e.bodyExt(b.Ext)
}

func (e *Encoder) bodyFields(f *BodyFields) {
	e.byte(' ')
	e.params(f.Params)
	e.byte(' ')
	e.nstring(f.ID)
	e.byte(' ')
	e.nstring(f.Description)
	e.byte(' ')
	e.str(f.Encoding)
	e.byte(' ')
	e.int(f.Octets)
}

func (e *Encoder) bodyExt(x *BodyExt) {
	if x == nil {
		return
	}
	e.byte(' ')
	e.nstring(x.MD5)
	e.rest(x.Disposition, x.Language, x.Location)
}

// rest writes the extension data that all kinds of parts have.
func (e *Encoder) rest(d *BodyDisposition, language []string, location NString) {
	e.byte(' ')
	if d == nil {
		e.raw("NIL")
	} else {
		e.byte('(')
		e.str(d.Type)
		e.byte(' ')
		e.params(d.Params)
		e.byte(')')
	}
	e.byte(' ')
	if len(language) == 0 {
		e.raw("NIL")
	} else {
		e.strings(language)
	}
	e.byte(' ')
	e.nstring(location)
}

func (e *Encoder) params(list []BodyParam) {
	if len(list) == 0 {
		e.raw("NIL")
		return
	}
	e.byte('(')
	for i, p := range list {
		if i > 0 {
			e.byte(' ')
		}
		e.str(p.Name)
		e.byte(' ')
		e.str(p.Value)
	}
	e.byte(')')
}
