package emit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/dragoman-mail/dragoman/gen/bind"
	"github.com/dragoman-mail/dragoman/gen/peg"
)

// walker walks one rule with one value v in hand.
type walker struct {
	x      *encoder
	rule   string
	scope  *scope
	fields []bind.Field
	list   bool     // v is a list, and fields are those of its items
	pass   string   // the rule that says v itself
	when   []string // keywords of which one has to be said
	with   string   // rule that has to be said
	avoid  []string // keywords that tell other cases

	only    string          // the one field to say, in a loop over several
	assured []*peg.Feature  // known to be on
	inLoop  bool            // a list's item i is being said
	looping string          // the list whose item it is
	sure    bool            // the list that is being said is known not to be empty
	seen    map[string]int  // how often a rule has been met
	said    map[string]bool // lists
	pending string          // fixed text not yet written
	err     error
}

func (w *walker) failf(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf(format, args...)
	}
}

// flush writes the fixed text.
func (w *walker) flush(g *jen.Group) {
	switch text := w.pending; {
	case len(text) == 1:
		g.Id("e").Dot("byte").Call(char(text[0]))
	case text != "":
		g.Id("e").Dot("raw").Call(jen.Lit(text))
	}
	w.pending = ""
}

// block walks inside braces of its own.
func (w *walker) block(walk func(*jen.Group)) func(*jen.Group) {
	return func(g *jen.Group) {
		walk(g)
		w.flush(g)
	}
}

func (w *walker) expr(g *jen.Group, e peg.Expr) {
	switch e := e.(type) {
	case *peg.Seq:
		w.seq(g, flat(e.Items))
	case *peg.Choice:
		w.choice(g, e)
	case *peg.Repeat:
		w.repeat(g, e)
	case *peg.Literal:
		if e.Text != "\r\n" {
			w.pending += e.Text
		}
	case *peg.Class:
		list := members(&e.Set)
		switch {
		case len(list) == 1:
			w.pending += string(rune(list[0]))
		case !w.enumOnly(g, e):
			w.failf("cannot choose an octet")
		}
	case *peg.Ref:
		w.ref(g, e)
	case *peg.Feature:
		if slices.Contains(w.assured, e) {
			return
		}
		w.flush(g)
		g.Id("e").Dot("need").Call(featureMask(e.Capabilities))
	}
}

// ifGated writes what say says where the condition holds and the features are on that saying e needs.
func (w *walker) ifGated(g *jen.Group, cond *jen.Statement, e peg.Expr, say func(*jen.Group)) {
	before := w.assured
	w.assured = w.gates(e, slices.Clone(before), 0)
	for _, f := range w.assured[len(before):] {
		cond = jen.Id("e").Dot("on").Call(featureMask(f.Capabilities)).Op("&&").Parens(cond)
	}
	g.If(cond).BlockFunc(say)
	w.assured = before
}

// gates lists the features that saying e needs whatever the value is.
func (w *walker) gates(e peg.Expr, list []*peg.Feature, depth int) []*peg.Feature {
	const deep = 8
	switch e := e.(type) {
	case *peg.Feature:
		return append(list, e)
	case *peg.Seq:
		for _, it := range e.Items {
			list = w.gates(it, list, depth)
		}
	case *peg.Choice:
		if opts := w.candidates(e); len(opts) == 1 {
			return w.gates(opts[0].e, list, depth)
		}
	case *peg.Ref:
		if w.x.m.bindings[e.Name] == nil && depth < deep {
			return w.gates(w.x.m.grammar.Rule(e.Name).Expr, list, depth+1)
		}
	}
	return list
}

// flat takes sequences in sequences apart.
func flat(items []peg.Expr) []peg.Expr {
	var list []peg.Expr
	for _, it := range items {
		if s, ok := it.(*peg.Seq); ok {
			list = append(list, flat(s.Items)...)
			continue
		}
		list = append(list, it)
	}
	return list
}

// seq walks a sequence. "x *(SP x)" says a list with spaces between its items, or
// single fields with spaces between them.
func (w *walker) seq(g *jen.Group, items []peg.Expr) {
	for k := 0; k < len(items); k++ {
		n, sep := w.separated(items, k)
		switch {
		case n == 0:
			w.expr(g, items[k])
			continue
		case w.isList(items[k : k+n]):
			w.loop(g, items[k:k+n], sep, true)
		default:
			w.singles(g, items[k:k+n], sep)
		}
		k += n
	}
}

// singles says those of several single fields that are there, with sep between them.
func (w *walker) singles(g *jen.Group, item, sep []peg.Expr) {
	w.flush(g)
	c := w.covers(&peg.Seq{Items: item})
	g.BlockFunc(func(g *jen.Group) {
		g.Id("n").Op(":=").Lit(0)
		for i := range w.fields {
			f := &w.fields[i]
			if !c.fields[f.Name] {
				continue
			}
			w.only = f.Name
			say := w.block(func(g *jen.Group) {
				g.If(jen.Id("n").Op("++"), jen.Id("n").Op(">").Lit(1)).BlockFunc(w.block(func(g *jen.Group) { w.seq(g, sep) }))
				w.seq(g, item)
			})
			if f.Optional {
				w.ifGated(g, w.present(f, &peg.Seq{Items: item}), &peg.Seq{Items: item}, say)
			} else {
				say(g)
			}
			w.only = ""
		}
		g.If(jen.Id("n").Op("==").Lit(0)).Block(jen.Id("e").Dot("fail").Call(jen.Lit("nothing to say in " + w.rule)))
	})
}

