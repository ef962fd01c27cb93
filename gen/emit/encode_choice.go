package emit

import (
	"maps"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/dragoman-mail/dragoman/gen/bind"
	"github.com/dragoman-mail/dragoman/gen/peg"
)

// cover is what an expression can say.
type cover struct {
	fields map[string]bool  // fields, by name
	flags  map[string]bool  // bool fields whose keyword it has
	words  map[string]bool  // keywords
	consts map[string][]int // by enum field: the constants whose keywords it has
	rules  map[string]bool
	many   bool // has a loop
}

func (w *walker) covers(e peg.Expr) *cover {
	c := &cover{fields: map[string]bool{}, flags: map[string]bool{}, words: map[string]bool{}, consts: map[string][]int{}, rules: map[string]bool{}}
	w.cover(c, e, map[string]bool{})
	return c
}

func (w *walker) cover(c *cover, e peg.Expr, seen map[string]bool) {
	switch e := e.(type) {
	case *peg.Seq:
		for _, it := range e.Items {
			w.cover(c, it, seen)
		}
	case *peg.Choice:
		for _, a := range e.Alts {
			w.cover(c, a, seen)
		}
	case *peg.Repeat:
		c.many = c.many || e.Max != 1
		w.cover(c, e.Item, seen)
	case *peg.Literal, *peg.Class:
		for _, text := range w.x.m.marks[e] {
			w.coverWord(c, text)
		}
	case *peg.Ref:
		w.coverRule(c, e.Name, seen)
	}
}

func (w *walker) coverRule(c *cover, rule string, seen map[string]bool) {
	c.rules[rule] = true
	if w.x.m.bindings[rule] == nil {
		if !seen[rule] && !w.x.m.grammar.Rule(rule).CatchAll {
			seen[rule] = true
			w.cover(c, w.x.m.grammar.Rule(rule).Expr, seen)
			delete(seen, rule)
		}
		return
	}
	for i := range w.fields {
		f := &w.fields[i]
		if w.fieldOf(f, rule) && (f.After == "" || c.has(w.scope.resolved[strings.ToUpper(f.After)])) {
			c.fields[f.Name] = true
		}
	}
}

// has reports whether c has one of the keywords.
func (c *cover) has(words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return c.words[word] })
}

func (w *walker) coverWord(c *cover, text string) {
	c.words[text] = true
	for i := range w.fields {
		f := &w.fields[i]
		if f.Flag != "" && slices.Contains(w.scope.resolved[strings.ToUpper(f.Flag)], text) {
			c.flags[f.Name] = true
		}
		for _, src := range f.Sources {
			if src.Enum == "" {
				continue
			}
			for k, constant := range w.x.m.enums[src.Enum].Consts {
				if constant.Text != "" && slices.Contains(w.scope.resolved[strings.ToUpper(constant.Text)], text) {
					c.fields[f.Name] = true
					c.consts[f.Name] = append(c.consts[f.Name], k)
				}
			}
		}
	}
}

// option is one alternative and what it can say.
type option struct {
	e peg.Expr
	c *cover
}

// choice says one of several alternatives.
func (w *walker) choice(g *jen.Group, choice *peg.Choice) {
	if w.enumOnly(g, choice) {
		return
	}
	opts := w.candidates(choice)
	switch {
	case len(opts) == 0:
		w.failf("no alternative says what is wanted")
	case len(opts) == 1:
		w.expr(g, opts[0].e)
	default:
		if f := w.switchField(opts); f != nil {
			w.byEnum(g, f, opts)
			return
		}
		w.byPresence(g, opts)
	}
}

// candidates drops the alternatives that cannot say the value.
func (w *walker) candidates(choice *peg.Choice) []option {
	var opts []option
	for _, a := range choice.Alts {
		opts = append(opts, option{a, w.covers(a)})
	}
	keep := func(good func(option) bool) {
		if slices.ContainsFunc(opts, good) {
			opts = slices.DeleteFunc(opts, func(o option) bool { return !good(o) })
		}
	}
	keep(func(o option) bool { return !w.isCatchAll(o.e) })
	if len(w.when) > 0 {
		keep(func(o option) bool { return w.saysAny(o, w.when) })
	}
	keep(func(o option) bool {
		return !slices.ContainsFunc(w.avoid, func(word string) bool { return o.c.words[word] && !w.saysAny(o, w.when) })
	})
	if w.pass != "" {
		keep(func(o option) bool { return o.c.rules[w.pass] })
	}
	if w.with != "" {
		keep(func(o option) bool { return o.c.rules[w.with] })
	}
	for i := range w.fields {
		f := &w.fields[i]
		switch {
		case w.only != "" && w.only == f.Name && f.After != "":
			keep(func(o option) bool { return w.says(o, f.After) })
		case w.only != "" && w.only == f.Name, w.only == "" && !f.Optional && !f.List && f.Flag == "" && !w.list:
			keep(func(o option) bool { return o.c.fields[f.Name] })
		}
	}
	return w.distinct(opts)
}

func (w *walker) says(o option, word string) bool {
	return o.c.has(w.scope.resolved[strings.ToUpper(word)])
}

func (w *walker) saysAny(o option, words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return w.says(o, word) })
}

