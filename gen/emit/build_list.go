package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/dragoman-mail/dragoman/gen/bind"
)

// listField is the one field of what a list is made in.
const listField = "list"

// list writes func (p *state) makeRule(k int) []T: nil for NIL, else not nil.
func (w *builder) list(rule string, l *bind.List) {
	t := w.m.typeOf(rule)
	f := l.Item
	f.Name, f.List = listField, true
	w.method("make"+camel(rule), []jen.Code{jen.Id("k").Int()}, t.code(w.m.target.path()), func(g *jen.Group) {
		g.If(jen.Id("p").Dot("isNil").Call(jen.Id("k"))).Block(jen.Return(jen.Nil()))
		g.Var().Id("v").Struct(jen.Id(listField).Add(t.code(w.m.target.path())))
		g.Id("v").Dot(listField).Op("=").Make(t.code(w.m.target.path()), jen.Lit(0), jen.Id("p").Dot("parts").Call(jen.Id("k")))
		w.fillBody(g, rule, []bind.Field{f})
		g.Return(jen.Id("v").Dot(listField))
	})
}

// listOfStructs writes func (p *state) makeRule(k int) []T, where parts fill the
// fields of one struct after the other.
//
//	list := make([]T, 0, parts/fields)
//	n := 0
//	for e := … {
//		switch n % fields { case 0: list = append(list, T{}); list[last].Key = …; case 1: … }
//		n++
//	}
func (w *builder) listOfStructs(rule string, c *bind.Case) {
	slice := func() *jen.Statement { return jen.Index().Add(w.m.qual(c.Name)) }
	last := func() *jen.Statement { return jen.Id("list").Index(jen.Len(jen.Id("list")).Op("-").Lit(1)) }
	w.method("make"+camel(rule), []jen.Code{jen.Id("k").Int()}, slice(), func(g *jen.Group) {
		g.If(jen.Id("p").Dot("isNil").Call(jen.Id("k"))).Block(jen.Return(jen.Nil()))
		g.Id("list").Op(":=").Make(slice(), jen.Lit(0), jen.Id("p").Dot("parts").Call(jen.Id("k")).Op("/").Lit(len(c.Fields)))
		g.Id("n").Op(":=").Lit(0)
		g.For(jen.List(jen.Id("e"), jen.Id("end")).Op(":=").List(jen.Id("k").Op("+").Lit(1), jen.Id("p").Dot("next").Call(jen.Id("k"))),
			jen.Id("e").Op("<").Id("end"),
			jen.Id("e").Op("=").Id("p").Dot("next").Call(jen.Id("e"))).Block(
			jen.Switch(jen.Id("n").Op("%").Lit(len(c.Fields))).BlockFunc(func(g *jen.Group) {
				for n, f := range c.Fields {
					g.Case(jen.Lit(n)).BlockFunc(func(g *jen.Group) {
						if n == 0 {
							g.Id("list").Op("=").Append(jen.Id("list"), w.m.qual(c.Name).Values())
						}
						g.Add(last()).Dot(f.Name).Op("=").Add(w.value(f.Sources[0].Rule))
					})
				}
			}),
			jen.Id("n").Op("++"),
		)
		g.Return(jen.Id("list"))
	})
}