// separated finds at items[k:] an item of n expressions that the next one repeats
// behind a separator, and that says a field.
func (w *walker) separated(items []peg.Expr, k int) (n int, sep []peg.Expr) {
	if w.inLoop || w.only != "" {
		return 0, nil
	}
	for n := 1; k+n < len(items); n++ {
		r, ok := items[k+n].(*peg.Repeat)
		if !ok || r.Max == 1 || r.Item == nil {
			continue
		}
		more := flat([]peg.Expr{w.opened(r.Item)})
		if len(more) > n && same(more[len(more)-n:], items[k:k+n]) && len(w.covers(&peg.Seq{Items: items[k : k+n]}).fields) > 0 {
			return n, more[:len(more)-n]
		}
	}
	return 0, nil
}

// opened gives what a rule that only ties an expression to features holds.
func (w *walker) opened(e peg.Expr) peg.Expr {
	if ref, ok := e.(*peg.Ref); ok && w.x.m.bindings[ref.Name] == nil {
		if inner := w.x.m.grammar.Rule(ref.Name).Expr; gateOf(inner) != nil {
			return inner
		}
	}
	return e
}

// isList reports whether expressions say an item of a list.
func (w *walker) isList(items []peg.Expr) bool {
	return w.listField(w.covers(&peg.Seq{Items: items})) != nil
}

func (w *walker) listField(c *cover) *bind.Field {
	for i := range w.fields {
		f := &w.fields[i]
		if c.fields[f.Name] && (f.List || w.list) {
			return f
		}
	}
	return nil
}

// target gives the list that a field, or v itself, holds.
func (w *walker) target(f *bind.Field) *jen.Statement {
	if w.list {
		return jen.Id("v")
	}
	return jen.Id("v").Dot(f.Name)
}

// loop says a list: its items, with sep between them, or before each when sep is nil.
func (w *walker) loop(g *jen.Group, item, sep []peg.Expr, required bool) {
	f := w.listField(w.covers(&peg.Seq{Items: item}))
	if w.said[f.Name] {
		w.failf("the list %s is said twice", f.Name)
	}
	w.said[f.Name] = true
	w.flush(g)
	if required && !w.sure {
		g.If(jen.Len(w.target(f)).Op("==").Lit(0)).Block(jen.Id("e").Dot("fail").Call(jen.Lit("an empty list in " + w.rule)))
	}
	g.For(jen.Id("i").Op(":=").Range().Add(w.target(f))).BlockFunc(w.block(func(g *jen.Group) {
		if len(sep) > 0 {
			g.If(jen.Id("i").Op(">").Lit(0)).BlockFunc(w.block(func(g *jen.Group) { w.seq(g, sep) }))
		}
		w.inLoop, w.looping = true, f.Name
		w.seq(g, item)
		w.inLoop, w.looping = false, ""
	}))
}

func (w *walker) repeat(g *jen.Group, r *peg.Repeat) {
	c := w.covers(r.Item)
	if r.Max == 1 {
		w.option(g, r.Item, c)
		return
	}
	if f := w.listField(c); f != nil && !w.inLoop && len(c.fields) == 1 {
		w.loop(g, []peg.Expr{r.Item}, nil, r.Min > 0)
		return
	}
	// A loop over several fields, each with its keyword.
	for i := range w.fields {
		f := &w.fields[i]
		if c.fields[f.Name] && !(w.inLoop && f.Name == w.looping) {
			w.flush(g)
			w.only = f.Name
			if f.List {
				g.For(jen.Id("i").Op(":=").Range().Add(w.target(f))).BlockFunc(w.block(func(g *jen.Group) {
					w.inLoop, w.looping = true, f.Name
					w.expr(g, r.Item)
					w.inLoop, w.looping = false, ""
				}))
				w.only = ""
				continue
			}
			w.ifGated(g, w.present(f, r.Item), r.Item, w.block(func(g *jen.Group) { w.expr(g, r.Item) }))
			w.only = ""
		}
	}
}

// option says what is optional when one of its fields is there.
func (w *walker) option(g *jen.Group, item peg.Expr, c *cover) {
	if cond := w.anyPresent(c, nil, item); cond != nil {
		w.flush(g)
		f := w.listField(c)
		w.sure = f != nil && len(c.fields) == 1 && !w.saysEmpty(f, item)
		w.ifGated(g, cond, item, w.block(func(g *jen.Group) { w.expr(g, item) }))
		w.sure = false
	}
}

