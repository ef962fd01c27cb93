package emit

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// kinds numbers the events of the tape: bound rules, then keywords.
type kinds struct {
	rules    []string
	keywords []string
}

func newKinds() *kinds { return &kinds{} }

func (k *kinds) rule(name string) { k.rules = append(k.rules, name) }

// finish adds the keywords that marks need, sorted.
func (k *kinds) finish(m *model) {
	for _, texts := range m.marks {
		for _, t := range texts {
			if !slices.Contains(k.keywords, t) {
				k.keywords = append(k.keywords, t)
			}
		}
	}
	slices.Sort(k.keywords)
}

// ruleKind names the event kind of a bound rule.
func ruleKind(rule string) string { return "kind" + camel(rule) }

// wordKind names the event kind of a keyword.
func wordKind(text string) string { return "word" + camel(text) }

var punctuation = map[rune]string{
	'(': "Paren", '+': "Plus", '-': "Minus", '$': "Dollar", '*': "Star", '\\': "Slash",
}

// camel makes a Go name of a rule name or a keyword: "fetch-att" gives FetchAtt,
// ".PEEK" DotPeek.
func camel(s string) string {
	if name := punctuation[rune(s[0])]; name != "" && len(s) == 1 {
		return name
	}
	var b strings.Builder
	if s[0] == '.' {
		b.WriteString("Dot")
	}
	up := true
	for _, r := range s {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			if name := punctuation[r]; name != "" && r != '-' {
				b.WriteString(name)
			}
			up = true
		case up:
			b.WriteRune(unicode.ToUpper(r))
			up = false
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

func lowerFirst(s string) string {
	// An all-capital head is one word: LSub → lSub, but ID → id.
	if strings.ToUpper(s) == s {
		return strings.ToLower(s)
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// octet describes one octet for an error message.
func octet(c byte) string {
	switch c {
	case ' ':
		return "SP"
	case '\r', '\n':
		return "end of line"
	case '"':
		return "quote"
	}
	if c > ' ' && c < 0x7f {
		return fmt.Sprintf("%q", rune(c))
	}
	return fmt.Sprintf("octet %#02x", c)
}
