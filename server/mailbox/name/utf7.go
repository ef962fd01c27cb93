package name

import (
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrUTF7 says that a name is not in modified UTF-7.
var ErrUTF7 = errors.New("name is not in modified UTF-7")

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,"

// EncodeUTF7 writes a name in modified UTF-7 (RFC 3501 section 5.1.3). Octets that are not UTF-8 become U+FFFD.
func EncodeUTF7(name string) string {
	if plain(name) {
		return name
	}
	var b strings.Builder
	for i := 0; i < len(name); {
		if c := name[i]; c == '&' {
			b.WriteString("&-")
			i++
			continue
		} else if printable(c) {
			b.WriteByte(c)
			i++
			continue
		}
		n := i
		for n < len(name) && !printable(name[n]) {
			n++
		}
		writeShifted(&b, name[i:n])
		i = n
	}
	return b.String()
}

func printable(c byte) bool { return c >= 0x20 && c <= 0x7e }

// plain reports whether a name is the same in modified UTF-7.
func plain(name string) bool {
	for i := 0; i < len(name); i++ {
		if !printable(name[i]) || name[i] == '&' {
			return false
		}
	}
	return true
}

// writeShifted writes UTF-16 in base64, between "&" and "-".
func writeShifted(b *strings.Builder, text string) {
	b.WriteByte('&')
	var bits uint32
	count := 0
	for _, unit := range utf16.Encode([]rune(text)) {
		bits = bits<<16 | uint32(unit)
		for count += 16; count >= 6; count -= 6 {
			b.WriteByte(base64Alphabet[bits>>(count-6)&63])
		}
		bits &= 1<<count - 1
	}
	if count > 0 {
		b.WriteByte(base64Alphabet[bits<<(6-count)&63])
	}
	b.WriteByte('-')
}

// DecodeUTF7 reads a name in modified UTF-7 (RFC 3501 section 5.1.3). Only what EncodeUTF7 writes is accepted, so that a
// name has one spelling.
func DecodeUTF7(text string) (string, error) {
	if plain(text) {
		return text, nil
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if !printable(c) {
			return "", ErrUTF7
		}
		if c != '&' {
			b.WriteByte(c)
			continue
		}
		end := strings.IndexByte(text[i:], '-')
		if end < 0 {
			return "", ErrUTF7
		}
		if end == 1 {
			b.WriteByte('&')
		} else if !readShifted(&b, text[i+1:i+end]) {
			return "", ErrUTF7
		}
		i += end
	}
	// Superfluous shifts, and ASCII within them, are other spellings of the same name.
	if name := b.String(); EncodeUTF7(name) == text {
		return name, nil
	}
	return "", ErrUTF7
}

func readShifted(b *strings.Builder, digits string) bool {
	var bits uint32
	var high rune // a surrogate that waits for the other half
	count := 0
	for i := 0; i < len(digits); i++ {
		digit := strings.IndexByte(base64Alphabet, digits[i])
		if digit < 0 {
			return false
		}
		bits = (bits<<6 | uint32(digit)) & 0x3fffff
		if count += 6; count < 16 {
			continue
		}
		count -= 16
		unit := rune(bits >> count & 0xffff)
		switch {
		case high != 0:
			pair := utf16.DecodeRune(high, unit)
			if pair == utf8.RuneError {
				return false
			}
			b.WriteRune(pair)
			high = 0
		case utf16.IsSurrogate(unit):
			high = unit
		default:
			b.WriteRune(unit)
		}
	}
	return high == 0
}
