package message

import "github.com/dragoman-mail/dragoman/generated/imap"

func (d *decoder) body(depth int) imap.Body {
	if depth > maxDigestDepth {
		d.fail()
		return nil
	}
	switch kind := d.octet(); {
	case d.fault:
		return nil
	case kind == kindMultipart:
		return d.multipart(depth)
	case kind == kindBasic:
		b := &imap.BodyBasic{Type: d.string()}
		b.Subtype, b.Fields, b.Ext = d.single()
		return b
	case kind == kindText:
		b := &imap.BodyText{}
		b.Subtype, b.Fields, b.Ext = d.single()
		b.Lines = d.number()
		return b
	case kind == kindMessage:
		b := &imap.BodyMessage{}
		b.Subtype, b.Fields, b.Ext = d.single()
		b.Lines = d.number()
		b.Envelope = d.envelope()
		b.Body = d.body(depth + 1)
		return b
	}
	d.fail()
	return nil
}

func (d *decoder) multipart(depth int) imap.Body {
	b := &imap.BodyMultipart{Subtype: d.string(), Ext: &imap.MultipartExt{}}
	b.Ext.Params = d.params()
	b.Ext.Disposition, b.Ext.Language, b.Ext.Location = d.extension()
	for range d.count() {
		if d.fault {
			break
		}
		b.Parts = append(b.Parts, d.body(depth+1))
	}
	return b
}

func (d *decoder) single() (subtype string, f imap.BodyFields, x *imap.BodyExt) {
	subtype = d.string()
	f.Params = d.params()
	f.ID = d.nstring()
	f.Description = d.nstring()
	f.Encoding = d.string()
	f.Octets = d.number()
	x = &imap.BodyExt{MD5: d.nstring()}
	x.Disposition, x.Language, x.Location = d.extension()
	return subtype, f, x
}

func (d *decoder) extension() (disposition *imap.BodyDisposition, languages []string, location imap.NString) {
	if d.bool() {
		disposition = &imap.BodyDisposition{Type: d.string()}
		disposition.Params = d.params()
	}
	return disposition, d.strings(), d.nstring()
}

func (d *decoder) params() []imap.BodyParam {
	var list []imap.BodyParam
	for range d.count() {
		if d.fault {
			break
		}
		list = append(list, imap.BodyParam{Name: d.string(), Value: d.string()})
	}
	return list
}
