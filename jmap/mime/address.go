package mime

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// AddressKind tells addresses from the marks around the members of a group.
type AddressKind uint8

const (
	// Mailbox is an address.
	Mailbox AddressKind = iota
	// GroupStart carries the name of a group; its members follow.
	GroupStart
	// GroupEnd ends the group.
	GroupEnd
)

// Address is one element of an address list (RFC 5322 section 3.4).
type Address struct {
	Kind AddressKind
	// Name is the display name, or the name of a group, without quotes and folding;
	// white space in quotes, encoded words and 8-bit octets are as in the message.
	// ENVELOPE shows it.
	Name string
	// Display is Name with its encoded words decoded (those in quotes excepted, as
	// RFC 2047 section 5 forbids them there) and trimmed, as valid UTF-8. JMAP shows it.
	Display string
	// Comment is the comment behind the address, where old mail has the name.
	Comment string
	// Route is the obsolete source route, such as "@a.example,@b.example".
	Route string
	// Local and Domain are what stands before and behind the @, Local without quotes.
	Local, Domain string
}

// Email is the address as addr-spec: the local part is quoted where it must be. An
// address without a domain has no @.
func (a Address) Email() string {
	local := quoteLocal(a.Local)
	if a.Domain == "" {
		return local
	}
	return local + "@" + a.Domain
}

// DisplayName is the decoded display name or, without one, the comment behind the
// address (RFC 8621 section 4.1.2.3); empty if there is neither.
func (a Address) DisplayName() string {
	if a.Display != "" {
		return a.Display
	}
	return norm.NFC.String(decodeText(a.Comment))
}

// ParseAddresses reads an address-list: From, To and the like. Obsolete syntax is
// understood, and of a broken list as much as can be made out. At most MaxAddresses
// elements are given; a group that was opened is always closed.
func ParseAddresses(raw []byte) []Address {
	p := addressParser{lexer: newLexer(raw)}
	for !p.atEnd() && len(p.list) < MaxAddresses-1 {
		p.next()
	}
	p.endGroup()
	return p.list
}

type addressParser struct {
	*lexer
	list    []Address
	inGroup bool
}

// next reads one address or mark; it always moves on.
func (p *addressParser) next() {
	start := p.i
	p.skipCFWS()
	switch p.peek() {
	case ',':
		p.skip()
		return
	case ';':
		p.skip()
		p.endGroup()
		return
	}
	words := p.phrase()
	switch {
	case p.peek() == ':':
		p.skip()
		p.endGroup()
		p.inGroup = true
		p.list = append(p.list, Address{Kind: GroupStart, Name: words.text(), Display: words.decoded()})
	case p.peek() == '<':
		p.angle(words)
	case p.peek() == '@':
		p.bare(words)
	case len(words) > 0:
		p.add(Address{Local: words.text()})
	}
	if p.i == start {
		p.skip()
	}
}

func (p *addressParser) endGroup() {
	if p.inGroup {
		p.list = append(p.list, Address{Kind: GroupEnd})
	}
	p.inGroup = false
}

// add takes up an address and the comment behind it.
func (p *addressParser) add(a Address) {
	a.Comment = p.skipCFWS()
	if a.Local != "" || a.Domain != "" || a.Name != "" {
		p.list = append(p.list, a)
	}
}

// bare reads the rest of an address without angle brackets. Where an address in
// brackets follows, what was read was a display name with an @ in it.
func (p *addressParser) bare(words phrase) {
	p.skip()
	a := Address{Local: words.joined(), Domain: p.domain()}
	comment := p.skipCFWS()
	if p.peek() == '<' {
		name := a.Local + "@" + a.Domain
		p.angle(phrase{{text: name}})
		return
	}
	p.add(a)
	if last := len(p.list) - 1; last >= 0 && p.list[last].Comment == "" {
		p.list[last].Comment = comment
	}
}

// angle reads `<route:local@domain>` and drops what stands between it and the next
// separator.
func (p *addressParser) angle(name phrase) {
	a := splitAngle(p.angleContent())
	a.Name, a.Display = name.text(), name.decoded()
	p.add(a)
	for !p.atEnd() && strings.IndexByte(",;<", p.peek()) < 0 {
		if len(p.phrase()) == 0 {
			p.skip()
		}
		p.skipCFWS()
	}
}

// angleContent gives what is between angle brackets. An unclosed one ends before
// the next separator or bracket.
func (p *addressParser) angleContent() string {
	p.skip()
	start := p.i
	route := false
	for !p.atEnd() {
		switch c := p.peek(); {
		case c == '>':
			text := p.s[start:p.i]
			p.skip()
			return text
		case c == '<', c == ',' && !route:
			return p.s[start:p.i]
		case c == '@' && strings.TrimSpace(p.s[start:p.i]) == "":
			route = true
		case c == ':':
			route = false
		case c == '"':
			if _, ok := p.quoted(); ok {
				continue
			}
		case c == '(':
			if _, ok := p.comment(); ok {
				continue
			}
		}
		p.skip()
	}
	return p.s[start:p.i]
}

// splitAngle takes the content of angle brackets apart.
func splitAngle(content string) Address {
	p := addressParser{lexer: &lexer{s: content}}
	var a Address
	p.skipCFWS()
	if p.peek() == '@' {
		if route, _, ok := strings.Cut(p.s[p.i:], ":"); ok {
			a.Route = withoutSpace(route)
			p.i += len(route) + 1
		}
	}
	a.Local = p.phrase().joined()
	if p.take('@') {
		a.Domain = p.domain()
	}
	return a
}

// domain reads dot-atoms or a domain literal up to a separator.
func (p *addressParser) domain() string {
	var b strings.Builder
	for !p.atEnd() {
		p.skipCFWS()
		word := p.domainWord()
		b.WriteString(word)
		if word == "" || !p.domainGoesOn(word) {
			break
		}
	}
	return b.String()
}

func (p *addressParser) domainWord() string {
	if p.peek() != '[' {
		return p.until(" \t\r\n(),;:<>\"")
	}
	literal := p.until("],;<> \t\r\n")
	if p.take(']') {
		literal += "]"
	}
	return literal
}

// domainGoesOn says whether the obsolete white space or comment here stands next to
// a dot, so that the domain is not at its end.
func (p *addressParser) domainGoesOn(word string) bool {
	p.skipSpace()
	return strings.HasSuffix(word, ".") || p.peek() == '.'
}

func (l *lexer) skipSpace() {
	for !l.atEnd() && isSpace(l.s[l.i]) {
		l.i++
	}
}

func withoutSpace(s string) string {
	return strings.Join(strings.FieldsFunc(s, isSpaceRune), "")
}
