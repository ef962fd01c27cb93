package embedded

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
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

// squeeze makes every run of white space one space, and none at the ends.
func squeeze(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	start, space := 0, true // of the text since the last white space
	for i, r := range s {
		if !unicode.IsSpace(r) {
			if space {
				start, space = i, false
			}
			continue
		}
		if !space {
			appendWord(&b, s[start:i])
			space = true
		}
	}
	if !space {
		appendWord(&b, s[start:])
	}
	return b.String()
}

func appendWord(b *strings.Builder, word string) {
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	b.WriteString(word)
}

// in says whether every term is in one of the texts, which must be folded and squeezed.
func (t searchTerms) in(texts ...string) bool { return len(t.notIn(texts...)) == 0 }

// notIn gives the terms that are in none of the texts, which must be folded and squeezed.
func (t searchTerms) notIn(texts ...string) searchTerms {
	var missing searchTerms
	for _, term := range t {
		if !slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, term) }) {
			missing = append(missing, term)
		}
	}
	return missing
}

// searchable folds and squeezes a text.
func searchable(s string) string {
	if text, ascii := searchableASCII(s); ascii {
		return text
	}
	return squeeze(foldCase(s))
}

// searchableASCII does it in one pass, as most texts allow.
func searchableASCII(s string) (text string, ascii bool) {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			return "", false
		case c == ' ' || '\t' <= c && c <= '\r':
			space = b.Len() > 0
			continue
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteByte(c)
	}
	return b.String(), true
}
