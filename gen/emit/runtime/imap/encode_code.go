//go:build ignore

package imap

import "strings"

// code writes a response code without its brackets. RFC 9051 section 7.1.
func (e *Encoder) code(c RespCode) {
	switch c := c.(type) {
	case CodeKeyword:
		e.raw(c.String())
	case *CodeBadCharset:
		e.raw("BADCHARSET")
		e.charsets(c.Charsets)
	case *CodeCapability:
		e.capabilities(c.Capabilities)
	case *CodePermanentFlags:
		e.raw("PERMANENTFLAGS ")
		e.permanentFlags(c.Flags)
	case *CodeUIDNext:
		e.raw("UIDNEXT ")
		e.nonZero(c.UID)
	case *CodeUIDValidity:
		e.raw("UIDVALIDITY ")
		e.nonZero(c.Value)
	case *CodeUnseen:
		e.raw("UNSEEN ")
		e.nonZero(c.Seq)
	case *CodeAppendUID:
		e.raw("APPENDUID ")
		e.nonZero(c.UIDValidity)
		e.byte(' ')
		e.set(c.UIDs)
	case *CodeCopyUID:
		e.raw("COPYUID ")
		e.nonZero(c.UIDValidity)
		e.byte(' ')
		e.set(c.Source)
		e.byte(' ')
		e.set(c.Dest)
	case *CodeOther:
		e.codeOther(c)
	default:
		e.fail("no form for a %T", c)
	}
}

func (e *Encoder) charsets(list []string) {
	for i, name := range list {
		if i == 0 {
			e.raw(" (")
		} else {
			e.byte(' ')
		}
		e.astring(name)
	}
	if len(list) > 0 {
		e.byte(')')
	}
}

// permanentFlags writes flags and "\*".
func (e *Encoder) permanentFlags(list []string) {
	e.byte('(')
	for i, f := range list {
		if i > 0 {
			e.byte(' ')
		}
		if f == `\*` {
			e.raw(f)
			continue
		}
		e.flag(f)
	}
	e.byte(')')
}

func (e *Encoder) codeOther(c *CodeOther) {
	e.atom(c.Name)
	if c.Text == "" {
		return
	}
	if strings.ContainsRune(c.Text, ']') {
		e.fail("a response code holds ]")
		return
	}
	e.byte(' ')
	e.text(c.Text)
}
