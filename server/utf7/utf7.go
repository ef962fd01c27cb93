// Package utf7 is the modified UTF-7 in which IMAP4rev1 writes mailbox names (RFC 3501 section 5.1.3).
package utf7

import (
	"encoding/base64"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrInvalid says that a name is not modified UTF-7, or not in its one canonical form.
var ErrInvalid = errors.New("not modified UTF-7")

var encoding = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").
	WithPadding(base64.NoPadding).Strict()

// Encode writes a UTF-8 name in modified UTF-7.
func Encode(name string) string {
	var out strings.Builder
	for name != "" {
		n := strings.IndexFunc(name, func(r rune) bool { return !direct(r) })
		if n < 0 {
			n = len(name)
		}
		out.WriteString(strings.ReplaceAll(name[:n], "&", "&-"))
		name = name[n:]
		n = strings.IndexFunc(name, direct)
		if n < 0 {
			n = len(name)
		}
		if n > 0 {
			shifted(&out, name[:n])
			name = name[n:]
		}
	}
	return out.String()
}

// direct tells whether a character stands for itself, "&" apart.
func direct(r rune) bool { return r >= 0x20 && r <= 0x7e }

func shifted(out *strings.Builder, part string) {
	var octets []byte
	for _, unit := range utf16.Encode([]rune(part)) {
		octets = append(octets, byte(unit>>8), byte(unit))
	}
	out.WriteByte('&')
	out.WriteString(encoding.EncodeToString(octets))
	out.WriteByte('-')
}

// Decode reads a name in modified UTF-7. Octets above ASCII, which do not belong into one, are taken when
// they are UTF-8, because clients send them.
func Decode(name string) (string, error) {
	if !utf8.ValidString(name) {
		return "", ErrInvalid
	}
	var out strings.Builder
	after := false // a shift sequence ended just here: another may not follow
	for name != "" {
		if name[0] != '&' {
			out.WriteByte(name[0])
			name, after = name[1:], false
			continue
		}
		end := strings.IndexByte(name, '-')
		if end < 0 {
			return "", ErrInvalid
		}
		if end == 1 {
			out.WriteByte('&')
			name, after = name[2:], false
			continue
		}
		part, ok := unshift(name[1:end])
		if !ok || after {
			return "", ErrInvalid
		}
		out.WriteString(part)
		name, after = name[end+1:], true
	}
	return out.String(), nil
}

func unshift(text string) (string, bool) {
	octets, err := encoding.DecodeString(text)
	if err != nil || len(octets)%2 != 0 || strings.ContainsAny(text, "\r\n") {
		return "", false
	}
	units := make([]uint16, len(octets)/2)
	for i := range units {
		units[i] = uint16(octets[2*i])<<8 | uint16(octets[2*i+1])
	}
	part := string(utf16.Decode(units))
	if strings.IndexFunc(part, direct) >= 0 || strings.Contains(part, "\uFFFD") {
		return "", false
	}
	return part, true
}
