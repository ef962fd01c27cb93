package mime

import (
	"strconv"
	"strings"
)

// maxParam is the longest parameter that is not continued on another line.
const maxParam = 60

// EncodeParam writes a parameter as `name=value`, quoted where it must be, or by RFC
// 2231 where the value is not plain ASCII or is long; then it is several, separated by
// a semicolon, CRLF and a space.
func EncodeParam(name, value string) string {
	value = withoutBreaks(value)
	if IsASCII([]byte(value)) && len(name)+len(value) <= maxParam {
		if isToken(value) {
			return name + "=" + value
		}
		return name + "=" + quote(value)
	}
	encoded := "utf-8''" + percentEncode(value)
	if len(name)+len(encoded) <= maxParam {
		return name + "*=" + encoded
	}
	var b strings.Builder
	for i := 0; encoded != ""; i++ {
		n := min(max(maxParam-len(name), 20), len(encoded))
		if cut := strings.LastIndexByte(encoded[:n], '%'); cut >= 0 && cut > n-3 && n < len(encoded) {
			n = cut
		}
		if i > 0 {
			b.WriteString(";\r\n ")
		}
		b.WriteString(name + "*" + strconv.Itoa(i) + "*=" + encoded[:n])
		encoded = encoded[n:]
	}
	return b.String()
}

// percentEncode leaves the attribute-char of RFC 2231 section 7 as they are.
func percentEncode(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if isAlnum(c) || strings.IndexByte("!#$&+-.^_`{|}~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}

// isToken says whether the text is a token of RFC 2045 section 5.1.
func isToken(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' || strings.IndexByte(`()<>@,;:\"/[]?=`, s[i]) >= 0 {
			return false
		}
	}
	return s != ""
}
