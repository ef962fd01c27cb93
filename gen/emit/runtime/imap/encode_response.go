//go:build ignore

package imap

import "encoding/base64"

// response writes one response without its CRLF. RFC 9051 section 7.
func (e *Encoder) response(r Response) {
	switch r := r.(type) {
	case *Cond:
		e.cond(r)
	case *Continue:
		e.continuation(r)
	case *FetchData:
		e.fetchData(r)
	default:
		e.raw("* ")
		e.data(r)
	}
}

func (e *Encoder) data(r Response) {
	switch r := r.(type) {
	case *ExistsData:
		e.uint(uint64(r.Count))
		e.raw(" EXISTS")
	case *RecentData:
		e.uint(uint64(r.Count))
		e.raw(" RECENT")
	case *ExpungeData:
		e.nonZero(r.Seq)
		e.raw(" EXPUNGE")
	case *CapabilityData:
		e.capabilities(r.Capabilities)
	case *EnabledData:
		e.raw("ENABLED")
		e.atoms(r.Capabilities)
	case *FlagsData:
		e.raw("FLAGS ")
		e.flags(r.Flags)
	case *IDData:
		e.raw("ID ")
		e.idParams(r.Params)
	case *ListData:
		e.listData(r)
	case *LSubData:
		e.raw("LSUB ")
		e.mailboxList(r.Attributes, r.Delimiter, r.Mailbox)
	case *StatusData:
		e.statusData(r)
	case *NamespaceData:
		e.namespaceData(r)
	case *SearchData:
		e.searchData(r)
	case *ESearchData:
		e.esearchData(r)
	default:
		e.fail("no form for a %T", r)
	}
}

func (e *Encoder) capabilities(list []string) {
	if len(list) == 0 {
		e.fail("no capabilities")
	}
	e.raw("CAPABILITY")
	e.atoms(list)
}

// cond writes a status response. RFC 9051 section 7.1.
func (e *Encoder) cond(c *Cond) {
	if c.Tag == "" {
		e.byte('*')
	} else {
		e.tag(c.Tag)
		if c.Status > Bad {
			e.fail("a tagged %s", c.Status)
		}
	}
	e.byte(' ')
	e.raw(c.Status.String())
	e.byte(' ')
	e.respText(c.Code, c.Text, c.Status.String())
}

// respText writes an optional code and text. Text that begins like a code, with no code
// before it, is set off by a second space.
func (e *Encoder) respText(code RespCode, text, instead string) {
	if text == "" {
		text = instead
	}
	switch {
	case code != nil:
		e.byte('[')
		e.code(code)
		e.raw("] ")
	case text != "" && text[0] == '[':
		e.byte(' ')
	}
	e.text(text)
}

// continuation writes "+ text" or "+ base64". RFC 9051 section 7.6.
func (e *Encoder) continuation(c *Continue) {
	e.raw("+ ")
	if c.Base64 != nil {
		e.buf = base64.StdEncoding.AppendEncode(e.buf, c.Base64)
		return
	}
	e.respText(c.Code, c.Text, "")
}

func (e *Encoder) idParams(params []IDParam) {
	if params == nil {
		e.raw("NIL")
		return
	}
	e.byte('(')
	for i, p := range params {
		if i > 0 {
			e.byte(' ')
		}
		e.str(p.Key)
		e.byte(' ')
		e.nstring(p.Value)
	}
	e.byte(')')
}

func (e *Encoder) searchData(r *SearchData) {
	e.raw("SEARCH")
	for _, n := range r.Numbers {
		e.byte(' ')
		e.nonZero(n)
	}
}

// esearchData writes an ESEARCH response. RFC 9051 section 7.3.4.
func (e *Encoder) esearchData(r *ESearchData) {
	e.raw("ESEARCH")
	if r.Tag != "" {
		e.raw(" (TAG ")
		e.str(r.Tag)
		e.byte(')')
	}
	if r.UID {
		e.raw(" UID")
	}
	if r.Min != nil {
		e.raw(" MIN ")
		e.nonZero(*r.Min)
	}
	if r.Max != nil {
		e.raw(" MAX ")
		e.nonZero(*r.Max)
	}
	if r.All != nil {
		e.raw(" ALL ")
		e.set(*r.All)
	}
	if r.Count != nil {
		e.raw(" COUNT ")
		e.uint(uint64(*r.Count))
	}
}
