package emit

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/dragoman-mail/dragoman/gen/bind"
)

// builder writes the functions that make Go values of the tape: fillX for structs,
// makeX for unions and lists.
type builder struct {
	m    *model
	file *jen.File
}

func (w *builder) rules(rules []string) {
	for _, rule := range rules {
		b := w.m.bindings[rule]
		switch {
		case b.Struct != nil:
			w.fill("fill"+camel(rule), rule, b.Struct)
		case b.Union != nil:
			w.union(rule, b.Union)
		case b.List != nil && b.List.Struct != nil:
			w.listOfStructs(rule, b.List.Struct)
		case b.List != nil:
			w.list(rule, b.List)
		}
	}
}

// each writes the loop over the direct events of event k:
//
//	for e, end := k+1, p.next(k); e < end; e = p.next(e) { switch p.tape[e].kind { … } }
func each(g *jen.Group, cases func(*jen.Group)) {
	g.For(jen.List(jen.Id("e"), jen.Id("end")).Op(":=").List(jen.Id("k").Op("+").Lit(1), jen.Id("p").Dot("next").Call(jen.Id("k"))),
		jen.Id("e").Op("<").Id("end"),
		jen.Id("e").Op("=").Id("p").Dot("next").Call(jen.Id("e"))).Block(
		jen.Switch(jen.Id("p").Dot("tape").Index(jen.Id("e")).Dot("kind")).BlockFunc(cases))
}

func (w *builder) method(name string, params []jen.Code, result *jen.Statement, body func(*jen.Group)) {
	f := w.file.Func().Params(jen.Id("p").Op("*").Id("state")).Id(name).Params(params...)
	if result != nil {
		f.Add(result)
	}
	f.BlockFunc(body)
	w.file.Line()
}

// fill writes func (p *state) name(k int, v *imap.T).
func (w *builder) fill(name, rule string, c *bind.Case) {
	w.method(name, []jen.Code{jen.Id("k").Int(), jen.Id("v").Op("*").Add(w.m.qual(c.Name))}, nil, func(g *jen.Group) {
		w.fillBody(g, rule, c.Fields)
	})
}

func (w *builder) fillBody(g *jen.Group, rule string, fields []bind.Field) {
	if len(fields) == 0 {
		return
	}
	plan := w.plan(rule, fields)
	for _, r := range plan.counted {
		g.Id("n" + camel(r)).Op(":=").Lit(0)
	}
	if plan.after {
		g.Var().Id("word").Uint16()
	}
	each(g, func(g *jen.Group) {
		for _, kind := range plan.kinds {
			g.Case(jen.Id(kind)).BlockFunc(func(g *jen.Group) {
				if plan.after && strings.HasPrefix(kind, "word") {
					g.Id("word").Op("=").Id(kind)
				}
				for _, step := range plan.steps[kind] {
					step(g)
				}
			})
		}
	})
}

// plan is what to do for each kind of event that a struct takes.
type plan struct {
	kinds   []string
	steps   map[string][]func(*jen.Group)
	counted []string       // rules of which an Nth is wanted
	named   map[string]int // the last Nth that a field takes; a list takes what is behind it
	after   bool
}

func (p *plan) on(kind string, step func(*jen.Group)) {
	if !slices.Contains(p.kinds, kind) {
		p.kinds = append(p.kinds, kind)
	}
	if step != nil {
		p.steps[kind] = append(p.steps[kind], step)
	}
}

func (w *builder) plan(rule string, fields []bind.Field) *plan {
	p := &plan{steps: map[string][]func(*jen.Group){}, named: map[string]int{}}
	s := w.m.scopes[rule]
	for _, f := range fields {
		p.after = p.after || f.After != ""
		for _, src := range f.Sources {
			p.named[src.Rule] = max(p.named[src.Rule], src.Nth)
		}
	}
	if p.after {
		for _, text := range sorted(s.wanted) {
			p.on(wordKind(text), nil)
		}
	}
	for _, f := range fields {
		w.planField(p, s, f)
	}
	return p
}

func (w *builder) planField(p *plan, s *scope, f bind.Field) {
	if f.Unset != "" {
		return
	}
	if f.Flag != "" {
		for _, text := range s.resolved[strings.ToUpper(f.Flag)] {
			p.on(wordKind(text), func(g *jen.Group) { g.Id("v").Dot(f.Name).Op("=").True() })
		}
		return
	}
	for _, src := range f.Sources {
		switch {
		case src.Enum != "":
			w.planEnum(p, s, f, w.m.enums[src.Enum])
		case src.Literal != "":
			for _, text := range s.resolved[strings.ToUpper(src.Literal)] {
				p.on(wordKind(text), func(g *jen.Group) { w.assign(g, f, jen.Id("p").Dot("text").Call(jen.Id("e"))) })
			}
		default:
			w.planRule(p, s, f, src)
		}
	}
}

