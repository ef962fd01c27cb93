package mime

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

const (
	// maxWord is the longest encoded word (RFC 2047 section 2).
	maxWord = 75
	// maxPlainWord is the longest word that is sent as it is; a line may have 998
	// octets (RFC 5322 section 2.1.1).
	maxPlainWord = 500
	// maxLine is where lines are folded if there is white space.
	maxLine = 76
)

// EncodeText makes an unstructured header value of UTF-8 text: words that are not
// plain ASCII become encoded words (RFC 2047), and long lines are folded with CRLF. used
// is how much of the first line is taken, by the field name for instance. Line
// breaks and other control characters become spaces.
func EncodeText(text string, used int) string {
	f := folder{used: used}
	for _, r := range splitRuns(withoutBreaks(text)) {
		if r.encode {
			f.encoded("utf-8", r.text)
		} else {
			f.plain(r.text)
		}
	}
	return f.b.String()
}

// EncodePhrase makes a display name: as it is, as a quoted-string, or as encoded
// words separated by spaces.
func EncodePhrase(name string) string {
	name = strings.TrimSpace(withoutBreaks(name))
	switch {
	case name != "" && isAtoms(name) && !strings.Contains(name, "=?"):
		return name
	case isASCII([]byte(name)) && len(name) <= maxPlainWord:
		return quote(name)
	}
	return strings.Join(encodedWords("utf-8", name), " ")
}

var quoter = strings.NewReplacer(`"`, `\"`, `\`, `\\`)

// quote makes a quoted-string (RFC 5322 section 3.2.4).
func quote(s string) string { return `"` + quoter.Replace(s) + `"` }

// SevenBit makes a raw value that may have 8-bit octets fit for a reader that takes
// ASCII only: words with such octets become encoded words, in UTF-8 or, where they are no
// UTF-8, in the charset "unknown-8bit" (RFC 1428), so that no octet is lost.
func SevenBit(raw string) string {
	if isASCII([]byte(raw)) {
		return raw
	}
	charset := "utf-8"
	if !utf8.ValidString(raw) {
		charset = "unknown-8bit"
	}
	var b strings.Builder
	for _, r := range splitRuns(raw) {
		if !r.encode || isASCII([]byte(r.text)) {
			b.WriteString(r.text)
			continue
		}
		b.WriteString(strings.Join(encodedWords(charset, r.text), " "))
	}
	return b.String()
}

// run is a piece of text that is encoded as a whole or not at all. White space
// between two encoded runs is inside them, as readers drop what is between words.
type run struct {
	text   string
	encode bool
}

// splitRuns cuts text before and behind words that must be encoded.
func splitRuns(text string) []run {
	var runs []run
	for len(text) > 0 {
		space := len(text) - len(strings.TrimLeft(text, " \t"))
		end := strings.IndexAny(text[space:], " \t")
		if end < 0 {
			end = len(text) - space
		}
		word := run{text[:space+end], needsEncoding(text[space : space+end])}
		text = text[space+end:]
		last := len(runs) - 1
		switch {
		case last >= 0 && runs[last].encode == word.encode:
			runs[last].text += word.text
		case word.encode && last >= 0:
			runs[last].text += word.text[:space]
			word.text = word.text[space:]
			runs = append(runs, word)
		case word.encode && space > 0:
			runs = append(runs, run{word.text[:space], false}, run{word.text[space:], true})
		default:
			runs = append(runs, word)
		}
	}
	return runs
}

func needsEncoding(word string) bool {
	if len(word) > maxPlainWord || strings.Contains(word, "=?") {
		return true
	}
	for i := range len(word) {
		if word[i] < ' ' || word[i] > '~' {
			return true
		}
	}
	return false
}

// folder writes pieces and breaks the line before white space where it gets long.
type folder struct {
	b    strings.Builder
	used int
}

// plain writes words with the white space before each.
func (f *folder) plain(text string) {
	for len(text) > 0 {
		space := len(text) - len(strings.TrimLeft(text, " \t"))
		end := strings.IndexAny(text[space:], " \t")
		if end < 0 {
			end = len(text) - space
		}
		f.piece(text[:space+end], space > 0 && end > 0)
		text = text[space+end:]
	}
}

// piece writes text; it begins with white space, where the line may be broken, if
// foldable is set.
func (f *folder) piece(text string, foldable bool) {
	if foldable && f.used > 1 && f.used+len(text) > maxLine {
		f.b.WriteString("\r\n")
		f.used = 0
	}
	f.b.WriteString(text)
	f.used += len(text)
}

// encoded writes encoded words. The white space between them means nothing, and that
// before the first one stands at the end of what was written.
func (f *folder) encoded(charset, text string) {
	for i, w := range encodedWords(charset, text) {
		if i > 0 {
			f.piece(" "+w, true)
			continue
		}
		written := f.b.String()
		if at := len(strings.TrimRight(written, " \t")); at > 0 && at < len(written) && f.used+len(w) > maxLine {
			f.b.Reset()
			f.b.WriteString(written[:at] + "\r\n" + written[at:])
			f.used = len(written) - at
		}
		f.piece(w, false)
	}
}

// encodedWords encodes text in the shorter of the two encodings, in words of at most
// maxWord octets and without cutting a character.
func encodedWords(charset, text string) []string {
	special := 0
	for i := range len(text) {
		if !isQSafe(text[i]) {
			special++
		}
	}
	letter, encode := "q", encodeQ
	if special*2 > len(text) {
		letter, encode = "b", func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	}
	room := maxWord - len("=??x??=") - len(charset)
	var words []string
	for len(text) > 0 {
		n := fit(text, room, encode)
		words = append(words, "=?"+charset+"?"+letter+"?"+encode(text[:n])+"?=")
		text = text[n:]
	}
	return words
}

// fit gives how many octets of text, whole characters and at least one, are at most
// room octets long when encoded.
func fit(text string, room int, encode func(string) string) int {
	n := 0
	for n < len(text) {
		_, size := utf8.DecodeRuneInString(text[n:])
		if n > 0 && len(encode(text[:n+size])) > room {
			break
		}
		n += size
	}
	return n
}

// encodeQ is the Q encoding, strict enough for a display name (RFC 2047 section 5).
func encodeQ(s string) string {
	const hex = "0123456789ABCDEF"
	out := make([]byte, 0, 3*len(s))
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ':
			out = append(out, '_')
		case isQSafe(c):
			out = append(out, c)
		default:
			out = append(out, '=', hex[c>>4], hex[c&15])
		}
	}
	return string(out)
}

func isQSafe(c byte) bool { return isAlnum(c) || c == ' ' || strings.IndexByte("!*+-/", c) >= 0 }

// isAtoms says whether the text is atoms (RFC 5322 section 3.2.3) and single spaces.
func isAtoms(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !isAlnum(c) && strings.IndexByte("!#$%&'*+-/=?^_`{|}~ ", c) < 0 || c == ' ' && s[i-1] == ' ' {
			return false
		}
	}
	return true
}

// withoutBreaks makes valid UTF-8 without control characters, tabs excepted.
func withoutBreaks(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return ' '
		}
		return r
	}, validUTF8(s))
}
