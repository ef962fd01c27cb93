package emit

import (
	"fmt"
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
	var groups [][]int
	var octets [][]byte
	index := map[string]int{}
	for b := range 256 {
		var may []int
		for k, a := range alts {
			if a.nullable || a.first.Has(byte(b)) {
				may = append(may, k)
			}
		}
		key := fmt.Sprint(may)
		at, ok := index[key]
		if !ok {
			at = len(groups)
			index[key] = at
			groups, octets = append(groups, may), append(octets, nil)
		}
		octets[at] = append(octets[at], byte(b))
	}
	var empty []int // what can match at the end of the input
	for k, a := range alts {
		if a.nullable {
			empty = append(empty, k)
		}
	}
	loud := slices.ContainsFunc(alts, func(a alternative) bool { return a.loud })
	want := x.current
	if parts := x.choiceWant(c); parts != "" {
		want = parts
	}
	x.function(name, func(g *jen.Group) {
		if loud {
			g.Id("t").Op(":=").Len(jen.Id("p").Dot("tape"))
		}
		g.If(jen.Id("i").Op("<").Len(jen.Id("p").Dot("s"))).Block(
			jen.Switch(jen.Id("p").Dot("s").Index(jen.Id("i"))).BlockFunc(func(g *jen.Group) {
				largest := 0
				for k := range groups {
					if len(octets[k]) > len(octets[largest]) {
						largest = k
					}
				}
				for k, may := range groups {
					if len(may) == 0 && k != largest {
						var list []jen.Code
						for _, c := range octets[k] {
							list = append(list, char(c))
						}
						g.Case(list...)
						continue
					}
					body := func(g *jen.Group) {
						for _, a := range may {
							x.alternative(g, alts[a])
							if l := alts[a].literal; l != nil && len(l.Text) == 1 {
								break
							}
						}
					}
					if k == largest {
						g.Default().BlockFunc(body)
						continue
					}
					var list []jen.Code
					for _, c := range octets[k] {
						list = append(list, char(c))
					}
					g.Case(list...).BlockFunc(body)
				}
			}),
		).Else().BlockFunc(func(g *jen.Group) {
			for _, a := range empty {
				x.alternative(g, alts[a])
			}
		})
		g.Return(x.fail(want))
	})
}

// choiceWant describes a choice inside a rule by its alternatives when they are few.
func (x *matcher) choiceWant(c *peg.Choice) string {
	if x.m.grammar.Rule(x.current).Expr == peg.Expr(c) || len(c.Alts) > 3 {
		return ""
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
			x.push(g, wordKind(marks[0]), jen.Id("i"), end.Clone())
		}
		g.Return(end)
	}
	if n == 1 {
		hit(g) // the switch has compared it
		return
	}
	g.If(x.matches(a.literal)).BlockFunc(hit)
}