// planEnum sets a field by the keyword that matched.
func (w *builder) planEnum(p *plan, s *scope, f bind.Field, e *bind.Enum) {
	for _, c := range e.Consts {
		if c.Text == "" {
			continue
		}
		for _, text := range s.resolved[strings.ToUpper(c.Text)] {
			p.on(wordKind(text), func(g *jen.Group) { w.assign(g, f, w.m.qual(c.Name)) })
		}
	}
}

func (w *builder) planRule(p *plan, s *scope, f bind.Field, src bind.Source) {
	kind := ruleKind(src.Rule)
	counter := "n" + camel(src.Rule)
	if src.Nth > 0 && !slices.Contains(p.counted, src.Rule) {
		p.counted = append(p.counted, src.Rule)
		p.on(kind, func(g *jen.Group) { g.Id(counter).Op("++") })
	}
	p.on(kind, func(g *jen.Group) {
		put := func(g *jen.Group) { w.put(g, f, src.Rule) }
		switch {
		case src.Nth == 0 && slices.Contains(p.counted, src.Rule):
			g.If(jen.Id(counter).Op(">").Lit(p.named[src.Rule])).BlockFunc(put)
		case src.Nth > 0:
			g.If(jen.Id(counter).Op("==").Lit(src.Nth)).BlockFunc(put)
		case f.After != "":
			words := s.resolved[strings.ToUpper(f.After)]
			g.If(jen.Id("word").Op("==").Id(wordKind(words[0]))).BlockFunc(put)
		default:
			put(g)
		}
	})
}

// put stores what event e, of a rule, gives.
func (w *builder) put(g *jen.Group, f bind.Field, rule string) {
	t := w.m.typeOf(rule)
	if f.As != nil {
		w.assign(g, f, jen.Id("p").Dot(f.As.Decode).Call(jen.Id("e")))
		return
	}
	if t.shape != shapeStruct {
		w.assign(g, f, w.value(rule))
		return
	}
	target := jen.Id("v").Dot(f.Name)
	fill := func(dst *jen.Statement) *jen.Statement {
		return jen.Id("p").Dot("fill"+camel(rule)).Call(jen.Id("e"), dst)
	}
	switch {
	case f.List:
		w.grow(g, f)
		g.Add(target.Clone()).Op("=").Append(target.Clone(), w.m.qual(t.Name).Values())
		g.Add(fill(jen.Op("&").Add(target.Clone()).Index(jen.Len(target.Clone()).Op("-").Lit(1))))
	case f.Pointer:
		g.If(jen.Op("!").Id("p").Dot("isNil").Call(jen.Id("e"))).Block(
			target.Clone().Op("=").New(w.m.qual(t.Name)),
			fill(target.Clone()))
	default:
		g.Add(fill(jen.Op("&").Add(target)))
	}
}

// value gives the expression for event e of a rule that is not a struct.
func (w *builder) value(rule string) *jen.Statement {
	b := w.m.bindings[rule]
	if b.Leaf != nil {
		return jen.Id("p").Dot(b.Leaf.Decode).Call(jen.Id("e"))
	}
	return jen.Id("p").Dot("make" + camel(rule)).Call(jen.Id("e"))
}

// assign stores a value in a field, as the field's shape wants it.
func (w *builder) assign(g *jen.Group, f bind.Field, value *jen.Statement) {
	target := jen.Id("v").Dot(f.Name)
	switch {
	case f.List:
		w.grow(g, f)
		g.Add(target.Clone()).Op("=").Append(target, value)
	case f.Pointer:
		g.Id("x").Op(":=").Add(value)
		g.Add(target).Op("=").Op("&").Id("x")
	default:
		g.Add(target).Op("=").Add(value)
	}
}

// grow makes room for all items at the first one: for as many as there are events of the
// kind that gives them, or for all events that are left when several kinds do.
func (w *builder) grow(g *jen.Group, f bind.Field) {
	if f.Name == listField || slices.ContainsFunc(f.Sources, func(s bind.Source) bool { return s.Rule == "" }) {
		return // made with its room; keywords, which are few and small
	}
	room := jen.Id("p").Dot("rest").Call(jen.Id("e"), jen.Id("end"))
	if len(f.Sources) == 1 {
		room = jen.Id("p").Dot("count").Call(jen.Id("e"), jen.Id("end"), jen.Id(ruleKind(f.Sources[0].Rule)))
	}
	t := w.m.fieldType(f)
	g.If(jen.Id("v").Dot(f.Name).Op("==").Nil()).Block(
		jen.Id("v").Dot(f.Name).Op("=").Make(t.code(w.m.target.path()), jen.Lit(0), room))
}

func sorted(set map[string]bool) []string {
	var list []string
	for k := range set {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}
