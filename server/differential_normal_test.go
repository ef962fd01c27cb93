package server_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// show is the canonical text of a response.
func show(r imap.Response) string {
	var b bytes.Buffer
	e := imap.NewEncoder(&b)
	e.UTF8, e.Features = true, ^imap.Features(0)
	if err := e.Encode(r); err != nil {
		return "not to be written: " + err.Error()
	}
	if err := e.Flush(); err != nil {
		return "not to be written: " + err.Error()
	}
	return strings.TrimSuffix(b.String(), "\r\n")
}

// itemName is the item as a client asks for it.
func itemName(item imap.MsgAtt) string {
	switch i := item.(type) {
	case *imap.MsgSection:
		return strings.ToUpper(strings.TrimSuffix(shownItem(&imap.MsgSection{Section: i.Section, Origin: i.Origin}), " NIL"))
	case *imap.MsgBinary:
		return strings.TrimSuffix(shownItem(&imap.MsgBinary{Part: i.Part, Origin: i.Origin}), " NIL")
	}
	name, _, _ := strings.Cut(shownItem(item), " ")
	return name
}

func shownItem(item imap.MsgAtt) string {
	text := show(&imap.FetchData{Seq: 1, Items: []imap.MsgAtt{item}})
	return strings.TrimSuffix(strings.TrimPrefix(text, "* 1 FETCH ("), ")")
}

// normalItem takes out what may differ: the order and the case of flags, the zone of dates, and the case of names.
func normalItem(item imap.MsgAtt) imap.MsgAtt {
	switch i := item.(type) {
	case *imap.MsgFlags:
		var flags []string
		for _, flag := range i.Flags {
			if !strings.EqualFold(flag, `\Recent`) { // the other session may have it
				flags = append(flags, strings.ToLower(flag))
			}
		}
		slices.Sort(flags)
		return &imap.MsgFlags{Flags: flags}
	case *imap.MsgInternalDate:
		return &imap.MsgInternalDate{Date: i.Date.UTC()}
	case *imap.MsgBody:
		return &imap.MsgBody{Body: normalBody(i.Body)}
	case *imap.MsgBodyStructure:
		return &imap.MsgBodyStructure{Body: normalBody(i.Body)}
	}
	return item
}

// normalBody writes names that have no case in upper case: types, encodings, names of parameters, charsets, languages.
func normalBody(b imap.Body) imap.Body {
	switch b := b.(type) {
	case *imap.BodyMultipart:
		n := &imap.BodyMultipart{Subtype: strings.ToUpper(b.Subtype)}
		for _, p := range b.Parts {
			n.Parts = append(n.Parts, normalBody(p))
		}
		if b.Ext != nil {
			n.Ext = &imap.MultipartExt{
				Params: normalParams(b.Ext.Params), Disposition: normalDisposition(b.Ext.Disposition),
				Language: upperAll(b.Ext.Language), Location: b.Ext.Location,
			}
		}
		return n
	case *imap.BodyMessage:
		return &imap.BodyMessage{
			Subtype: strings.ToUpper(b.Subtype), Fields: normalFields(b.Fields), Envelope: b.Envelope,
			Body: normalBody(b.Body), Lines: b.Lines, Ext: normalExt(b.Ext),
		}
	case *imap.BodyText:
		return &imap.BodyText{Subtype: strings.ToUpper(b.Subtype), Fields: normalFields(b.Fields), Lines: b.Lines, Ext: normalExt(b.Ext)}
	case *imap.BodyBasic:
		return &imap.BodyBasic{
			Type: strings.ToUpper(b.Type), Subtype: strings.ToUpper(b.Subtype), Fields: normalFields(b.Fields), Ext: normalExt(b.Ext),
		}
	}
	return b
}

func normalFields(f imap.BodyFields) imap.BodyFields {
	f.Params, f.Encoding = normalParams(f.Params), strings.ToUpper(f.Encoding)
	return f
}

func normalExt(e *imap.BodyExt) *imap.BodyExt {
	if e == nil {
		return nil
	}
	return &imap.BodyExt{MD5: e.MD5, Disposition: normalDisposition(e.Disposition), Language: upperAll(e.Language), Location: e.Location}
}

func normalDisposition(d *imap.BodyDisposition) *imap.BodyDisposition {
	if d == nil {
		return nil
	}
	return &imap.BodyDisposition{Type: strings.ToUpper(d.Type), Params: normalParams(d.Params)}
}

func normalParams(params []imap.BodyParam) []imap.BodyParam {
	var n []imap.BodyParam
	for _, p := range params {
		p.Name = strings.ToUpper(p.Name)
		if p.Name == "CHARSET" {
			p.Value = strings.ToUpper(p.Value)
		}
		n = append(n, p)
	}
	return n
}

func upperAll(list []string) []string {
	var n []string
	for _, s := range list {
		n = append(n, strings.ToUpper(s))
	}
	return n
}

// codeName is the name of a response code.
func codeName(c imap.RespCode) string {
	text := strings.TrimPrefix(show(&imap.Cond{Status: imap.OK, Code: c, Text: "x"}), "* OK [")
	return text[:strings.IndexAny(text, " ]")]
}

func normalList(d *imap.ListData) *imap.ListData {
	n := &imap.ListData{Delimiter: d.Delimiter, Mailbox: d.Mailbox, Extended: d.Extended}
	for _, a := range d.Attributes {
		n.Attributes = append(n.Attributes, strings.ToLower(a))
	}
	slices.Sort(n.Attributes)
	return n
}

// normalStatus leaves out the values that are each server's own.
func normalStatus(d *imap.StatusData) string {
	var values []string
	for _, v := range d.Values {
		text := fmt.Sprintf("%s %d", v.Att, v.Value)
		switch v.Att {
		case imap.StatusUIDNext, imap.StatusUIDValidity, imap.StatusRecent:
			text = v.Att.String()
		}
		values = append(values, text)
	}
	slices.Sort(values)
	return strings.Join(values, " ")
}
