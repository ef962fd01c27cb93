package message

import (
	"strings"
	"unicode/utf8"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// clean makes a raw header value fit for a string of IMAP: unfolded, which leaves the
// white space of the folding as it is (RFC 5322 section 2.2.3), without line breaks and
// NUL, trimmed. 8-bit octets stay; show decides about them.
func clean(raw string) string { return strings.Trim(unfold(raw), " \t") }

func unfold(raw string) string {
	if strings.ContainsAny(raw, "\r\n\x00") {
		raw = cleaner.Replace(raw)
	}
	return raw
}

var cleaner = strings.NewReplacer("\r", "", "\n", "", "\x00", "?")

// show gives a clean string to a client. One that enabled UTF-8 gets UTF-8 as it
// is; all else with 8-bit octets becomes encoded words.
func show(s string, utf8Client bool) string {
	if utf8Client && utf8.ValidString(s) {
		return s
	}
	return mime.SevenBit(s)
}

func showN(s imap.NString, utf8Client bool) imap.NString {
	s.Value = show(s.Value, utf8Client)
	return s
}

// nonEmpty is NIL for an empty string.
func nonEmpty(s string) imap.NString {
	if s = clean(s); s == "" {
		return imap.NString{}
	}
	return imap.String(s)
}

// lowerASCII lowers ASCII letters only, as field names are compared (RFC 9051 section
// 6.4.5.1).
func lowerASCII(s string) string { return mapASCII(s, 'A', 'Z', 'a') }

// mapASCII moves the letters between first and last to where to stands.
func mapASCII(s string, first, last, to byte) string {
	b := []byte(s)
	for i, c := range b {
		if first <= c && c <= last {
			b[i] = c - first + to
		}
	}
	return string(b)
}