func (w *walker) isCatchAll(e peg.Expr) bool {
	ref, ok := e.(*peg.Ref)
	return ok && w.x.m.grammar.Rule(ref.Name).CatchAll
}

// distinct keeps the first of alternatives that say the same, one with a loop before
// one without.
func (w *walker) distinct(opts []option) []option {
	var kept []option
	for _, o := range opts {
		k := slices.IndexFunc(kept, func(have option) bool {
			return maps.Equal(have.c.fields, o.c.fields) && maps.Equal(have.c.flags, o.c.flags) &&
				maps.EqualFunc(have.c.consts, o.c.consts, func(a, b []int) bool { return slices.Equal(a, b) })
		})
		switch {
		case k < 0:
			kept = append(kept, o)
		case o.c.many && !kept[k].c.many && w.listField(o.c) != nil:
			kept[k] = o
		}
	}
	return kept
}

// enumField gives the enum field that has constants in c, or nil.
func (w *walker) enumField(c *cover) *bind.Field {
	for i := range w.fields {
		if c.consts[w.fields[i].Name] != nil {
			return &w.fields[i]
		}
	}
	return nil
}

// switchField gives the enum field of which each alternative has some constants.
func (w *walker) switchField(opts []option) *bind.Field {
	for i := range w.fields {
		f := &w.fields[i]
		if !slices.ContainsFunc(opts, func(o option) bool { return o.c.consts[f.Name] == nil }) {
			// Alternatives that share constants are told apart by something else.
			seen := map[int]bool{}
			shared := false
			for _, o := range opts {
				for _, k := range o.c.consts[f.Name] {
					shared = shared || seen[k]
					seen[k] = true
				}
			}
			if !shared {
				return f
			}
		}
	}
	return nil
}

func (w *walker) byEnum(g *jen.Group, f *bind.Field, opts []option) {
	w.flush(g)
	enum := w.x.m.enums[w.x.m.fieldType(*f).Name]
	branch := w.branches()
	g.Switch(w.value(f)).BlockFunc(func(g *jen.Group) {
		for _, o := range opts {
			branch()
			var list []jen.Code
			for _, k := range o.c.consts[f.Name] {
				list = append(list, jen.Id(enum.Consts[k].Name))
			}
			g.Case(list...).BlockFunc(w.block(func(g *jen.Group) { w.expr(g, o.e) }))
		}
		g.Default().Block(jen.Id("e").Dot("fail").Call(jen.Lit("%q has no form in "+w.rule), w.value(f).Dot("String").Call()))
	})
}

// branches gives a function that begins a branch: each starts from what has been said
// before all of them.
func (w *walker) branches() func() {
	seen, said := maps.Clone(w.seen), maps.Clone(w.said)
	return func() { w.seen, w.said = maps.Clone(seen), maps.Clone(said) }
}

// within reports whether all of a is in b.
func within(a, b map[string]bool) bool {
	for k := range a {
		if !b[k] {
			return false
		}
	}
	return true
}

// saysNothing reports whether an alternative can be said when its fields hold nothing:
// none is a list that needs an item, or a struct that has to be there.
func (w *walker) saysNothing(o option) bool {
	for i := range w.fields {
		f := &w.fields[i]
		if !o.c.fields[f.Name] {
			continue
		}
		t := w.x.m.fieldType(*f)
		if f.List && !w.saysEmpty(f, o.e) || f.Pointer || t.shape == shapeUnion {
			return false
		}
	}
	return true
}

// byPresence takes the alternative that says most of what is there; the last one is
// taken when nothing tells.
func (w *walker) byPresence(g *jen.Group, opts []option) {
	slices.SortStableFunc(opts, func(a, b option) int {
		if d := len(b.c.fields) + len(b.c.flags) - len(a.c.fields) - len(a.c.flags); d != 0 {
			return d
		}
		return len(b.c.flags) - len(a.c.flags)
	})
	// The one that can be said when nothing is there goes last.
	if k := slices.IndexFunc(opts, w.saysNothing); k >= 0 && !w.saysNothing(opts[len(opts)-1]) {
		opts = slices.Concat(opts[:k], opts[k+1:], opts[k:k+1])
	}
	last := opts[len(opts)-1]
	w.flush(g)
	var chain *jen.Statement
	branch := w.branches()
	for k, o := range opts[:len(opts)-1] {
		less := &cover{fields: maps.Clone(last.c.fields), flags: maps.Clone(last.c.flags)}
		for _, other := range opts[k+1:] {
			if within(other.c.fields, o.c.fields) && within(other.c.flags, o.c.flags) {
				maps.Copy(less.fields, other.c.fields)
				maps.Copy(less.flags, other.c.flags)
			}
		}
		cond := w.anyPresent(o.c, less, o.e)
		if cond == nil {
			w.failf("nothing tells %s from %s", peg.Text(o.e), peg.Text(last.e))
			return
		}
		branch()
		body := w.block(func(g *jen.Group) { w.expr(g, o.e) })
		if chain == nil {
			chain = g.If(cond).BlockFunc(body)
		} else {
			chain.Else().If(cond).BlockFunc(body)
		}
	}
	branch()
	chain.Else().BlockFunc(w.block(func(g *jen.Group) { w.expr(g, last.e) }))
}
