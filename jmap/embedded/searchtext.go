package embedded

import (
	"strings"
	"unicode"
)

// searchTerms are words and phrases that must all be found, case folded
// (RFC 8621 section 4.4.1).
type searchTerms []string

// parseTerms splits at white space; what is in quotes is a phrase, in which a backslash
// escapes. A quotation mark without another is a character like any.
func parseTerms(s string) searchTerms {
	var terms searchTerms
	rest := []rune(s)
	add := func(term string) {
		if term = squeeze(foldCase(term)); term != "" {
			terms = append(terms, term)
		}
	}
	for len(rest) > 0 {
		switch c := rest[0]; {
		case unicode.IsSpace(c):
			rest = rest[1:]
			continue
		case c == '"' || c == '\'':
			if phrase, n := quotedPhrase(rest); n > 0 {
				add(phrase)
				rest = rest[n:]
				continue
			}
		}
		end := 1
		for end < len(rest) && !unicode.IsSpace(rest[end]) {
			end++
		}
		add(string(rest[:end]))
		rest = rest[end:]
	}
	return terms
}

// quotedPhrase returns the phrase in front and how many characters it took; 0 if it has no end.
func quotedPhrase(s []rune) (string, int) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
		case s[i] == s[0]:
			return b.String(), i + 1
		}
		b.WriteRune(s[i])
	}
	return "", 0
}

// squeeze makes every run of white space one space.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// in says whether every term is in one of the texts, which must be folded and squeezed.
func (t searchTerms) in(texts ...string) bool {
	for _, term := range t {
		found := false
		for _, text := range texts {
			found = found || strings.Contains(text, term)
		}
		if !found {
			return false
		}
	}
	return true
}

func searchable(s string) string { return squeeze(foldCase(s)) }
