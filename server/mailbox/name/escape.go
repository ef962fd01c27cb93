package name

import (
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	hexDigits = "0123456789ABCDEF"
	mark      = '='
)

// Escape writes a JMAP mailbox name as one part of a path: a "/", a control character, a blank at the beginning or
// the end, and a "=" that would be read as such an escape, become "=" and the code point in two hexadecimal digits. Every
// other name stands for itself.
func Escape(name string) string {
	var b strings.Builder
	for i, r := range name {
		switch {
		case r == ' ' && (i == 0 || i == len(name)-1), r == '/', control(r):
			writeEscape(&b, r)
		case r == mark && readsAsEscape(name, i):
			writeEscape(&b, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func control(r rune) bool { return r < 0x20 || r >= 0x7f && r <= 0x9f }

func writeEscape(b *strings.Builder, r rune) {
	b.WriteByte(mark)
	b.WriteByte(hexDigits[r>>4&15])
	b.WriteByte(hexDigits[r&15])
}

// Unescape returns the JMAP name that a part of a path stands for.
func Unescape(part string) string {
	if !strings.ContainsRune(part, mark) {
		return part
	}
	var b strings.Builder
	for i := 0; i < len(part); i++ {
		if r, ok := escapeAt(part, i); ok {
			b.WriteRune(r)
			i += 2
			continue
		}
		b.WriteByte(part[i])
	}
	return b.String()
}

// escapeAt reads the escape at an offset of a part. That of a blank is one at the beginning and the end only, where Escape
// writes it.
func escapeAt(part string, i int) (rune, bool) {
	if part[i] != mark || i+2 >= len(part) {
		return 0, false
	}
	high, low := strings.IndexByte(hexDigits, part[i+1]), strings.IndexByte(hexDigits, part[i+2])
	if high < 0 || low < 0 {
		return 0, false
	}
	r := rune(high<<4 | low)
	if r == ' ' {
		return r, i == 0 || i+3 == len(part)
	}
	return r, r == '/' || r == mark || control(r)
}

// readsAsEscape reports whether a "=" of a name would begin an escape if it stood in a part as it is.
func readsAsEscape(name string, i int) bool {
	if i+2 >= len(name) || name[i+1] >= utf8.RuneSelf || name[i+2] >= utf8.RuneSelf {
		return false
	}
	_, ok := escapeAt(name, i)
	return ok
}

// Suffix returns what keeps a mailbox apart from a sibling of the same name; it depends on nothing but the id of the
// mailbox and the attempt.
func Suffix(id string, attempt int) string {
	sum := sha256.Sum256([]byte(id + "\x00" + strconv.Itoa(attempt)))
	return " ~" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:6])
}
