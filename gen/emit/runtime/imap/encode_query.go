//go:build ignore

package imap

// fetch writes FETCH. RFC 9051 section 6.4.5.
func (e *Encoder) fetch(c *Fetch) {
	e.byte(' ')
	e.set(c.Set)
	e.byte(' ')
	if c.Macro != FetchMacroNone {
		e.raw(c.Macro.String())
		return
	}
	if len(c.Items) == 0 {
		e.fail("FETCH without items")
	}
	e.byte('(')
	for i, it := range c.Items {
		if i > 0 {
			e.byte(' ')
		}
		e.fetchAtt(it)
	}
	e.byte(')')
}

func (e *Encoder) fetchAtt(it FetchAtt) {
	switch it := it.(type) {
	case FetchKeyword:
		e.raw(it.String())
	case *FetchSection:
		e.raw("BODY")
		e.peek(it.Peek)
		e.section(it.Section)
		e.partial(it.Partial)
	case *FetchBinary:
		e.raw("BINARY")
		e.peek(it.Peek)
		e.byte('[')
		e.part(it.Part)
		e.byte(']')
		e.partial(it.Partial)
	case *FetchBinarySize:
		e.raw("BINARY.SIZE[")
		e.part(it.Part)
		e.byte(']')
	default:
		e.fail("no form for a %T", it)
	}
}

func (e *Encoder) peek(peek bool) {
	if peek {
		e.raw(".PEEK")
	}
}

func (e *Encoder) partial(p *Partial) {
	if p == nil {
		return
	}
	if p.Count <= 0 {
		e.fail("a partial of %d octets", p.Count)
	}
	e.byte('<')
	e.int(p.Offset)
	e.byte('.')
	e.int(p.Count)
	e.byte('>')
}

// store writes STORE. RFC 9051 section 6.4.6.
func (e *Encoder) store(c *Store) {
	e.byte(' ')
	e.set(c.Set)
	e.byte(' ')
	e.raw(c.Op.String())
	e.raw("FLAGS")
	if c.Silent {
		e.raw(".SILENT")
	}
	e.byte(' ')
	e.flags(c.Flags)
}

// search writes SEARCH. RFC 9051 section 6.4.4.
func (e *Encoder) search(c *Search) {
	if c.Return != nil {
		e.raw(" RETURN ")
		list(e, c.Return)
	}
	if c.Charset != "" {
		e.raw(" CHARSET ")
		e.astring(c.Charset)
	}
	if len(c.Keys) == 0 {
		e.fail("SEARCH without keys")
	}
	for _, k := range c.Keys {
		e.byte(' ')
		e.searchKey(k)
	}
}

func (e *Encoder) searchKey(k SearchKey) {
	switch k := k.(type) {
	case SearchKeyword:
		e.raw(k.String())
	case *SearchString:
		e.raw(k.Field.String())
		e.words(k.Value)
	case *SearchHeader:
		e.raw("HEADER")
		e.words(k.Field, k.Value)
	case *SearchDate:
		e.raw(k.Field.String())
		e.byte(' ')
		e.date(k.Date)
	case *SearchFlag:
		if k.Not {
			e.raw("UN")
		}
		e.raw("KEYWORD ")
		e.atom(k.Flag)
	case *SearchSize:
		word := "LARGER "
		if k.Smaller {
			word = "SMALLER "
		}
		e.raw(word)
		e.int(k.Size)
	case *SearchUID:
		e.raw("UID ")
		e.set(k.Set)
	case *SearchSet:
		e.set(k.Set)
	default:
		e.searchTree(k)
	}
}

func (e *Encoder) searchTree(k SearchKey) {
	switch k := k.(type) {
	case *SearchNot:
		e.raw("NOT ")
		e.searchKey(k.Key)
	case *SearchOr:
		e.raw("OR ")
		e.searchKey(k.Left)
		e.byte(' ')
		e.searchKey(k.Right)
	case *SearchAnd:
		if len(k.Keys) == 0 {
			e.fail("an empty list of search keys")
		}
		e.byte('(')
		for i, key := range k.Keys {
			if i > 0 {
				e.byte(' ')
			}
			e.searchKey(key)
		}
		e.byte(')')
	default:
		e.fail("no form for a %T", k)
	}
}
