package mime

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Text is a raw value in the Text form of RFC 8621 section 4.1.2.2: unfolded, without
// leading spaces, encoded words decoded, in Normalization Form C, valid UTF-8.
func Text(raw []byte) string {
	s := string(raw[:min(len(raw), MaxValue)])
	s = strings.ReplaceAll(unfolder.Replace(s), "\x00", "")
	return norm.NFC.String(decodeText(strings.TrimLeft(s, " ")))
}

// Raw is a raw value in the Raw form of RFC 8621 section 4.1.2.1: NULs dropped and
// runs of octets that are no UTF-8 replaced.
func Raw(raw []byte) string {
	return strings.ReplaceAll(validUTF8(string(raw)), "\x00", "")
}

// decodeText decodes the encoded words of an unfolded value (RFC 2047). A word counts
// only where white space or an end of the text is on both sides of it, white
// space between two of them is dropped, and octets of neighbours in one charset are
// joined first, as a character may be split over two words. Words in an unknown charset
// stay as they are.
func decodeText(s string) string {
	if !strings.Contains(s, "=?") {
		return validUTF8(s)
	}
	d := wordDecoder{}
	for len(s) > 0 {
		space := len(s) - len(strings.TrimLeft(s, " \t\r\n"))
		word := s[space:]
		if end := strings.IndexAny(word, " \t\r\n"); end >= 0 {
			word = word[:end]
		}
		d.next(s[:space], word)
		s = s[space+len(word):]
	}
	d.flush()
	return d.out.String()
}

// wordDecoder collects the octets of neighbouring encoded words.
type wordDecoder struct {
	out     strings.Builder
	charset string
	octets  []byte
	pending bool
}

// next takes a word and the white space before it.
func (d *wordDecoder) next(space, word string) {
	charset, octets, ok := parseEncodedWord(word)
	if !ok {
		d.flush()
		d.out.WriteString(space)
		d.out.WriteString(validUTF8(word))
		return
	}
	if !d.pending {
		d.out.WriteString(space)
	}
	if d.pending && charset != d.charset {
		d.flush()
	}
	d.pending, d.charset = true, charset
	d.octets = append(d.octets, octets...)
}

func (d *wordDecoder) flush() {
	if !d.pending {
		return
	}
	text, _ := DecodeCharset(d.charset, d.octets)
	d.out.WriteString(withoutControls(text))
	d.pending, d.octets = false, nil
}

func withoutControls(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}

// parseEncodedWord takes =?charset?encoding?text?= apart; charset is in lower case,
// known, and without the language of RFC 2231 section 5.
func parseEncodedWord(word string) (charset string, octets []byte, ok bool) {
	inner, ok := strings.CutPrefix(word, "=?")
	if !ok || !strings.HasSuffix(inner, "?=") {
		return "", nil, false
	}
	inner = strings.TrimSuffix(inner, "?=")
	charset, rest, ok := strings.Cut(inner, "?")
	encoding, text, ok2 := strings.Cut(rest, "?")
	if !ok || !ok2 || charset == "" || strings.Contains(text, "?") {
		return "", nil, false
	}
	charset, _, _ = strings.Cut(lower(charset), "*")
	if _, err := Charset(charset); err != nil {
		return "", nil, false
	}
	switch encoding {
	case "b", "B":
		octets, ok = decodeB(text)
	case "q", "Q":
		octets, ok = decodeQ(text), true
	default:
		ok = false
	}
	return charset, octets, ok
}

// decodeB decodes base64; missing padding is forgiven, other octets are not.
func decodeB(text string) ([]byte, bool) {
	d := base64Decoder{src: []byte(text)}
	out := make([]byte, len(text))
	n := d.decode(out)
	return out[:n], !d.problem
}

// decodeQ decodes the Q encoding of RFC 2047 section 4.
func decodeQ(text string) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '=' && i+2 < len(text) {
			if hi, lo := unhex(text[i+1]), unhex(text[i+2]); hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		if c == '_' {
			c = ' '
		}
		out = append(out, c)
	}
	return out
}
