package emit

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/dragoman-mail/dragoman/gen/peg"
)

// choice writes a function that tries alternatives in order, but only those that
// can begin with the octet at i.
//
//	switch p.s[i] {
//	case 'A', 'a':
//		if j := p.alt1(i); j >= 0 { return j }
//		…
//	}
//	return p.fail(i, want)
func (x *matcher) choice(name string, c *peg.Choice) {
	alts := x.alternatives(c)
	groups, common := group(alts)
	loud := slices.ContainsFunc(alts, func(a alternative) bool { return a.loud })
	want := x.choiceWant(c)
	x.function(name, func(g *jen.Group) {
		if loud {
			g.Id("t").Op(":=").Len(jen.Id("p").Dot("tape"))
		}
		g.If(jen.Id("i").Op("<").Len(jen.Id("p").Dot("s"))).Block(
			jen.Switch(jen.Id("p").Dot("s").Index(jen.Id("i"))).BlockFunc(func(g *jen.Group) {
				for k, these := range groups {
					try := func(g *jen.Group) { x.attempts(g, these.alts) }
					if k == common {
						g.Default().BlockFunc(try)
						continue
					}
					g.Case(chars(these.octets)...).BlockFunc(try)
				}
			}),
		).Else().BlockFunc(func(g *jen.Group) {
			for _, a := range alts {
				if a.nullable {
					x.alternative(g, a)
				}
			}
		})
		g.Return(x.fail(want))
	})
}

// attempts writes the attempts at alternatives in order.
func (x *matcher) attempts(g *jen.Group, alts []alternative) {
	for _, a := range alts {
		x.alternative(g, a)
		if a.literal != nil && len(a.literal.Text) == 1 {
			return // the octet decides
		}
	}
}

// octetGroup is a set of octets that begin the same alternatives.
type octetGroup struct {
	octets []byte
	alts   []alternative
}

// group sorts octets by the alternatives that they begin, and tells which group is the
// largest.
func group(alts []alternative) (groups []octetGroup, largest int) {
	index := map[string]int{}
	for b := range 256 {
		var key []byte
		var may []alternative
		for k, a := range alts {
			if a.nullable || a.first.Has(byte(b)) {
				key, may = append(key, byte(k), byte(k>>8)), append(may, a)
			}
		}
		at, ok := index[string(key)]
		if !ok {
			at = len(groups)
			index[string(key)] = at
			groups = append(groups, octetGroup{alts: may})
		}
		groups[at].octets = append(groups[at].octets, byte(b))
		if len(groups[at].octets) > len(groups[largest].octets) {
			largest = at
		}
	}
	return groups, largest
}

func chars(octets []byte) []jen.Code {
	var list []jen.Code
	for _, c := range octets {
		list = append(list, char(c))
	}
	return list
}

// choiceWant describes a choice: by its rule, or inside a rule by its alternatives when
// they are few.
func (x *matcher) choiceWant(c *peg.Choice) string {
	if x.m.grammar.Rule(x.current).Expr == peg.Expr(c) || len(c.Alts) > 3 {
		return x.current
	}
	text := ""
	for k, a := range c.Alts {
		if k > 0 {
			text += " or "
		}
		text += x.describe(a)
	}
	return text
}

type alternative struct {
	first    peg.ByteSet
	nullable bool
	literal  *peg.Literal // set when it is no more than a literal
	name     string       // function to call otherwise
	loud     bool         // a failed attempt may leave events
}

func (x *matcher) alternatives(c *peg.Choice) []alternative {
	var list []alternative
	for _, e := range c.Alts {
		var a alternative
		a.first, a.nullable = x.m.sets.of(e)
		if l, ok := e.(*peg.Literal); ok && l.Text != "" {
			a.literal = l
		} else {
			a.name = x.part(e, x.take)
			a.loud = x.take && x.isLoud(e)
		}
		list = append(list, a)
	}
	return list
}

// alternative writes one attempt.
func (x *matcher) alternative(g *jen.Group, a alternative) {
	if a.literal == nil {
		g.If(jen.Id("j").Op(":=").Id("p").Dot(a.name).Call(jen.Id("i")), jen.Id("j").Op(">=").Lit(0)).Block(jen.Return(jen.Id("j")))
		if a.loud {
			g.Id("p").Dot("tape").Op("=").Id("p").Dot("tape").Index(jen.Op(":").Id("t"))
		}
		return
	}
	n := len(a.literal.Text)
	end := jen.Id("i").Op("+").Lit(n)
	hit := func(g *jen.Group) {
		if marks := x.m.marks[a.literal]; x.take && len(marks) > 0 {
			g.Add(mark(wordKind(marks[0]), jen.Id("i"), end.Clone()))
		}
		g.Return(end)
	}
	if n == 1 {
		hit(g) // the switch has compared it
		return
	}
	g.If(x.matches(a.literal)).BlockFunc(hit)
}
