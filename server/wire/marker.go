package wire

import (
	"math"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// maxMarker is the length of the longest literal announcement: "~{", nineteen digits, "+}" CRLF.
const maxMarker = 2 + 19 + 2 + 2

// marker reads a literal announcement at the end of a line, which includes its CRLF. The size of a number that
// does not fit is the largest there is. start is where the announcement begins.
func marker(line []byte) (lit imap.Literal, start int, ok bool) {
	i := len(line) - 3 // before "}" CRLF
	if i < 0 || line[i] != '}' {
		return lit, 0, false
	}
	if i > 0 && line[i-1] == '+' {
		lit.NonSync = true
		i--
	}
	end := i
	for i > 0 && line[i-1] >= '0' && line[i-1] <= '9' {
		i--
	}
	if i == end || i == 0 || line[i-1] != '{' {
		return lit, 0, false
	}
	lit.Size = number(line[i:end])
	i--
	if i > 0 && line[i-1] == '~' {
		lit.Binary = true
		i--
	}
	return lit, i, true
}

func number(digits []byte) int64 {
	var n int64
	for _, c := range digits {
		d := int64(c - '0')
		if n > (math.MaxInt64-d)/10 {
			return math.MaxInt64
		}
		n = n*10 + d
	}
	return n
}

// tagOf returns the tag that a command line begins with, "" when there is none (RFC 9051 section 9, rule tag).
func tagOf(line []byte) string {
	const longest = 256
	for i, c := range line {
		if c == ' ' || c == '\r' || c == '\n' {
			return string(line[:i])
		}
		if i == longest || !tagChar(c) {
			break
		}
	}
	return ""
}

func tagChar(c byte) bool {
	switch c {
	case '(', ')', '{', '%', '*', '"', '\\', '+':
		return false
	}
	return c > ' ' && c < 0x7f
}
