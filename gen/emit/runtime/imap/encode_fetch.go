//go:build ignore

package imap

// fetchData writes a FETCH response, its items in the order given. RFC 9051 section 7.5.2.
func (e *Encoder) fetchData(r *FetchData) {
	e.raw("* ")
	e.nonZero(r.Seq)
	e.raw(" FETCH (")
	if len(r.Items) == 0 {
		e.fail("a FETCH response without items")
	}
	for i, item := range r.Items {
		if i > 0 {
			e.byte(' ')
		}
		if e.broken != nil || e.bad != nil {
			return
		}
		e.msgAtt(item)
	}
	e.byte(')')
}

func (e *Encoder) msgAtt(item MsgAtt) {
	switch a := item.(type) {
	case *MsgFlags:
		e.raw("FLAGS ")
		e.flags(a.Flags)
	case *MsgUID:
		e.raw("UID ")
		e.nonZero(a.UID)
	case *MsgInternalDate:
		e.raw("INTERNALDATE ")
		e.dateTime(a.Date)
	case *MsgSize:
		e.raw("RFC822.SIZE ")
		e.int(a.Octets)
	case *MsgEnvelope:
		e.raw("ENVELOPE ")
		e.envelope(a.Envelope)
	case *MsgBody:
		e.raw("BODY ")
		e.body(a.Body)
	case *MsgBodyStructure:
		e.raw("BODYSTRUCTURE ")
		e.body(a.Body)
	default:
		e.msgData(item)
	}
}

func (e *Encoder) msgData(item MsgAtt) {
	switch a := item.(type) {
	case *MsgSection:
		e.raw("BODY")
		e.section(a.Section)
		e.origin(a.Origin)
		e.blob(a.Data)
	case *MsgRFC822:
		e.raw("RFC822 ")
		e.blob(a.Data)
	case *MsgRFC822Header:
		e.raw("RFC822.HEADER ")
		e.blob(a.Data)
	case *MsgRFC822Text:
		e.raw("RFC822.TEXT ")
		e.blob(a.Data)
	case *MsgBinary:
		e.raw("BINARY[")
		e.part(a.Part)
		e.byte(']')
		e.origin(a.Origin)
		e.binary(a.Data)
	case *MsgBinarySize:
		e.raw("BINARY.SIZE[")
		e.part(a.Part)
		e.raw("] ")
		if a.Size > 1<<32-1 {
			e.fail("BINARY.SIZE %d has more than 32 bits", a.Size)
		}
		e.int(a.Size)
	default:
		e.fail("no form for a %T", item)
	}
}

// origin writes the offset of partial data, and the space before the data.
func (e *Encoder) origin(o *int64) {
	if o != nil {
		if *o > 1<<32-1 {
			e.fail("origin octet %d has more than 32 bits", *o)
		}
		e.byte('<')
		e.int(*o)
		e.byte('>')
	}
	e.byte(' ')
}

// section writes a section with its brackets. RFC 9051 section 6.4.5.
func (e *Encoder) section(s Section) {
	e.byte('[')
	e.part(s.Part)
	if s.Text != SectionWhole {
		if len(s.Part) > 0 {
			e.byte('.')
		} else if s.Text == SectionMIME {
			e.fail("MIME section without a part")
		}
		e.raw(s.Text.String())
	}
	if s.Text == SectionHeaderFields || s.Text == SectionHeaderFieldsNot {
		e.headerList(s.Fields)
	}
	e.byte(']')
}

func (e *Encoder) headerList(fields []string) {
	if len(fields) == 0 {
		e.fail("a header list without fields")
	}
	e.raw(" (")
	for i, f := range fields {
		if i > 0 {
			e.byte(' ')
		}
		e.astring(f)
	}
	e.byte(')')
}

func (e *Encoder) part(part []uint32) {
	for i, n := range part {
		if i > 0 {
			e.byte('.')
		}
		e.nonZero(n)
	}
}
