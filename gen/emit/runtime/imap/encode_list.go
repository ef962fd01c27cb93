//go:build ignore

package imap

// mailboxList writes what LIST and LSUB responses have in common. RFC 9051 section 7.3.1.
func (e *Encoder) mailboxList(attributes []string, delimiter byte, mailbox string) {
	e.flags(attributes)
	e.byte(' ')
	e.delimiter(delimiter)
	e.byte(' ')
	e.mailbox(mailbox)
}

func (e *Encoder) listData(r *ListData) {
	e.raw("LIST ")
	e.mailboxList(r.Attributes, r.Delimiter, r.Mailbox)
	for i, item := range r.Extended {
		if i == 0 {
			e.raw(" (")
		} else {
			e.byte(' ')
		}
		e.listExtended(item)
	}
	if len(r.Extended) > 0 {
		e.byte(')')
	}
}

func (e *Encoder) listExtended(item ListExtendedItem) {
	switch item := item.(type) {
	case *ListOldName:
		e.raw(`"OLDNAME" (`)
		e.mailbox(item.Mailbox)
		e.byte(')')
	case *ListChildInfo:
		e.raw(`"CHILDINFO" (`)
		if len(item.Options) == 0 {
			e.fail("CHILDINFO without options")
		}
		for i, o := range item.Options {
			if i > 0 {
				e.byte(' ')
			}
			e.byte('"')
			e.atom(o)
			e.byte('"')
		}
		e.byte(')')
	default:
		e.fail("no form for a %T", item)
	}
}

// statusData writes a STATUS response. RFC 9051 section 7.3.3.
func (e *Encoder) statusData(r *StatusData) {
	e.raw("STATUS ")
	e.mailbox(r.Mailbox)
	e.raw(" (")
	for i, v := range r.Values {
		if i > 0 {
			e.byte(' ')
		}
		e.raw(v.Att.String())
		e.byte(' ')
		e.uint(v.Value)
	}
	e.byte(')')
}

// namespaceData writes a NAMESPACE response. RFC 9051 section 6.3.10.
func (e *Encoder) namespaceData(r *NamespaceData) {
	e.raw("NAMESPACE ")
	e.namespace(r.Personal)
	e.byte(' ')
	e.namespace(r.Other)
	e.byte(' ')
	e.namespace(r.Shared)
}

func (e *Encoder) namespace(list []NamespaceDescr) {
	if len(list) == 0 {
		e.raw("NIL")
		return
	}
	e.byte('(')
	for _, d := range list {
		e.byte('(')
		e.str(d.Prefix)
		e.byte(' ')
		e.delimiter(d.Delimiter)
		for _, x := range d.Extensions {
			e.byte(' ')
			e.str(x.Name)
			e.byte(' ')
			e.strings(x.Values)
		}
		e.byte(')')
	}
	e.byte(')')
}

// strings writes a list of at least one string in parentheses.
func (e *Encoder) strings(list []string) {
	if len(list) == 0 {
		e.fail("an empty list of strings")
	}
	e.byte('(')
	for i, s := range list {
		if i > 0 {
			e.byte(' ')
		}
		e.str(s)
	}
	e.byte(')')
}
