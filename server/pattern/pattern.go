// Package pattern matches mailbox names against the wildcards of LIST and LSUB (RFC 9051 section 6.3.9).
package pattern

import "strings"

// Pattern is a canonical LIST pattern: "*" matches anything, "%" anything but the delimiter.
type Pattern struct {
	text      string
	delimiter byte
	least     int // octets that a name must have at least
}

// Compile makes a pattern. INBOX in any case at the start is made upper case, as it is in names.
func Compile(text string, delimiter byte) Pattern {
	text = collapse(upperInbox(text, delimiter))
	wild := strings.Count(text, "*") + strings.Count(text, "%")
	return Pattern{text: text, delimiter: delimiter, least: len(text) - wild}
}

func upperInbox(text string, delimiter byte) string {
	const inbox = "INBOX"
	if len(text) < len(inbox) || !strings.EqualFold(text[:len(inbox)], inbox) {
		return text
	}
	if len(text) == len(inbox) || strings.IndexByte("*%"+string(delimiter), text[len(inbox)]) >= 0 {
		return inbox + text[len(inbox):]
	}
	return text
}

// collapse makes one wildcard of several in a row: "*" when there is one among them.
func collapse(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); {
		end := i
		for end < len(text) && wildcard(text[end]) {
			end++
		}
		switch {
		case end == i:
			out.WriteByte(text[i])
			end++
		case strings.Contains(text[i:end], "*"):
			out.WriteByte('*')
		default:
			out.WriteByte('%')
		}
		i = end
	}
	return out.String()
}

func wildcard(c byte) bool { return c == '*' || c == '%' }

// EndsInPercent tells whether levels of the hierarchy that are no mailboxes are asked for as well.
func (p Pattern) EndsInPercent() bool { return strings.HasSuffix(p.text, "%") }

// Match tells whether the whole name matches. The time is bounded by the product of the lengths, and no pattern is
// longer than twice the name.
func (p Pattern) Match(name string) bool {
	if len(name) < p.least {
		return false
	}
	// at[i] says that the first i octets of the pattern match the part of the name seen so far.
	at, next := make([]bool, len(p.text)+1), make([]bool, len(p.text)+1)
	at[0] = true
	p.skipWildcards(at)
	for i := range len(name) {
		if !p.step(at, next, name[i]) {
			return false
		}
		at, next = next, at
	}
	return at[len(p.text)]
}

// step moves over one octet of the name; it is false when nothing can match any more.
func (p Pattern) step(at, next []bool, c byte) (alive bool) {
	clear(next)
	for i, here := range at[:len(p.text)] {
		if !here {
			continue
		}
		switch w := p.text[i]; {
		case w == '*', w == '%' && c != p.delimiter:
			next[i] = true
		case w == c && w != '%':
			next[i+1] = true
		default:
			continue
		}
		alive = true
	}
	p.skipWildcards(next)
	return alive
}

// skipWildcards lets wildcards match nothing.
func (p Pattern) skipWildcards(at []bool) {
	for i := range len(p.text) {
		if at[i] && wildcard(p.text[i]) {
			at[i+1] = true
		}
	}
}
