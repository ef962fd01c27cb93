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
	runs := ps.continued()
	if len(runs) == 0 {
		return ps
	}
	joined := make(map[string]Param, len(runs))
	for base, segments := range runs {
		joined[base] = join(base, segments)
	}
	out := make(Params, 0, len(ps))
	for _, p := range ps {
		if joined[p.Name].Name == p.Name {
			continue
		}
		base, index, ok := piece(p.Name)
		switch {
		case !ok || index >= len(runs[base]):
			out = append(out, p)
		case index == 0:
			out = append(out, joined[base])
		}
	}
	return out
}

// continued collects the pieces that count of all continued parameters.
func (ps Params) continued() map[string][]segment {
	runs := map[string][]segment{}
	for _, p := range ps {
		if base, index, ok := piece(p.Name); ok {
			runs[base] = append(runs[base], segment{index, strings.HasSuffix(p.Name, "*"), p.Value})
		}
	}
	for base, found := range runs {
		if runs[base] = inOrder(found); len(runs[base]) == 0 {
			delete(runs, base)
		}
	}
	for _, p := range ps {
		if base, ok := strings.CutSuffix(p.Name, "*"); ok {
			delete(runs, base)
		}
	}
	return runs
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
