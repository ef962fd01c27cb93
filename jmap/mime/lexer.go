package mime

import "strings"

// lexer reads the tokens of structured header fields (RFC 5322 section 3.2) from a
// value whose syntax may be broken anywhere. A quote or bracket that is never closed
// is an ordinary character; that there is none is remembered, so that a value full
// of them does not take quadratic time.
type lexer struct {
	s                 string
	i                 int
	noQuote, noParens bool
}

// newLexer starts at the first octet of a raw value; octets past MaxValue are ignored.
func newLexer(raw []byte) *lexer {
	return &lexer{s: string(raw[:min(len(raw), MaxValue)])}
}

func (l *lexer) atEnd() bool { return l.i >= len(l.s) }

// peek is the next octet, or 0 at the end.
func (l *lexer) peek() byte {
	if l.atEnd() {
		return 0
	}
	return l.s[l.i]
}

func (l *lexer) skip() {
	if !l.atEnd() {
		l.i++
	}
}

// take skips the next octet if it is c.
func (l *lexer) take(c byte) bool {
	if !l.atEnd() && l.s[l.i] == c {
		l.i++
		return true
	}
	return false
}

// until reads up to one of the stop octets; it may be empty.
func (l *lexer) until(stops string) string {
	start := l.i
	for !l.atEnd() && strings.IndexByte(stops, l.s[l.i]) < 0 {
		l.i++
	}
	return l.s[start:l.i]
}

// skipCFWS skips white space and comments, and gives the text of the last comment.
func (l *lexer) skipCFWS() (comment string) {
	for !l.atEnd() {
		switch c := l.s[l.i]; {
		case isSpace(c):
			l.i++
		case c == '(':
			text, ok := l.comment()
			if !ok {
				return comment
			}
			comment = text
		default:
			return comment
		}
	}
	return comment
}

// comment reads a comment at an opening parenthesis.
func (l *lexer) comment() (text string, ok bool) {
	if l.noParens {
		return "", false
	}
	depth, escaped := 0, false
	var b strings.Builder
	for j := l.i; j < len(l.s); j++ {
		c := l.s[j]
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
			continue
		case c == '(':
			depth++
			if depth == 1 {
				continue
			}
		case c == ')':
			depth--
			if depth == 0 {
				l.i = j + 1
				return collapse(b.String()), true
			}
		}
		b.WriteByte(c)
	}
	l.noParens = true
	return "", false
}

// quoted reads a quoted-string at a double quote and undoes the quoting and folding.
func (l *lexer) quoted() (text string, ok bool) {
	if l.noQuote {
		return "", false
	}
	escaped := false
	var b strings.Builder
	for j := l.i + 1; j < len(l.s); j++ {
		c := l.s[j]
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
			continue
		case c == '"':
			l.i = j + 1
			return b.String(), true
		case c == '\r' || c == '\n':
			continue
		}
		b.WriteByte(c)
	}
	l.noQuote = true
	return "", false
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// collapse trims white space and makes each run of it, folding included, one space.
func collapse(s string) string { return strings.Join(strings.FieldsFunc(s, isSpaceRune), " ") }

func isSpaceRune(r rune) bool { return r < 0x80 && isSpace(byte(r)) }

// unfolded is a raw value without its line breaks, trimmed.
func unfolded(raw []byte) string {
	s := string(raw[:min(len(raw), MaxValue)])
	return strings.Trim(unfolder.Replace(s), " \t")
}

var unfolder = strings.NewReplacer("\r", "", "\n", "")
