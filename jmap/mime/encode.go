package mime

import (
	"bytes"
	"encoding/base64"
	"slices"
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
	for _, r := range splitRuns(withoutBreaks(text), needsEncoding) {
		if r.encode {
			f.encoded("utf-8", r.text)
		} else {
			f.plain(r.text)
		}
	}
	return string(f.b)
}

// EncodePhrase makes a display name: as it is, as a quoted-string, or as encoded
// words, each on a line of its own.
func EncodePhrase(name string) string {
	name = strings.TrimSpace(withoutBreaks(name))
	switch {
	case name != "" && isAtoms(name) && !strings.Contains(name, "=?"):
		return name
	case IsASCII([]byte(name)) && len(name) <= maxPlainWord:
		return quote(name)
	}
	return strings.Join(encodedWords("utf-8", name), "\r\n ")
}

var quoter = strings.NewReplacer(`"`, `\"`, `\`, `\\`)

// quote makes a quoted-string (RFC 5322 section 3.2.4).
func quote(s string) string { return `"` + quoter.Replace(s) + `"` }

// SevenBit makes a raw value that may have 8-bit octets fit for a reader that takes
// ASCII only: words with such octets become encoded words, in UTF-8 or, where they are no
// UTF-8, in the charset "unknown-8bit" (RFC 1428), so that no octet is lost. Encoded words
// that are there already stay.
func SevenBit(raw string) string {
	if IsASCII([]byte(raw)) {
		return raw
	}
	charset := "utf-8"
	if !utf8.ValidString(raw) {
		charset = "unknown-8bit"
	}
	runs := splitRuns(raw, func(word string) bool { return !IsASCII([]byte(word)) })
	for i := range runs {
		if runs[i].encode {
			takeSpace(runs, i)
		}
	}
	var b strings.Builder
	for _, r := range runs {
		if r.encode {
			r.text = strings.Join(encodedWords(charset, r.text), " ")
		}
		b.WriteString(r.text)
	}
	return b.String()
}

// takeSpace moves the white space between run i, which is to be encoded, and an encoded
// word beside it into the run, as readers drop what is between two words.
func takeSpace(runs []run, i int) {
	if i > 0 {
		before := &runs[i-1].text
		text := strings.TrimRight(*before, " \t")
		if isEncodedWord(text[strings.LastIndexAny(text, " \t")+1:]) {
			runs[i].text = (*before)[len(text):] + runs[i].text
			*before = text + " "
		}
	}
	if i+1 < len(runs) {
		behind := &runs[i+1].text
		text := strings.TrimLeft(*behind, " \t")
		if word := text[:wordEnd(text)]; isEncodedWord(word) {
			runs[i].text += (*behind)[:len(*behind)-len(text)]
			*behind = " " + text
		}
	}
}

func isEncodedWord(word string) bool {
	return strings.HasPrefix(word, "=?") && strings.HasSuffix(word, "?=")
}

// run is a piece of text that is encoded as a whole or not at all. White space
// between two encoded runs is inside them, as readers drop what is between words.
type run struct {
	text   string
	encode bool
}

// splitRuns cuts text before and behind words that must be encoded.
func splitRuns(text string, needsEncoding func(word string) bool) []run {
	var runs []run
	start, encode := 0, false
	cut := func(at int, next bool) {
		if at > start {
			runs = append(runs, run{text[start:at], encode})
		}
		start, encode = at, next
	}
	for pos := 0; pos < len(text); {
		word := len(text) - len(strings.TrimLeft(text[pos:], " \t"))
		end := word + wordEnd(text[word:])
		switch needs := needsEncoding(text[word:end]); {
		case needs == encode:
		case needs:
			cut(word, true)
		default:
			cut(pos, false)
		}
		pos = end
	}
	cut(len(text), false)
	return runs
}

// wordEnd is where the first white space stands, or the end.
func wordEnd(text string) int {
	if i := strings.IndexAny(text, " \t"); i >= 0 {
		return i
	}
	return len(text)
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
	b    []byte
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
		f.b = append(f.b, "\r\n"...)
		f.used = 0
	}
	f.b = append(f.b, text...)
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
		if at := len(bytes.TrimRight(f.b, " \t")); at > 0 && at < len(f.b) && f.used+len(w) > maxLine {
			f.used = len(f.b) - at
			f.b = slices.Insert(f.b, at, '\r', '\n')
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
