package emit

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/dragoman-mail/dragoman/gen/peg"
)

// step writes the statements that match e at i and move i behind it, or return -1.
func (x *matcher) step(g *jen.Group, e peg.Expr) {
	switch e := e.(type) {
	case *peg.Seq:
		for _, it := range e.Items {
			x.step(g, it)
		}
	case *peg.Literal:
		x.literal(g, e)
	case *peg.Class:
		x.class(g, e, x.describe(e))
	case *peg.Ref:
		x.ref(g, e)
	case *peg.Repeat:
		x.repeat(g, e)
	case *peg.Choice:
		x.call(g, x.part(e, x.take))
	case *peg.And:
		x.and(g, e)
	case *peg.Feature:
		g.If(jen.Id("p").Dot("on").Op("&").Add(x.m.featureMask(e.Capabilities)).Op("==").Lit(0)).Block(jen.Return(jen.Lit(-1)))
	case *peg.Not:
		g.If(jen.Id("p").Dot("quietly").Call(jen.Id("i"), jen.Parens(jen.Op("*").Id("state")).Dot(x.part(e.Expr, false))).Op(">=").Lit(0)).
			Block(jen.Return(x.fail(x.current)))
	}
}

// call matches by another function.
func (x *matcher) call(g *jen.Group, name string) {
	g.If(jen.Id("i").Op("=").Id("p").Dot(name).Call(jen.Id("i")), jen.Id("i").Op("<").Lit(0)).
		Block(jen.Return(jen.Lit(-1)))
}

func (x *matcher) ref(g *jen.Group, ref *peg.Ref) {
	r := x.m.grammar.Rule(ref.Name)
	if !x.take || !x.loud[ref.Name] {
		switch e := r.Expr.(type) {
		case *peg.Class:
			want := ref.Name
			if size(&e.Set) == 1 {
				want = x.describe(e)
			}
			x.class(g, e, want)
			return
		case *peg.Literal:
			x.literal(g, e)
			return
		}
	}
	x.call(g, x.rule(ref.Name, x.take))
}

func (x *matcher) literal(g *jen.Group, l *peg.Literal) {
	first := literalFirst(l)
	want := x.describe(l)
	n := len(l.Text)
	if n == 1 {
		g.If(jen.Id("i").Op(">=").Len(jen.Id("p").Dot("s")).Op("||").Add(x.notIn(&first))).Block(jen.Return(x.fail(want)))
	} else {
		g.If(jen.Op("!").Add(x.matches(l))).Block(jen.Return(x.fail(want)))
	}
	if x.take && len(x.m.marks[l]) > 0 {
		g.Add(mark(wordKind(x.m.marks[l][0]), jen.Id("i"), jen.Id("i").Op("+").Lit(n)))
	}
	advance(g, n)
}

// matches gives the condition that a literal of several octets stands at i.
func (x *matcher) matches(l *peg.Literal) *jen.Statement {
	if l.Fold {
		return jen.Id("p").Dot("word").Call(jen.Id("i"), jen.Lit(strings.ToUpper(l.Text)))
	}
	return jen.Id("p").Dot("exact").Call(jen.Id("i"), jen.Lit(l.Text))
}

func advance(g *jen.Group, n int) {
	if n == 1 {
		g.Id("i").Op("++")
		return
	}
	g.Id("i").Op("+=").Lit(n)
}

func (x *matcher) class(g *jen.Group, c *peg.Class, want string) {
	g.If(jen.Id("i").Op(">=").Len(jen.Id("p").Dot("s")).Op("||").Add(x.notIn(&c.Set))).Block(jen.Return(x.fail(want)))
	if x.take {
		x.classMarks(g, c)
	}
	g.Id("i").Op("++")
}

// classMarks leaves the event of whichever keyword of one letter has matched.
func (x *matcher) classMarks(g *jen.Group, c *peg.Class) {
	for _, text := range x.m.marks[c] {
		set := literalFirst(&peg.Literal{Text: text, Fold: true})
		g.If(x.in(&set)).Block(mark(wordKind(text), jen.Id("i"), jen.Id("i").Op("+").Lit(1)))
	}
}

// notIn gives the condition that p.s[i] is not in set.
func (x *matcher) notIn(set *peg.ByteSet) *jen.Statement {
	list := members(set)
	if len(list) > 2 {
		return jen.Op("!").Add(x.in(set))
	}
	cond := jen.Null()
	for k, c := range list {
		if k > 0 {
			cond.Op("&&")
		}
		cond.Add(jen.Id("p").Dot("s").Index(jen.Id("i")).Op("!=").Add(char(c)))
	}
	return cond
}

func (x *matcher) and(g *jen.Group, a *peg.And) {
	if set, ok := x.single(a.Expr); ok {
		g.If(jen.Id("i").Op(">=").Len(jen.Id("p").Dot("s")).Op("||").Add(x.notIn(set))).
			Block(jen.Return(x.fail(x.describe(&peg.Class{Set: *set}))))
		return
	}
	g.If(jen.Id("p").Dot(x.part(a.Expr, false)).Call(jen.Id("i")).Op("<").Lit(0)).Block(jen.Return(jen.Lit(-1)))
}

// single gives the set of an expression that matches exactly one octet.
func (x *matcher) single(e peg.Expr) (*peg.ByteSet, bool) {
	switch e := e.(type) {
	case *peg.Class:
		return &e.Set, true
	case *peg.Literal:
		if len(e.Text) == 1 {
			set := literalFirst(e)
			return &set, true
		}
	case *peg.Ref:
		if r := x.m.grammar.Rule(e.Name); !r.CatchAll {
			return x.single(r.Expr)
		}
	case *peg.Choice:
		return x.singles(e)
	case *peg.Seq:
		if len(e.Items) == 1 {
			return x.single(e.Items[0])
		}
	}
	return nil, false
}

// singles is single for a choice: all of its alternatives match one octet.
func (x *matcher) singles(c *peg.Choice) (*peg.ByteSet, bool) {
	var all peg.ByteSet
	for _, a := range c.Alts {
		set, ok := x.single(a)
		if !ok {
			return nil, false
		}
		all = union(all, *set)
	}
	return &all, true
}
