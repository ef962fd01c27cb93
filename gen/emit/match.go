package emit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/dragoman-mail/dragoman/gen/peg"
)

// matcher writes the recogniser: one Go function per rule, and one per part of a
// rule that has to be tried and taken back. A function gets the offset to match at
// and gives the offset behind the match, or -1.
//
// Rules come in two forms: skipX only matches, takeX also leaves events on the
// tape. Predicates and everything inside a leaf skip.
type matcher struct {
	m       *model
	file    *jen.File
	tables  []peg.ByteSet // sets that have a table
	wants   []string      // what can be expected, by number
	done    map[string]bool
	queue   []func()
	current string // rule being written
	name    string // Go name of the rule's function, the stem of its parts' names
	parts   int
	take    bool
	loud    map[string]bool // rules whose match may leave events
}

func newMatcher(m *model, file *jen.File) *matcher {
	x := &matcher{m: m, file: file, done: map[string]bool{}, wants: []string{""}}
	x.findLoud()
	return x
}

// findLoud works out which rules may leave events when taken.
func (x *matcher) findLoud() {
	x.loud = map[string]bool{}
	for changed := true; changed; {
		changed = false
		for _, r := range x.m.grammar.Rules {
			if !x.loud[r.Name] && (x.m.bindings[r.Name] != nil || x.isLoud(r.Expr)) {
				x.loud[r.Name], changed = true, true
			}
		}
	}
}

// isLoud reports whether e may leave events.
func (x *matcher) isLoud(e peg.Expr) bool {
	switch e := e.(type) {
	case *peg.Seq:
		return slices.ContainsFunc(e.Items, x.isLoud)
	case *peg.Choice:
		return slices.ContainsFunc(e.Alts, x.isLoud)
	case *peg.Repeat:
		return x.isLoud(e.Item)
	case *peg.Literal, *peg.Class:
		return len(x.m.marks[e]) > 0
	case *peg.Ref:
		return x.loud[e.Name]
	}
	return false
}

// entry asks for the functions of a rule and all that it needs.
func (x *matcher) entry(rule string) {
	x.rule(rule, true)
	for len(x.queue) > 0 {
		next := x.queue[0]
		x.queue = x.queue[1:]
		next()
	}
}

// rule gives the name of the function that matches a rule, and sees that it is written.
func (x *matcher) rule(rule string, take bool) string {
	take = take && x.loud[rule]
	name := "skip" + camel(rule)
	if take {
		name = "take" + camel(rule)
	}
	if !x.done[name] {
		x.done[name] = true
		x.queue = append(x.queue, func() { x.writeRule(rule, name, take) })
	}
	return name
}

func (x *matcher) writeRule(rule, name string, take bool) {
	x.current, x.name, x.parts, x.take = rule, name, 0, take
	r := x.m.grammar.Rule(rule)
	b := x.m.bindings[rule]
	inner := name
	switch {
	case take && b != nil && b.Leaf != nil:
		x.writeLeaf(rule, name)
		return
	case take && b != nil:
		inner = "parts" + camel(rule)
		x.writeOpen(rule, name, inner)
	case x.m.depth[rule] || x.m.grammar.Rule(rule).CatchAll && !(b != nil && b.Leaf != nil):
		inner = "inner" + camel(name)
		x.function(name, func(g *jen.Group) {
			x.strict(g, rule)
			g.If(jen.Op("!").Id("p").Dot("enter").Call()).Block(jen.Return(jen.Lit(-1)))
			g.Id("i").Op("=").Id("p").Dot(inner).Call(jen.Id("i"))
			g.Id("p").Dot("depth").Op("--")
			g.Return(jen.Id("i"))
		})
	}
	x.body(inner, r.Expr)
}

// writeLeaf writes the taking form of a leaf: one event when its skipping form matches.
func (x *matcher) writeLeaf(rule, name string) {
	skip := x.rule(rule, false)
	first, nullable := x.m.sets.first[rule], x.m.sets.nullable[rule]
	x.function(name, func(g *jen.Group) {
		x.strict(g, rule)
		if !nullable {
			g.If(jen.Id("i").Op(">=").Len(jen.Id("p").Dot("s")).Op("||").Op("!").Parens(x.in(&first))).Block(
				jen.Return(x.fail(rule)))
		}
		g.Id("j").Op(":=").Id("p").Dot(skip).Call(jen.Id("i"))
		g.If(jen.Id("j").Op(">=").Lit(0)).Block(mark(ruleKind(rule), jen.Id("i"), jen.Id("j")))
		g.Return(jen.Id("j"))
	})
}

