package emit

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/dragoman-mail/dragoman/gen/bind"
	"github.com/dragoman-mail/dragoman/gen/peg"
)

// anyPresent gives the condition that a field of c that is not in less is there, or nil.
func (w *walker) anyPresent(c, less *cover, e peg.Expr) *jen.Statement {
	if w.list {
		if less != nil && len(less.fields) > 0 || len(c.fields) == 0 {
			return nil
		}
		return w.present(&w.fields[0], e)
	}
	var cond *jen.Statement
	for i := range w.fields {
		f := &w.fields[i]
		if !c.fields[f.Name] && !c.flags[f.Name] || less != nil && (less.fields[f.Name] || less.flags[f.Name]) {
			continue
		}
		if cond == nil {
			cond = w.present(f, e)
		} else {
			cond = cond.Op("||").Add(w.present(f, e))
		}
	}
	return cond
}

// present gives the condition that a field has something to say. A list that may be
// empty on the wire is there unless it is nil.
func (w *walker) present(f *bind.Field, e peg.Expr) *jen.Statement {
	v := w.target(f)
	if f.Flag != "" {
		return v
	}
	t := w.x.m.fieldType(*f)
	switch {
	case (t.Slice || w.list) && w.saysEmpty(f, e):
		return v.Op("!=").Nil()
	case t.Slice || w.list:
		return jen.Len(v).Op(">").Lit(0)
	case t.Pointer || t.shape == shapeUnion:
		return v.Op("!=").Nil()
	case t.Name == "string":
		return v.Op("!=").Lit("")
	case t.Name == "NString":
		return v.Dot("Valid")
	}
	return v.Op("!=").Lit(0)
}

// saysEmpty reports whether e can say an empty list: whether the list is a rule of its
// own that can, or its items are optional in e.
func (w *walker) saysEmpty(f *bind.Field, e peg.Expr) bool {
	empty := false
	peg.Walk(e, func(e peg.Expr) {
		switch e := e.(type) {
		case *peg.Repeat:
			if e.Min == 0 && w.directly(f, e.Item) {
				empty = true
			}
		case *peg.Ref:
			if b := w.x.m.bindings[e.Name]; b != nil && b.List != nil && w.fieldOf(f, e.Name) {
				l := w.x.listWalker(e.Name)
				empty = empty || l.saysEmpty(&l.fields[0], w.x.m.grammar.Rule(e.Name).Expr)
			} else if b == nil && !w.x.m.depth[e.Name] {
				empty = empty || w.saysEmpty(f, w.x.m.grammar.Rule(e.Name).Expr)
			}
		}
	})
	return empty
}

// directly reports whether an optional part holds nothing but the list.
func (w *walker) directly(f *bind.Field, item peg.Expr) bool {
	items := flat([]peg.Expr{item})
	return len(items) > 0 && w.covers(items[0]).fields[f.Name] && (f.List || w.list)
}

func (w *walker) fieldOf(f *bind.Field, rule string) bool {
	return slices.ContainsFunc(f.Sources, func(s bind.Source) bool { return s.Rule == rule })
}
