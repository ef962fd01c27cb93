package message

import "github.com/dragoman-mail/dragoman/generated/imap"

// shower copies a raw structure for one kind of client. Those that do not take UTF-8 expect envelope and structure of message/rfc822
// only: in RFC 3501 section 7.4.2 message/global is a type like any other, RFC 9051 section 7.5.2 has changed that.
type shower struct{ extended, utf8 bool }

func showBody(b imap.Body, extended, utf8 bool) imap.Body {
	return shower{extended, utf8}.body(b)
}

func (s shower) body(b imap.Body) imap.Body {
	switch b := b.(type) {
	case *imap.BodyMultipart:
		shown := &imap.BodyMultipart{Subtype: show(b.Subtype, s.utf8)}
		for _, p := range b.Parts {
			shown.Parts = append(shown.Parts, s.body(p))
		}
		if s.extended && b.Ext != nil {
			shown.Ext = &imap.MultipartExt{
				Params:      s.params(b.Ext.Params),
				Disposition: s.disposition(b.Ext.Disposition),
				Language:    s.strings(b.Ext.Language),
				Location:    showN(b.Ext.Location, s.utf8),
			}
		}
		return shown
	case *imap.BodyMessage:
		if b.Subtype == "GLOBAL" && !s.utf8 {
			return &imap.BodyBasic{Type: "MESSAGE", Subtype: b.Subtype, Fields: s.fields(b.Fields), Ext: s.ext(b.Ext)}
		}
		return &imap.BodyMessage{
			Subtype:  show(b.Subtype, s.utf8),
			Fields:   s.fields(b.Fields),
			Envelope: showEnvelope(b.Envelope, s.utf8),
			Body:     s.body(b.Body),
			Lines:    b.Lines,
			Ext:      s.ext(b.Ext),
		}
	case *imap.BodyText:
		return &imap.BodyText{Subtype: show(b.Subtype, s.utf8), Fields: s.fields(b.Fields), Lines: b.Lines, Ext: s.ext(b.Ext)}
	case *imap.BodyBasic:
		return &imap.BodyBasic{
			Type:    show(b.Type, s.utf8),
			Subtype: show(b.Subtype, s.utf8),
			Fields:  s.fields(b.Fields),
			Ext:     s.ext(b.Ext),
		}
	}
	return nil
}

func (s shower) fields(f imap.BodyFields) imap.BodyFields {
	return imap.BodyFields{
		Params:      s.params(f.Params),
		ID:          showN(f.ID, s.utf8),
		Description: showN(f.Description, s.utf8),
		Encoding:    show(f.Encoding, s.utf8),
		Octets:      f.Octets,
	}
}

func (s shower) ext(e *imap.BodyExt) *imap.BodyExt {
	if !s.extended || e == nil {
		return nil
	}
	return &imap.BodyExt{
		MD5:         showN(e.MD5, s.utf8),
		Disposition: s.disposition(e.Disposition),
		Language:    s.strings(e.Language),
		Location:    showN(e.Location, s.utf8),
	}
}

func (s shower) disposition(d *imap.BodyDisposition) *imap.BodyDisposition {
	if d == nil {
		return nil
	}
	return &imap.BodyDisposition{Type: show(d.Type, s.utf8), Params: s.params(d.Params)}
}

func (s shower) params(list []imap.BodyParam) []imap.BodyParam {
	var shown []imap.BodyParam
	for _, p := range list {
		shown = append(shown, imap.BodyParam{Name: show(p.Name, s.utf8), Value: show(p.Value, s.utf8)})
	}
	return shown
}

func (s shower) strings(list []string) []string {
	var shown []string
	for _, v := range list {
		shown = append(shown, show(v, s.utf8))
	}
	return shown
}
