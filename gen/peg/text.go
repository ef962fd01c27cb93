package peg

import (
	"fmt"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// Text returns an expression in the notation of pigeon.
func Text(e Expr) string {
	var b strings.Builder
	write(&b, e, 0)
	return b.String()
}

// Identifier returns a rule name as it is spelled in the notation of pigeon,
// which has no hyphens and does not take words of Go for names.
func Identifier(rule string) string {
	name := strings.ReplaceAll(rule, "-", "_")
	if token.IsKeyword(name) || types.Universe.Lookup(name) != nil {
		name += "_"
	}
	return name
}

// Levels of binding, from the loosest.
const (
	inChoice = iota
	inSeq
	inSuffix
)

func write(b *strings.Builder, e Expr, level int) {
	switch e := e.(type) {
	case *Choice:
		writeList(b, e.Alts, " / ", inSeq, level > inChoice)
	case *Seq:
		if len(e.Items) == 0 {
			b.WriteString(`""`)
			return
		}
		writeList(b, e.Items, " ", inSuffix, level > inSeq)
	case *Repeat:
		writeRepeat(b, e, level)
	case *Literal:
		b.WriteString(quote(e.Text))
		if e.Fold {
			b.WriteByte('i')
		}
	case *Class:
		b.WriteString(e.Set.String())
	case *Ref:
		b.WriteString(Identifier(e.Name))
	case *And:
		b.WriteByte('&')
		write(b, e.Expr, inSuffix)
	case *Not:
		b.WriteByte('!')
		write(b, e.Expr, inSuffix)
	case *Feature:
		b.WriteString("&" + e.Code())
	}
}

func writeList(b *strings.Builder, list []Expr, sep string, level int, paren bool) {
	if paren {
		b.WriteByte('(')
	}
	for i, e := range list {
		if i > 0 {
			b.WriteString(sep)
		}
		write(b, e, level)
	}
	if paren {
		b.WriteByte(')')
	}
}

// writeRepeat writes a repeat, counts unrolled: 2*4x as "x x x? x?".
func writeRepeat(b *strings.Builder, r *Repeat, level int) {
	if r.Min <= 1 && (r.Max < 0 || r.Max == 1) {
		writeSuffixed(b, r)
		return
	}
	write(b, Unrolled(r), level)
}

func writeSuffixed(b *strings.Builder, r *Repeat) {
	item := r.Item
	if r.Until != nil {
		item = &Seq{Items: []Expr{&Not{Expr: r.Until}, item}}
	}
	_, nested := item.(*Repeat)
	switch item.(type) {
	case *And, *Not:
		nested = true
	}
	if nested {
		b.WriteByte('(')
		write(b, item, inChoice)
		b.WriteByte(')')
	} else {
		write(b, item, inSuffix)
	}
	switch {
	case r.Max == 1:
		b.WriteByte('?')
	case r.Min == 1:
		b.WriteByte('+')
	default:
		b.WriteByte('*')
	}
}

// Unrolled returns a repeat that says the same with no counts other than
// "?", "*" and "+". Where an optional item does not match, those behind it do not
// either, so they need not be inside each other.
func Unrolled(r *Repeat) Expr {
	item := r.Item
	if r.Until != nil {
		item = &Seq{Items: []Expr{&Not{Expr: r.Until}, item}}
	}
	var seq []Expr
	for range r.Min {
		seq = append(seq, item)
	}
	if r.Max < 0 {
		return &Seq{Items: append(seq, &Repeat{Min: 0, Max: -1, Item: item})}
	}
	for range r.Max - r.Min {
		seq = append(seq, &Repeat{Min: 0, Max: 1, Item: item})
	}
	if len(seq) == 1 {
		return seq[0]
	}
	return &Seq{Items: seq}
}

// Code is the predicate in the notation of pigeon: a block of Go.
func (f *Feature) Code() string {
	return "{ return on(c, " + strconv.Quote(strings.Join(f.Capabilities, " ")) + "), nil }"
}

func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\n':
			b.WriteString(`\n`)
		case c < 0x20 || c > 0x7e:
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// String returns the set as a character class in the notation of pigeon. Pigeon
// takes a hyphen for a range even when it is escaped, so one that is not inside a
// range stands first, where it cannot be one.
func (s ByteSet) String() string {
	const hyphen = '-'
	var b strings.Builder
	b.WriteByte('[')
	if s.Has(hyphen) && !(s.Has(hyphen-1) && s.Has(hyphen+1)) {
		b.WriteByte(hyphen)
		s[0] &^= 1 << hyphen
	}
	for lo := 0; lo < 256; lo++ {
		if !s.Has(byte(lo)) {
			continue
		}
		hi := lo
		for hi < 255 && s.Has(byte(hi+1)) {
			hi++
		}
		b.WriteString(classChar(byte(lo)))
		if hi > lo+1 {
			b.WriteByte(hyphen)
		}
		if hi > lo {
			b.WriteString(classChar(byte(hi)))
		}
		lo = hi
	}
	b.WriteByte(']')
	return b.String()
}

func classChar(c byte) string {
	switch {
	case c == '\r':
		return `\r`
	case c == '\n':
		return `\n`
	case c == '\\' || c == ']':
		return `\` + string(c)
	case c < 0x20 || c > 0x7e || c == '^':
		return fmt.Sprintf(`\u%04x`, c)
	}
	return string(c)
}
