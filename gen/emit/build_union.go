package emit

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/dragoman-mail/dragoman/gen/bind"
)

// union writes func (p *state) makeRule(k int) imap.Union: it notes which kinds of
// events there are and takes the first case whose needs are met.
func (w *builder) union(rule string, u *bind.Union) {
	bits := w.bits(rule, u)
	w.method("make"+camel(rule), []jen.Code{jen.Id("k").Int()}, w.m.qual(u.Name), func(g *jen.Group) {
		if !onlyPasses(u) {
			g.Var().Id("has").Index(jen.Lit(wordCount(bits))).Uint64()
		}
		each(g, func(g *jen.Group) {
			for _, kind := range bits {
				g.Case(jen.Id(kind)).BlockFunc(func(g *jen.Group) {
					if c := passing(u, kind); c != nil {
						w.pass(g, u, c.Pass)
						return
					}
					k := slices.Index(bits, kind)
					g.Id("has").Index(jen.Lit(k / wordBits)).Op("|=").Lit(1).Op("<<").Lit(k % wordBits)
				})
			}
		})
		w.unionCases(g, rule, u, bits)
	})
	for i := range u.Cases {
		if c := &u.Cases[i]; c.Pass == "" && c.Fields != nil && len(c.Fields) > 0 {
			w.fill(caseFill(rule, c), rule, c)
		}
	}
}

func caseFill(rule string, c *bind.Case) string { return "fill" + camel(rule) + "As" + c.Name }

// passing gives the case that hands on what a kind of event gives.
func passing(u *bind.Union, kind string) *bind.Case {
	for i := range u.Cases {
		if p := u.Cases[i].Pass; p != "" && ruleKind(p) == kind {
			return &u.Cases[i]
		}
	}
	return nil
}

// pass returns what event e gives, with the union's flag set.
func (w *builder) pass(g *jen.Group, u *bind.Union, rule string) {
	t := w.m.typeOf(rule)
	if t.shape != shapeStruct {
		g.Return(w.value(rule))
		return
	}
	g.Id("v").Op(":=").New(w.m.qual(t.Name))
	g.Id("p").Dot("fill"+camel(rule)).Call(jen.Id("e"), jen.Id("v"))
	if u.Set != "" {
		g.Id("v").Dot(u.Set).Op("=").True()
	}
	g.Return(jen.Id("v"))
}

// unionCases writes the tests of the cases in order.
func (w *builder) unionCases(g *jen.Group, rule string, u *bind.Union, bits []string) {
	s := w.m.scopes[rule]
	for i := range u.Cases {
		c := &u.Cases[i]
		switch {
		case c.Pass != "":
		case c.Fields == nil:
			w.enumCase(g, s, w.m.enums[c.Name], bits)
		default:
			w.structCase(g, rule, c, bits)
		}
	}
	if last := u.Cases[len(u.Cases)-1]; last.Fields != nil && len(w.needs(s, &last)) == 0 {
		return
	}
	g.Id("p").Dot("bad").Call(jen.Id("k"), jen.Lit(rule))
	g.Return(jen.Nil())
}

func onlyPasses(u *bind.Union) bool {
	return !slices.ContainsFunc(u.Cases, func(c bind.Case) bool { return c.Pass == "" })
}

func (w *builder) structCase(g *jen.Group, rule string, c *bind.Case, bits []string) {
	cond := jen.Null()
	for k, need := range w.needs(w.m.scopes[rule], c) {
		if k > 0 {
			cond.Op("&&")
		}
		cond.Add(met(need, bits))
	}
	body := func(g *jen.Group) {
		if len(c.Fields) == 0 {
			g.Return(jen.Op("&").Add(w.m.qual(c.Name)).Values())
			return
		}
		g.Id("v").Op(":=").New(w.m.qual(c.Name))
		g.Id("p").Dot(caseFill(rule, c)).Call(jen.Id("k"), jen.Id("v"))
		g.Return(jen.Id("v"))
	}
	if len(w.needs(w.m.scopes[rule], c)) == 0 {
		body(g)
		return
	}
	g.If(cond).BlockFunc(body)
}

