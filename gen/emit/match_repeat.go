package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/dragoman-mail/dragoman/gen/peg"
)

func (x *matcher) repeat(g *jen.Group, r *peg.Repeat) {
	loud := x.take && x.isLoud(r.Item)
	set, single := x.single(r.Item)
	switch {
	case single && !loud && r.Until == nil:
		x.run(g, r, set)
	case r.Min == 0 && r.Max == 1 && r.Until == nil:
		x.option(g, r.Item, loud)
	case r.Min == r.Max && r.Max <= 4 && r.Until == nil:
		for range r.Max {
			x.step(g, r.Item)
		}
	default:
		x.loop(g, r, loud)
	}
}

// run matches octets of one set.
func (x *matcher) run(g *jen.Group, r *peg.Repeat, set *peg.ByteSet) {
	want := x.describe(r.Item)
	bound := jen.Id("i").Op("<").Len(jen.Id("p").Dot("s"))
	switch {
	case r.Min == 0 && r.Max == 1:
		g.If(bound.Op("&&").Parens(x.in(set))).Block(jen.Id("i").Op("++"))
		return
	case r.Min == 1:
		g.If(jen.Id("i").Op(">=").Len(jen.Id("p").Dot("s")).Op("||").Add(x.notIn(set))).Block(jen.Return(x.fail(want)))
		g.Id("i").Op("++")
		if r.Max < 0 {
			g.For(bound.Op("&&").Parens(x.in(set))).Block(jen.Id("i").Op("++"))
			return
		}
		for range r.Max - 1 {
			g.If(jen.Id("i").Op("<").Len(jen.Id("p").Dot("s")).Op("&&").Parens(x.in(set))).Block(jen.Id("i").Op("++"))
		}
		return
	case r.Min == 0 && r.Max < 0:
		g.For(bound.Op("&&").Parens(x.in(set))).Block(jen.Id("i").Op("++"))
		return
	}
	// {
	//	n := i
	//	for i < len(p.s) && i-n < max && set[p.s[i]] { i++ }
	//	if i-n < min { return p.fail(i, want) }
	// }
	g.BlockFunc(func(g *jen.Group) {
		g.Id("n").Op(":=").Id("i")
		cond := bound
		if r.Max >= 0 {
			cond.Op("&&").Id("i").Op("-").Id("n").Op("<").Lit(r.Max)
		}
		g.For(cond.Op("&&").Parens(x.in(set))).Block(jen.Id("i").Op("++"))
		g.If(jen.Id("i").Op("-").Id("n").Op("<").Lit(r.Min)).Block(jen.Return(x.fail(want)))
	})
}

// option matches item or nothing.
func (x *matcher) option(g *jen.Group, item peg.Expr, loud bool) {
	first, _ := x.m.sets.of(item)
	want := x.describe(item)
	name := x.part(item, x.take)
	g.If(jen.Id("i").Op("<").Len(jen.Id("p").Dot("s")).Op("&&").Parens(x.in(&first))).BlockFunc(func(g *jen.Group) {
		x.try(g, name, loud)
	}).Else().Block(x.fail(want))
}

// try matches by another function, and takes its events back when it fails.
func (x *matcher) try(g *jen.Group, name string, loud bool) {
	if loud {
		g.Id("t").Op(":=").Len(jen.Id("p").Dot("tape"))
	}
	miss := jen.Null()
	if loud {
		miss = jen.Else().Block(jen.Id("p").Dot("tape").Op("=").Id("p").Dot("tape").Index(jen.Op(":").Id("t")))
	}
	g.If(jen.Id("j").Op(":=").Id("p").Dot(name).Call(jen.Id("i")), jen.Id("j").Op(">=").Lit(0)).
		Block(jen.Id("i").Op("=").Id("j")).Add(miss)
}

// loop matches any number of items.
//
//	for n := 0; ; n++ {
//		if until matches at i { break }
//		if i is not the first octet of an item { fail; break }
//		j := p.item(i)
//		if j <= i { break }
//		i = j
//	}
func (x *matcher) loop(g *jen.Group, r *peg.Repeat, loud bool) {
	counted := r.Min > 0 || r.Max >= 0
	name := x.part(r.Item, x.take)
	first, _ := x.m.sets.of(r.Item)
	want := x.describe(r.Item)
	block := func(g *jen.Group) {
		if fast := x.fast(r, loud); fast != nil {
			g.If(jen.Id("i").Op("<").Len(jen.Id("p").Dot("s")).Op("&&").Parens(x.in(fast))).Block(jen.Id("i").Op("++"), jen.Continue())
		}
		if r.Max >= 0 {
			g.If(jen.Id("n").Op("==").Lit(r.Max)).Block(jen.Break())
		}
		if r.Until != nil {
			x.until(g, r)
		}
		g.If(jen.Id("i").Op(">=").Len(jen.Id("p").Dot("s")).Op("||").Op("!").Parens(x.in(&first))).Block(x.fail(want), jen.Break())
		if loud {
			g.Id("t").Op(":=").Len(jen.Id("p").Dot("tape"))
		}
		g.Id("j").Op(":=").Id("p").Dot(name).Call(jen.Id("i"))
		g.If(jen.Id("j").Op("<=").Id("i")).BlockFunc(func(g *jen.Group) {
			if loud {
				g.Id("p").Dot("tape").Op("=").Id("p").Dot("tape").Index(jen.Op(":").Id("t"))
			}
			g.Break()
		})
		g.Id("i").Op("=").Id("j")
	}
	if !counted {
		g.For().BlockFunc(block)
		return
	}
	g.BlockFunc(func(g *jen.Group) {
		g.Id("n").Op(":=").Lit(0)
		g.For(jen.Empty(), jen.Empty(), jen.Id("n").Op("++")).BlockFunc(block)
		if r.Min > 0 {
			g.If(jen.Id("n").Op("<").Lit(r.Min)).Block(jen.Return(jen.Lit(-1)))
		}
	})
}

func (x *matcher) until(g *jen.Group, r *peg.Repeat) {
	first, nullable := x.m.sets.of(r.Until)
	part := x.part(r.Until, false)
	quiet := jen.Id("p").Dot("quietly").Call(jen.Id("i"), jen.Parens(jen.Op("*").Id("state")).Dot(part)).Op(">=").Lit(0)
	if nullable {
		g.If(quiet).Block(jen.Break())
		return
	}
	g.If(jen.Id("i").Op("<").Len(jen.Id("p").Dot("s")).Op("&&").Parens(x.in(&first)).Op("&&").Add(quiet)).Block(jen.Break())
}

// fast gives the octets that an item matches by itself, so that a loop need not call
// for them: those of the alternatives of one octet that no earlier one begins with.
func (x *matcher) fast(r *peg.Repeat, loud bool) *peg.ByteSet {
	item := r.Item
	if ref, ok := item.(*peg.Ref); ok {
		item = x.m.grammar.Rule(ref.Name).Expr
	}
	c, ok := item.(*peg.Choice)
	if !ok || loud || r.Max >= 0 || r.Until != nil {
		return nil
	}
	var fast, seen peg.ByteSet
	for _, a := range c.Alts {
		first, _ := x.m.sets.of(a)
		if set, ok := x.single(a); ok {
			for _, b := range members(set) {
				if !seen.Has(b) {
					fast.Add(b)
				}
			}
		}
		seen = union(seen, first)
	}
	if size(&fast) == 0 {
		return nil
	}
	return &fast
}
