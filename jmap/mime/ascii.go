package mime

import "strings"

// EqualFold compares without regard to case in ASCII only: a Kelvin sign is no k.
func EqualFold[A, B ~string | ~[]byte](a A, b B) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lowerByte(a[i]) != lowerByte(b[i]) {
			return false
		}
	}
	return true
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// lower gives s with ASCII letters in lower case and all else as it is.
func lower(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return strings.Map(func(r rune) rune {
				if r < 0x80 {
					return rune(lowerByte(byte(r)))
				}
				return r
			}, s)
		}
	}
	return s
}