// ref says a rule: by its own method when it is bound, else by its expression.
func (w *walker) ref(g *jen.Group, ref *peg.Ref) {
	b := w.x.m.bindings[ref.Name]
	switch {
	case ref.Name == w.pass:
		w.flush(g)
		g.Id("e").Dot(w.x.structRule(ref.Name)).Call(jen.Id("v"))
	case b == nil && w.enumOnly(g, ref):
	case b == nil:
		w.expr(g, w.x.m.grammar.Rule(ref.Name).Expr)
	default:
		w.bound(g, ref.Name, b)
	}
}

// bound says a field by its rule.
func (w *walker) bound(g *jen.Group, rule string, b *bind.Binding) {
	w.seen[rule]++
	f := w.taker(rule)
	if f == nil {
		w.failf("no field says %s", rule)
		return
	}
	w.flush(g)
	value := w.value(f)
	e := jen.Id("e")
	switch {
	case f.As != nil:
		if f.As.Encode == "" {
			w.failf("field %s has no encoder", f.Name)
		}
		g.Add(e.Dot(f.As.Encode).Call(w.deref(f, parseType(f.As.Type), value)))
	case b.Leaf != nil:
		if b.Leaf.Encode == "" {
			w.failf("rule %s has no encoder", rule)
		}
		g.Add(e.Dot(b.Leaf.Encode).Call(w.deref(f, parseType(b.Leaf.Type), value)))
	case b.List != nil:
		g.Add(e.Dot(w.x.listRule(rule)).Call(value))
	case b.Union != nil:
		g.Add(e.Dot(w.x.iface(b.Union.Name)).Call(value))
	case f.Pointer:
		g.Add(e.Dot(w.x.structRule(rule)).Call(value))
	default:
		g.Add(e.Dot(w.x.structRule(rule)).Call(jen.Op("&").Add(value)))
	}
}

// deref takes the value that a field points to, unless the leaf is a pointer itself.
func (w *walker) deref(f *bind.Field, t goType, value *jen.Statement) *jen.Statement {
	if f.Pointer && !t.Pointer {
		return jen.Op("*").Add(value)
	}
	return value
}

// value gives what a field holds, of item i inside a loop.
func (w *walker) value(f *bind.Field) *jen.Statement {
	switch {
	case w.list && w.x.m.bindings[w.rule].List.Struct != nil:
		return jen.Id("v").Index(jen.Id("i")).Dot(f.Name)
	case w.list:
		return jen.Id("v").Index(jen.Id("i"))
	case f.List && w.inLoop:
		return jen.Id("v").Dot(f.Name).Index(jen.Id("i"))
	case f.List:
		return jen.Id("only").Call(jen.Id("e"), jen.Id("v").Dot(f.Name))
	}
	return jen.Id("v").Dot(f.Name)
}

// taker finds the field that says a rule the time it is met now.
func (w *walker) taker(rule string) *bind.Field {
	var plain *bind.Field
	for i := range w.fields {
		f := &w.fields[i]
		if w.only != "" && f.Name != w.only {
			continue
		}
		for _, src := range f.Sources {
			switch {
			case src.Rule != rule:
			case src.Nth == w.seen[rule], w.list && w.x.m.bindings[w.rule].List.Struct != nil && w.turn(f, rule):
				return f
			case src.Nth == 0 && plain == nil:
				plain = f
			}
		}
	}
	return plain
}

// turn reports whether the fields of a list's items come to f.
func (w *walker) turn(f *bind.Field, rule string) bool {
	n := 0
	for i := range w.fields {
		if w.fieldOf(&w.fields[i], rule) {
			n++
			if &w.fields[i] == f {
				return w.seen[rule] == n
			}
		}
	}
	return false
}

// enumOnly says a rule that is nothing but the keyword of an enum.
func (w *walker) enumOnly(g *jen.Group, e peg.Expr) bool {
	c := w.covers(e)
	f := w.enumField(c)
	if f == nil || !w.keywordsOnly(e, 0) || w.only != "" {
		return false
	}
	w.flush(g)
	g.Add(w.x.keyword(w.x.m.fieldType(*f).Name, w.value(f)))
	return true
}

// keywordsOnly reports whether e is a choice of keywords.
func (w *walker) keywordsOnly(e peg.Expr, depth int) bool {
	switch e := e.(type) {
	case *peg.Literal:
		return strings.Trim(e.Text, " ") != ""
	case *peg.Class:
		return len(w.x.m.marks[e]) == size(&e.Set)
	case *peg.Choice:
		return !slices.ContainsFunc(e.Alts, func(a peg.Expr) bool { return !w.keywordsOnly(a, depth) })
	case *peg.Seq:
		return len(e.Items) == 2 && gateOf(e) != nil && w.keywordsOnly(e.Items[1], depth)
	case *peg.Ref:
		return depth < 8 && w.x.m.bindings[e.Name] == nil && w.keywordsOnly(w.x.m.grammar.Rule(e.Name).Expr, depth+1)
	}
	return false
}
