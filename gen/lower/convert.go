package lower

import (
	"fmt"

	"github.com/dragoman-mail/dragoman/gen/abnf"
	"github.com/dragoman-mail/dragoman/gen/peg"
)

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
	case *abnf.Gate:
		item, err := c.expr(n.Item)
		return sequence([]peg.Expr{&peg.Feature{Capabilities: n.Capabilities}, item}), err
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