// writeOpen writes the taking form of any other bound rule: its event, the parts inside it.
func (x *matcher) writeOpen(rule, name, inner string) {
	x.function(name, func(g *jen.Group) {
		x.strict(g, rule)
		if x.m.depth[rule] {
			g.If(jen.Op("!").Id("p").Dot("enter").Call()).Block(jen.Return(jen.Lit(-1)))
		}
		g.Id("t").Op(":=").Len(jen.Id("p").Dot("tape"))
		g.Add(mark(ruleKind(rule), jen.Id("i"), jen.Id("i")))
		g.Id("i").Op("=").Id("p").Dot(inner).Call(jen.Id("i"))
		if x.m.depth[rule] {
			g.Id("p").Dot("depth").Op("--")
		}
		g.If(jen.Id("i").Op(">=").Lit(0)).Block(jen.Id("p").Dot("close").Call(jen.Id("t"), jen.Id("i")))
		g.Return(jen.Id("i"))
	})
}

// strict writes that a catch-all does not match in strict mode.
func (x *matcher) strict(g *jen.Group, rule string) {
	if x.m.grammar.Rule(rule).CatchAll {
		g.If(jen.Id("p").Dot("strict")).Block(jen.Return(x.fail(rule)))
	}
}

// function writes func (p *state) name(i int) int.
func (x *matcher) function(name string, body func(*jen.Group)) {
	x.file.Func().Params(jen.Id("p").Op("*").Id("state")).Id(name).Params(jen.Id("i").Int()).Int().BlockFunc(body)
	x.file.Line()
}

// body writes a function that matches e.
func (x *matcher) body(name string, e peg.Expr) {
	if c, ok := e.(*peg.Choice); ok {
		x.choice(name, c)
		return
	}
	x.function(name, func(g *jen.Group) {
		x.step(g, e)
		g.Return(jen.Id("i"))
	})
}

// part writes e as a function of its own and gives its name. Rules have one already.
func (x *matcher) part(e peg.Expr, take bool) string {
	if ref, ok := e.(*peg.Ref); ok {
		return x.rule(ref.Name, take)
	}
	x.parts++
	name := fmt.Sprintf("%s%d", x.name, x.parts)
	if take != x.take {
		name += "skip"
	}
	rule := x.current
	x.queue = append(x.queue, func() {
		x.current, x.name, x.parts, x.take = rule, name+"_", 0, take
		x.body(name, e)
	})
	return name
}

// fail gives the call that notes what was expected at i; its value is -1.
func (x *matcher) fail(want string) *jen.Statement {
	return jen.Id("p").Dot("fail").Call(jen.Id("i"), jen.Lit(x.want(want)))
}

func (x *matcher) want(text string) int {
	if k := slices.Index(x.wants, text); k >= 0 {
		return k
	}
	x.wants = append(x.wants, text)
	return len(x.wants) - 1
}

// describe says in a word or two what e begins with.
func (x *matcher) describe(e peg.Expr) string {
	switch e := e.(type) {
	case *peg.Literal:
		if len(e.Text) == 1 {
			return octet(e.Text[0])
		}
		if strings.Trim(e.Text, "\r\n") == "" {
			return "end of line"
		}
		return e.Text
	case *peg.Class:
		list := members(&e.Set)
		if len(list) > 4 {
			return x.current
		}
		var names []string
		for _, c := range list {
			if name := octet(c); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		return strings.Join(names, " or ")
	case *peg.Ref:
		if x.m.grammar.Rule(e.Name) != nil && x.m.bindings[e.Name] == nil {
			if l, ok := x.m.grammar.Rule(e.Name).Expr.(*peg.Literal); ok {
				return x.describe(l)
			}
			if c, ok := x.m.grammar.Rule(e.Name).Expr.(*peg.Class); ok && size(&c.Set) == 1 {
				return x.describe(c)
			}
		}
		return e.Name
	case *peg.Seq:
		for _, it := range e.Items {
			if _, n := x.m.sets.of(it); !n {
				return x.describe(it)
			}
		}
	case *peg.Repeat:
		return x.describe(e.Item)
	}
	return x.current
}

// in gives the condition that p.s[i] is in set.
func (x *matcher) in(set *peg.ByteSet) *jen.Statement {
	list := members(set)
	at := func() *jen.Statement { return jen.Id("p").Dot("s").Index(jen.Id("i")) }
	if len(list) > 2 {
		return jen.Id(x.table(set)).Index(at())
	}
	cond := jen.Null()
	for k, c := range list {
		if k > 0 {
			cond.Op("||")
		}
		cond.Add(at().Op("==").Add(char(c)))
	}
	return cond
}

func (x *matcher) table(set *peg.ByteSet) string {
	k := slices.Index(x.tables, *set)
	if k < 0 {
		k = len(x.tables)
		x.tables = append(x.tables, *set)
	}
	return fmt.Sprintf("set%d", k)
}

// char writes an octet as Go does: 'a' when it can be printed.
func char(c byte) *jen.Statement {
	if c >= ' ' && c < 0x7f || c == '\r' || c == '\n' {
		return jen.LitRune(rune(c))
	}
	return jen.LitByte(c)
}

// mark gives the call that puts one event on the tape.
func mark(kind string, from, to *jen.Statement) *jen.Statement {
	return jen.Id("p").Dot("mark").Call(jen.Id(kind), from, to)
}
