package emit

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/dragoman-mail/dragoman/gen/bind"
	"github.com/dragoman-mail/dragoman/gen/peg"
)

// encoder writes the encoder's methods: it walks the grammar with a struct in hand,
// writes what is fixed, takes what the fields hold, and chooses among alternatives by
// them. What the bindings mark "by hand" is under runtime/.
//
//	putX(v *T)    a struct, by the rule X
//	putX(v []T)   a list, by the rule X
//	putT(v T)     any value of the interface T
type encoder struct {
	m     *model
	t     *types
	file  *jen.File
	done  map[string]bool
	queue []func() error
}

func (t *types) writeEncoder(file *jen.File) error {
	x := &encoder{m: t.m, t: t, file: file, done: map[string]bool{}}
	for _, root := range t.m.target.encode {
		x.root(root)
	}
	for len(x.queue) > 0 {
		next := x.queue[0]
		x.queue = x.queue[1:]
		if err := next(); err != nil {
			return err
		}
	}
	return nil
}

// root asks for the method of an interface, or of a rule that is bound to a list or a
// struct.
func (x *encoder) root(name string) {
	switch {
	case x.t.unions[name] != nil:
		x.iface(name)
	case x.m.bindings[name].List != nil:
		x.listRule(name)
	default:
		x.structRule(name)
	}
}

// need sees that a method is written, and gives its name.
func (x *encoder) need(name string, write func() error) string {
	if !x.done[name] {
		x.done[name] = true
		x.queue = append(x.queue, write)
	}
	return name
}

func (x *encoder) method(name string, param *jen.Statement, body func(*jen.Group) error) error {
	var err error
	x.file.Comment(name + " writes a " + param.GoString() + ".")
	x.file.Func().Params(jen.Id("e").Op("*").Id(x.m.target.encoder)).Id(name).Params(jen.Id("v").Add(param)).BlockFunc(func(g *jen.Group) {
		err = body(g)
	})
	x.file.Line()
	return err
}

// iface gives the method for any value of an interface.
func (x *encoder) iface(union string) string {
	return x.need("put"+union, func() error {
		return x.method("put"+union, jen.Id(union), func(g *jen.Group) error { return x.dispatch(g, union) })
	})
}

// way is one way in which a struct can be said: as a case of a union's rule.
type way struct {
	rule string
	u    *bind.Union
	c    *bind.Case
}

// dispatch writes a type switch over the members of an interface.
func (x *encoder) dispatch(g *jen.Group, union string) error {
	var err error
	g.Switch(jen.Id("v").Op(":=").Id("v").Assert(jen.Type())).BlockFunc(func(g *jen.Group) {
		for _, name := range x.t.unions[union].members {
			if x.m.enums[name] != nil {
				g.Case(jen.Id(name)).Block(x.keyword(name, jen.Id("v")))
				continue
			}
			g.Case(jen.Op("*").Id(name)).BlockFunc(func(g *jen.Group) {
				if e := x.member(g, x.ways(union, name)); e != nil && err == nil {
					err = e
				}
			})
		}
		g.Default().Block(jen.Id("e").Dot("fail").Call(jen.Lit("no form for a %T"), jen.Id("v")))
	})
	return err
}

// ways lists how a struct can be said; what a union hands on comes last.
func (x *encoder) ways(union, name string) []way {
	var own, passed []way
	for _, rule := range x.t.unions[union].rules {
		u := x.m.bindings[rule].Union
		for i := range u.Cases {
			c := &u.Cases[i]
			switch {
			case c.Name == name:
				own = append(own, way{rule, u, c})
			case c.Pass != "" && x.m.bindings[c.Pass].Struct != nil && x.m.bindings[c.Pass].Struct.Name == name:
				passed = append(passed, way{rule, u, c})
			}
		}
	}
	return append(own, passed...)
}

// member writes how one struct is said: the way that sets a flag when the flag is set,
// else the first other.
func (x *encoder) member(g *jen.Group, ways []way) error {
	var err error
	var plain *way
	for i := range ways {
		w := &ways[i]
		if w.u.Set == "" {
			if plain == nil {
				plain = w
			}
			continue
		}
		g.If(jen.Id("v").Dot(w.u.Set)).BlockFunc(func(g *jen.Group) {
			err = x.way(g, w)
			g.Return()
		})
	}
	if plain == nil || err != nil {
		return err
	}
	return x.way(g, plain)
}

func (x *encoder) way(g *jen.Group, w *way) error {
	if w.c.ByHand {
		for _, f := range w.c.Fields {
			if t := x.m.fieldType(f); t.shape == shapeUnion {
				x.iface(t.Name) // what is by hand says its fields so
			}
		}
		g.Id("e").Dot("put" + w.c.Name).Call(jen.Id("v"))
		return nil
	}
	return x.walk(g, w.rule, &walker{
		fields: w.c.Fields, pass: w.c.Pass, when: w.c.When, with: w.c.With, avoid: others(w.u, w.c),
	})
}

// others lists the keywords that tell the other cases of a union.
func others(u *bind.Union, c *bind.Case) []string {
	var list []string
	for i := range u.Cases {
		for _, word := range u.Cases[i].When {
			if !slices.Contains(c.When, word) {
				list = append(list, strings.ToUpper(word))
			}
		}
	}
	return list
}

// structRule gives the method for a struct by a rule.
func (x *encoder) structRule(rule string) string {
	c := x.m.bindings[rule].Struct
	name := "put" + camel(rule)
	if c.ByHand {
		return "put" + c.Name
	}
	return x.need(name, func() error {
		return x.method(name, jen.Op("*").Id(c.Name), func(g *jen.Group) error {
			g.If(jen.Id("v").Op("==").Nil()).Block(
				jen.Id("e").Dot("fail").Call(jen.Lit("nothing where a "+c.Name+" is wanted")),
				jen.Return())
			return x.walk(g, rule, &walker{fields: c.Fields})
		})
	})
}

// listRule gives the method for a list by a rule. The list is the field "" of what is
// walked with.
func (x *encoder) listRule(rule string) string {
	name := "put" + camel(rule)
	return x.need(name, func() error {
		return x.method(name, x.m.typeOf(rule).code(""), func(g *jen.Group) error {
			return x.walk(g, rule, x.listWalker(rule))
		})
	})
}

func (x *encoder) listWalker(rule string) *walker {
	l := x.m.bindings[rule].List
	w := &walker{x: x, rule: rule, scope: x.m.scopes[rule], list: true}
	if l.Struct != nil {
		w.fields = l.Struct.Fields
		return w
	}
	w.fields = []bind.Field{l.Item}
	w.fields[0].List = true
	return w
}

// walk writes the body of a method.
func (x *encoder) walk(g *jen.Group, rule string, w *walker) error {
	w.x, w.rule, w.scope, w.seen, w.said = x, rule, x.m.scopes[rule], map[string]int{}, map[string]bool{}
	w.expr(g, x.m.grammar.Rule(rule).Expr)
	w.flush(g)
	if w.err != nil {
		return x.m.errorf(x.m.bindings[rule].Line, "cannot encode rule %s: %v", rule, w.err)
	}
	return nil
}

// same reports whether two expressions are written alike.
func same(a, b []peg.Expr) bool {
	return slices.EqualFunc(a, b, func(a, b peg.Expr) bool { return peg.Text(a) == peg.Text(b) })
}
