//go:build ignore

package imap

import "encoding/base64"

// commandBody writes a command behind its tag. RFC 9051 section 6.
func (e *Encoder) commandBody(c Command) {
	e.raw(CommandName(c))
	switch c := c.(type) {
	case *Capability, *Noop, *Logout, *StartTLS, *Check, *Close, *Unselect, *Idle, *Namespace:
	case *ID:
		e.byte(' ')
		e.idParams(c.Params)
	case *Login:
		e.words(c.User, string(c.Password))
	case *Authenticate:
		e.authenticate(c)
	case *Enable:
		if len(c.Capabilities) == 0 {
			e.fail("no capabilities")
		}
		e.atoms(c.Capabilities)
	case *Append:
		e.append(c)
	default:
		e.mailboxCommand(c)
	}
}

func (e *Encoder) mailboxCommand(c Command) {
	switch c := c.(type) {
	case *Select:
		e.mailboxes(c.Mailbox)
	case *Examine:
		e.mailboxes(c.Mailbox)
	case *Create:
		e.mailboxes(c.Mailbox)
	case *Delete:
		e.mailboxes(c.Mailbox)
	case *Subscribe:
		e.mailboxes(c.Mailbox)
	case *Unsubscribe:
		e.mailboxes(c.Mailbox)
	case *Rename:
		e.mailboxes(c.From, c.To)
	case *LSub:
		e.mailboxes(c.Reference)
		e.byte(' ')
		e.pattern(c.Pattern)
	case *List:
		e.list(c)
	case *Status:
		e.mailboxes(c.Mailbox)
		e.byte(' ')
		e.statusAtts(c.Items)
	default:
		e.messageCommand(c)
	}
}

func (e *Encoder) messageCommand(c Command) {
	switch c := c.(type) {
	case *Expunge:
		if c.UID {
			e.byte(' ')
			e.set(c.Set)
		}
	case *Copy:
		e.byte(' ')
		e.set(c.Set)
		e.mailboxes(c.Mailbox)
	case *Move:
		e.byte(' ')
		e.set(c.Set)
		e.mailboxes(c.Mailbox)
	case *Fetch:
		e.fetch(c)
	case *Store:
		e.store(c)
	case *Search:
		e.search(c)
	default:
		e.fail("no form for a %T", c)
	}
}

// words writes astrings, each with a space before it.
func (e *Encoder) words(list ...string) {
	for _, s := range list {
		e.byte(' ')
		e.astring(s)
	}
}

func (e *Encoder) mailboxes(list ...string) {
	for _, s := range list {
		e.byte(' ')
		e.mailbox(s)
	}
}

func (e *Encoder) authenticate(c *Authenticate) {
	e.byte(' ')
	e.atom(c.Mechanism)
	if c.Initial == nil {
		return
	}
	e.byte(' ')
	if *c.Initial == "" {
		e.byte('=')
		return
	}
	e.buf = base64.StdEncoding.AppendEncode(e.buf, []byte(*c.Initial))
}

// append writes APPEND with its message. RFC 9051 section 6.3.12.
func (e *Encoder) append(c *Append) {
	e.mailboxes(c.Mailbox)
	if len(c.Flags) > 0 {
		e.byte(' ')
		e.flags(c.Flags)
	}
	if c.Date != nil {
		e.byte(' ')
		e.dateTime(*c.Date)
	}
	if c.Message.Streamed || c.Message.Size != int64(len(c.Message.Data)) {
		e.fail("the message of an APPEND is not there")
		return
	}
	e.raw(" {")
	e.int(c.Message.Size)
	e.raw("+}\r\n")
	e.octets(c.Message.Data)
}

// pattern writes a list-mailbox, which may hold wildcards without quotes.
func (e *Encoder) pattern(s string) {
	for i := range len(s) {
		if c := s[i]; !atomChars[c] && c != ']' && c != '%' && c != '*' {
			e.str(s)
			return
		}
	}
	if s == "" {
		e.str(s)
		return
	}
	e.raw(s)
}

func (e *Encoder) list(c *List) {
	if c.Selection != nil {
		e.byte(' ')
		list(e, c.Selection)
	}
	e.mailboxes(c.Reference)
	e.byte(' ')
	if len(c.Patterns) == 0 || len(c.Patterns) > 1 && !c.Multiple {
		e.fail("LIST with %d patterns", len(c.Patterns))
	}
	if c.Multiple {
		e.byte('(')
	}
	for i, p := range c.Patterns {
		if i > 0 {
			e.byte(' ')
		}
		e.pattern(p)
	}
	if c.Multiple {
		e.byte(')')
	}
	if c.Return != nil {
		e.raw(" RETURN ")
		e.listReturn(c.Return)
	}
}

func (e *Encoder) listReturn(opts []ListReturnOpt) {
	e.byte('(')
	for i, o := range opts {
		if i > 0 {
			e.byte(' ')
		}
		switch o := o.(type) {
		case ListReturnKeyword:
			e.raw(o.String())
		case *ListReturnStatus:
			e.raw("STATUS ")
			e.statusAtts(o.Items)
		default:
			e.fail("no form for a %T", o)
		}
	}
	e.byte(')')
}

func (e *Encoder) statusAtts(items []StatusAtt) {
	if len(items) == 0 {
		e.fail("STATUS without items")
	}
	list(e, items)
}

// list writes keywords in parentheses.
func list[T interface{ String() string }](e *Encoder, items []T) {
	e.byte('(')
	for i, it := range items {
		if i > 0 {
			e.byte(' ')
		}
		e.raw(it.String())
	}
	e.byte(')')
}
