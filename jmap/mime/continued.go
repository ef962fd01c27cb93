package mime

import (
	"strconv"
	"strings"
)

// Joined gives the parameters with their continuations put together: name*0, name*1
// become name, and name*0*, name*1 become name*, whose value keeps its charset and
// its percent-encoding (RFC 9051 section 7.5.2, RFC 2231 section 4.1). Each stands
// where its first piece stood; a plain parameter of the same name gives way. Pieces
// that do not count, after a gap or beside a whole name*, stay as they are.
func (ps Params) Joined() Params {
	joined := map[string]Param{}
	for _, p := range ps {
		base, _, ok := piece(p.Name)
		if _, done := joined[base]; !ok || done {
			continue
		}
		if _, whole := ps.plain(base + "*"); !whole {
			joined[base] = join(base, ps.segments(base))
		}
	}
	if len(joined) == 0 {
		return ps
	}
	return ps.replaced(joined)
}

// replaced puts the joined parameters where their pieces were.
func (ps Params) replaced(joined map[string]Param) Params {
	out := make(Params, 0, len(ps))
	for _, p := range ps {
		if whole, ok := joined[p.Name]; ok && whole.Name == p.Name {
			continue
		}
		base, index, ok := piece(p.Name)
		whole, known := joined[base]
		switch {
		case !ok || !known || index >= len(ps.segments(base)):
			out = append(out, p)
		case index == 0:
			out = append(out, whole)
		}
	}
	return out
}

// piece takes name*2 and name*2* apart.
func piece(name string) (base string, index int, ok bool) {
	base, rest, _ := strings.Cut(name, "*")
	index, err := strconv.Atoi(strings.TrimSuffix(rest, "*"))
	return base, index, err == nil && index >= 0
}

// join makes one parameter of the pieces; the value is percent-encoded if one of
// them is.
func join(base string, segments []segment) Param {
	encoded := false
	for _, s := range segments {
		encoded = encoded || s.encoded
	}
	var value strings.Builder
	if encoded && !segments[0].encoded {
		value.WriteString("''")
	}
	for _, s := range segments {
		if encoded && !s.encoded {
			value.WriteString(percentEncode(s.value))
		} else {
			value.WriteString(s.value)
		}
	}
	if encoded {
		base += "*"
	}
	return Param{base, value.String()}
}
