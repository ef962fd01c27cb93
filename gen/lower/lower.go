// Package lower turns the merged ABNF into the PEG model. ABNF alternatives are
// unordered and its loops may stop anywhere; a PEG takes the first alternative
// that matches and loops as far as it can. So alternatives are put in an order
// in which none takes a part of what a later one matches whole, and where no
// order does it, a lookahead for what may follow stands behind the alternative.
package lower

import (
	"fmt"
	"slices"

	"github.com/dragoman-mail/dragoman/gen/abnf"
	"github.com/dragoman-mail/dragoman/gen/peg"
)

// Notes lists what has been changed beyond notation.
type Notes struct {
	Reordered []string
	Guarded   []string
	NonGreedy []string
}

// reordered notes an alternative once.
func (n *Notes) reordered(alt string) {
	if !slices.Contains(n.Reordered, alt) {
		n.Reordered = append(n.Reordered, alt)
	}
}

// Lower returns the PEG model of the grammar. An alternative that can never
// match because earlier ones shadow it is an error.
func Lower(src *abnf.Grammar) (*peg.Grammar, *Notes, error) {
	g, err := convert(src)
	if err != nil {
		return nil, nil, err
	}
	notes := &Notes{}
	lang := newLanguage(g)
	for _, r := range g.Rules {
		reorder(r, lang, notes)
	}
	if err := shadowed(g, lang); err != nil {
		return nil, nil, err
	}
	guard(g, lang, notes)
	for _, p := range src.Productions {
		if p.Commit == "" {
			continue
		}
		if err := commit(p, g); err != nil {
			return nil, nil, err
		}
	}
	return g, notes, nil
}

// convert translates the notation.
func convert(src *abnf.Grammar) (*peg.Grammar, error) {
	c := &converter{src: src}
	g := &peg.Grammar{Entries: src.Entries}
	for _, p := range src.Productions {
		if _, inlined := inlineText[p.Name]; inlined {
			continue
		}
		e, err := c.expr(p.Expr)
		if err != nil {
			file, line := "core rules", 0
			if len(p.Sources) > 0 {
				file, line = p.Sources[0].File, p.Sources[0].Line
			}
			return nil, &abnf.Error{File: file, Line: line, Rule: p.Name, Msg: err.Error()}
		}
		e = expandKeywords(e)
		if set, ok := c.class(p); ok {
			e = &peg.Class{Set: set}
		}
		g.Add(&peg.Rule{Name: p.Name, Expr: e, Sources: p.Sources, CatchAll: p.CatchAll})
	}
	return g, nil
}

// inlineText holds the core rules that stand for one text; it takes the place
// of a reference to them.
var inlineText = map[string]string{
	"sp": " ", "dquote": `"`, "crlf": "\r\n", "cr": "\r", "lf": "\n", "htab": "\t",
}

type converter struct{ src *abnf.Grammar }

func (c *converter) expr(n abnf.Node) (peg.Expr, error) {
	switch n := n.(type) {
	case *abnf.Alt:
		alts, err := c.list(n.Alts)
		return choice(alts), err
	case *abnf.Concat:
		items, err := c.list(n.Items)
		return sequence(items), err
	case *abnf.Rep:
		item, err := c.expr(n.Item)
		if n.Min == 1 && n.Max == 1 {
			return item, err
		}
		return &peg.Repeat{Min: n.Min, Max: n.Max, Item: item}, err
	case *abnf.Ref:
		if text, ok := inlineText[abnf.Key(n.Name)]; ok {
			return &peg.Literal{Text: text}, nil
		}
		return &peg.Ref{Name: abnf.Key(n.Name)}, nil
	case *abnf.Str:
		return literal(n), nil
	case *abnf.Num:
		return number(n)
	}
	return nil, fmt.Errorf("%s cannot be lowered", abnf.Print(n))
}

func (c *converter) list(nodes []abnf.Node) ([]peg.Expr, error) {
	var out []peg.Expr
	for _, n := range nodes {
		e, err := c.expr(n)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// class returns the octets of a rule that matches one octet each time, unless
// it is a plain choice of strings, whose alternatives tell something.
func (c *converter) class(p *abnf.Production) (peg.ByteSet, bool) {
	var set peg.ByteSet
	plain := true
	for _, alt := range abnf.Alternatives(p.Expr) {
		part, ok := c.octet(alt)
		if !ok {
			return set, false
		}
		if _, isStr := alt.(*abnf.Str); !isStr {
			plain = false
		}
		set = unite(set, part)
	}
	return set, !plain
}

func (c *converter) octet(n abnf.Node) (peg.ByteSet, bool) {
	switch n := n.(type) {
	case *abnf.Ref:
		return c.octet(c.src.Get(n.Name).Expr)
	case *abnf.Alt:
		var set peg.ByteSet
		for _, alt := range n.Alts {
			part, ok := c.octet(alt)
			if !ok {
				return set, false
			}
			set = unite(set, part)
		}
		return set, true
	}
	return abnf.Octet(n)
}

func literal(s *abnf.Str) peg.Expr {
	if s.Text == "" {
		return &peg.Seq{}
	}
	return &peg.Literal{Text: s.Text, Fold: !s.Sensitive && hasLetter(s.Text)}
}

func number(n *abnf.Num) (peg.Expr, error) {
	var text []byte
	for _, v := range n.Values {
		if v > 0xFF {
			return nil, fmt.Errorf("%s is not an octet", abnf.Print(n))
		}
		text = append(text, byte(v))
	}
	if n.Range {
		set, _ := abnf.Octet(n)
		return &peg.Class{Set: set}, nil
	}
	return &peg.Literal{Text: string(text)}, nil
}

func hasLetter(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c >= 'a' && c <= 'z' {
			return true
		}
	}
	return false
}

// sequence returns the items as one Seq without Seqs directly in it.
func sequence(items []peg.Expr) peg.Expr {
	var flat []peg.Expr
	for _, it := range items {
		if s, ok := it.(*peg.Seq); ok {
			flat = append(flat, s.Items...)
			continue
		}
		flat = append(flat, it)
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return &peg.Seq{Items: flat}
}

// choice returns the alternatives as one Choice without Choices directly in it.
func choice(alts []peg.Expr) peg.Expr {
	var flat []peg.Expr
	for _, a := range alts {
		if c, ok := a.(*peg.Choice); ok {
			flat = append(flat, c.Alts...)
			continue
		}
		flat = append(flat, a)
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return &peg.Choice{Alts: flat}
}

func items(e peg.Expr) []peg.Expr {
	if s, ok := e.(*peg.Seq); ok {
		return s.Items
	}
	return []peg.Expr{e}
}

func alternatives(e peg.Expr) []peg.Expr {
	if c, ok := e.(*peg.Choice); ok {
		return c.Alts
	}
	return []peg.Expr{e}
}

func unite(a, b peg.ByteSet) peg.ByteSet {
	for i := range a {
		a[i] |= b[i]
	}
	return a
}

func meet(a, b peg.ByteSet) peg.ByteSet {
	for i := range a {
		a[i] &= b[i]
	}
	return a
}

func isNone(s peg.ByteSet) bool { return s == peg.ByteSet{} }
