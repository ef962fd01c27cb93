package mime

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// segment is one piece of a parameter value continued over several parameters.
type segment struct {
	index   int
	encoded bool
	value   string
}

// extended decodes name*, name*0, name*0*, name*1 … (RFC 2231 sections 3 and 4).
func (ps Params) extended(name string) (string, bool) {
	segments := ps.segments(name)
	if len(segments) == 0 {
		return "", false
	}
	charset := ""
	var octets []byte
	for i, s := range segments {
		if !s.encoded {
			octets = append(octets, s.value...)
			continue
		}
		value := s.value
		if i == 0 {
			charset, value = cutCharset(value)
		}
		octets = append(octets, percentDecode(value)...)
	}
	if charset == "" && !segments[0].encoded {
		return string(octets), true
	}
	text, _ := DecodeCharset(charset, octets)
	return text, true
}

// segments collects the pieces of one parameter in the order of their numbers, up to
// the first gap. A single `name*` takes precedence.
func (ps Params) segments(name string) []segment {
	var found []segment
	for _, p := range ps {
		rest, ok := strings.CutPrefix(p.Name, name+"*")
		if !ok {
			continue
		}
		if rest == "" {
			return []segment{{0, true, p.Value}}
		}
		number, encoded := strings.CutSuffix(rest, "*")
		index, err := strconv.Atoi(number)
		if err != nil || index < 0 {
			continue
		}
		found = append(found, segment{index, encoded, p.Value})
	}
	return inOrder(found)
}

// inOrder sorts pieces by their numbers and drops those behind the first gap.
func inOrder(found []segment) []segment {
	slices.SortStableFunc(found, func(a, b segment) int { return cmp.Compare(a.index, b.index) })
	for i, s := range found {
		if s.index != i {
			return found[:i]
		}
	}
	return found
}

// cutCharset splits charset'language'value.
func cutCharset(value string) (charset, rest string) {
	charset, rest, ok := strings.Cut(value, "'")
	if !ok {
		return "", value
	}
	if _, after, ok := strings.Cut(rest, "'"); ok {
		rest = after
	}
	return charset, rest
}

// percentDecode decodes %XX; a percent sign without two hex digits stays.
func percentDecode(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := unhex(s[i+1]), unhex(s[i+2]); hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return out
}

// unhex is the value of a hexadecimal digit, or -1.
func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
