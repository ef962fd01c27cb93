package abnf

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxRepeat bounds repeat counts: no RFC comes near it, and a larger one would
// only blow up what is generated.
const maxRepeat = 1 << 16

type repeat struct{ min, max int }

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

// last returns the node at the end of each sequence in rest.
func last(rest any) []Node {
	var nodes []Node
	for _, r := range list(rest) {
		seq := list(r)
		nodes = append(nodes, seq[len(seq)-1].(Node))
	}
	return nodes
}

func alternation(first, rest any) Node {
	more := last(rest)
	if len(more) == 0 {
		return first.(Node)
	}
	return &Alt{Alts: append([]Node{first.(Node)}, more...)}
}

func concatenation(first, rest any) Node {
	more := last(rest)
	if len(more) == 0 {
		return first.(Node)
	}
	return &Concat{Items: append([]Node{first.(Node)}, more...)}
}

func repetition(count, item any) (any, error) {
	if count == nil {
		return item, nil
	}
	r := count.(repeat)
	if r.max >= 0 && r.min > r.max {
		return nil, fmt.Errorf("repeat %d*%d: the least count is above the most", r.min, r.max)
	}
	return &Rep{Min: r.min, Max: r.max, Item: item.(Node)}, nil
}

func newRepeat(min, max any) (any, error) {
	r := repeat{0, -1}
	if min != nil {
		r.min = min.(int)
	}
	if max != nil {
		r.max = max.(int)
	}
	return r, nil
}

func decimal(text []byte) (any, error) {
	n, err := strconv.Atoi(string(text))
	if err != nil || n > maxRepeat {
		return 0, fmt.Errorf("repeat count %s is above %d", text, maxRepeat)
	}
	return n, nil
}

func lowered(text []byte) string { return strings.ToLower(string(text)) }

// numeric reads %x41-5A, %d13.10 and the like.
func numeric(text []byte) (any, error) {
	base := map[byte]int{'b': 2, 'd': 10, 'x': 16}[text[1]|0x20]
	body := string(text[2:])
	lo, hi, isRange := strings.Cut(body, "-")
	parts := []string{lo, hi}
	if !isRange {
		parts = strings.Split(body, ".")
	}
	n := &Num{Range: isRange}
	for _, p := range parts {
		v, err := strconv.ParseUint(p, base, 32)
		if err != nil || v > unicode.MaxRune {
			return nil, fmt.Errorf("value %s of %s is above %%x%X", p, text, unicode.MaxRune)
		}
		n.Values = append(n.Values, rune(v))
	}
	if isRange && n.Values[0] > n.Values[1] {
		return nil, fmt.Errorf("range %s runs backwards", text)
	}
	return n, nil
}

// ruleText cuts comments and the space around a definition.
func ruleText(text []byte) string {
	var lines []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRightFunc(stripComment(line), unicode.IsSpace)
		if line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// stripComment cuts a comment at the end of a line; a semicolon inside quotes
// or a prose value is no comment.
func stripComment(line string) string {
	var closing rune
	for i, c := range line {
		switch {
		case closing != 0:
			if c == closing {
				closing = 0
			}
		case c == '"':
			closing = '"'
		case c == '<':
			closing = '>'
		case c == ';':
			return line[:i]
		}
	}
	return line
}

// firstInvalid returns the line of the first byte that is not UTF-8, or 0.
func firstInvalid(text []byte) int {
	line := 1
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if r == utf8.RuneError && size == 1 {
			return line
		}
		if r == '\n' {
			line++
		}
		text = text[size:]
	}
	return 0
}
