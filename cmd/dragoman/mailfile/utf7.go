package mailfile

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

var utf7Base64 = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").WithPadding(base64.NoPadding)

// folderName decodes the name of a Maildir++ folder, modified UTF-7 (RFC 3501 section 5.1.3). A name that is not
// in that form stays as it is: some programs write UTF-8.
func folderName(name string) string {
	var out strings.Builder
	for rest := name; rest != ""; {
		before, after, shifted := strings.Cut(rest, "&")
		out.WriteString(before)
		if !shifted {
			break
		}
		coded, tail, closed := strings.Cut(after, "-")
		text, ok := decodeShifted(coded)
		if !closed || !ok {
			return name
		}
		out.WriteString(text)
		rest = tail
	}
	return out.String()
}

func decodeShifted(coded string) (string, bool) {
	if coded == "" {
		return "&", true
	}
	octets, err := utf7Base64.DecodeString(coded)
	if err != nil || len(octets)%2 != 0 {
		return "", false
	}
	units := make([]uint16, len(octets)/2)
	for i := range units {
		units[i] = binary.BigEndian.Uint16(octets[2*i:])
	}
	text := string(utf16.Decode(units))
	return text, !strings.ContainsRune(text, utf8.RuneError)
}