const wordBits = 64

// wordCount is how many words a set of the bits takes.
func wordCount(bits []string) int { return max(1, (len(bits)+wordBits-1)/wordBits) }

// met gives the condition that one of the kinds has been noted.
func met(kinds, bits []string) *jen.Statement {
	masks := make([]*jen.Statement, wordCount(bits))
	for _, kind := range kinds {
		k := slices.Index(bits, kind)
		bit := jen.Lit(1).Op("<<").Lit(k % wordBits)
		if m := masks[k/wordBits]; m != nil {
			m.Op("|").Add(bit)
			continue
		}
		masks[k/wordBits] = bit
	}
	var cond *jen.Statement
	for w, m := range masks {
		if m == nil {
			continue
		}
		c := jen.Id("has").Index(jen.Lit(w)).Op("&").Parens(m).Op("!=").Lit(0)
		if cond == nil {
			cond = c
		} else {
			cond = jen.Parens(cond.Op("||").Add(c))
		}
	}
	return cond
}

// enumCase returns a constant when one of the enum's keywords matched; a later
// keyword completes an earlier one.
func (w *builder) enumCase(g *jen.Group, s *scope, e *bind.Enum, bits []string) {
	for i := range e.Consts {
		c := e.Consts[len(e.Consts)-1-i]
		if c.Text == "" {
			continue
		}
		kinds := w.words(s, c.Text)
		if len(kinds) == 0 {
			continue
		}
		g.If(met(kinds, bits)).Block(jen.Return(w.m.qual(c.Name)))
	}
}

func (w *builder) words(s *scope, keyword string) []string {
	var kinds []string
	for _, t := range s.resolved[strings.ToUpper(keyword)] {
		kinds = append(kinds, wordKind(t))
	}
	return kinds
}

// needs lists the sets of kinds of which one each has to be there for a case.
func (w *builder) needs(s *scope, c *bind.Case) [][]string {
	var all [][]string
	add := func(kinds []string) {
		for _, have := range all {
			if slices.Equal(have, kinds) {
				return
			}
		}
		all = append(all, kinds)
	}
	if len(c.When) > 0 {
		var kinds []string
		for _, word := range c.When {
			kinds = append(kinds, w.words(s, word)...)
		}
		add(kinds)
	}
	if c.With != "" {
		add([]string{ruleKind(c.With)})
	}
	for _, f := range c.Fields {
		if f.Optional || f.List || f.Unset != "" || f.Flag != "" {
			continue
		}
		add(w.sourceKinds(s, f))
	}
	return all
}

func (w *builder) sourceKinds(s *scope, f bind.Field) []string {
	var kinds []string
	for _, src := range f.Sources {
		switch {
		case src.Rule != "":
			kinds = append(kinds, ruleKind(src.Rule))
		case src.Literal != "":
			kinds = append(kinds, w.words(s, src.Literal)...)
		default:
			for _, c := range w.m.enums[src.Enum].Consts {
				if c.Text != "" {
					kinds = append(kinds, w.words(s, c.Text)...)
				}
			}
		}
	}
	return kinds
}

// bits numbers the kinds of events that decide between the cases of a union.
func (w *builder) bits(rule string, u *bind.Union) []string {
	s := w.m.scopes[rule]
	var bits []string
	add := func(kinds ...string) {
		for _, k := range kinds {
			if !slices.Contains(bits, k) {
				bits = append(bits, k)
			}
		}
	}
	for i := range u.Cases {
		c := &u.Cases[i]
		switch {
		case c.Pass != "":
			add(ruleKind(c.Pass))
		case c.Fields == nil:
			for _, k := range w.m.enums[c.Name].Consts {
				if k.Text != "" {
					add(w.words(s, k.Text)...)
				}
			}
		default:
			for _, need := range w.needs(s, c) {
				add(need...)
			}
		}
	}
	return bits
}
