package emit

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/dragoman-mail/dragoman/gen/bind"
)

// types collects the Go types that the bindings declare.
type types struct {
	m       *model
	structs map[string]*structType
	unions  map[string]*unionType
	order   []string // names of structs, unions and enums as first met
}

type structType struct {
	name, doc, union string
	line             int
	rules            []string // the rules it is made of
	cases            []caseOf // the unions that it is one case of
	fields           []fieldType
}

// caseOf says of a struct which case of the union of which rule it is.
type caseOf struct {
	rule string
	c    *bind.Case
}

type fieldType struct {
	name, doc string
	typ       goType
}

type unionType struct {
	name    string
	members []string
	rules   []string
}

func (m *model) types() (*types, error) {
	t := &types{m: m, structs: map[string]*structType{}, unions: map[string]*unionType{}}
	for _, b := range m.file.Bindings {
		if err := t.binding(b); err != nil {
			return nil, err
		}
	}
	for _, e := range m.file.Enums {
		t.enum(e)
	}
	for _, b := range m.file.Bindings {
		if b.Union != nil && b.Union.Set != "" {
			t.setField(b.Union)
		}
	}
	return t, t.checkDocs()
}

func (t *types) binding(b *bind.Binding) error {
	if u := b.Union; u != nil {
		t.unionType(u.Name).rules = append(t.unionType(u.Name).rules, b.Rule)
		for i := range u.Cases {
			c := &u.Cases[i]
			if c.Fields == nil {
				continue
			}
			if err := t.add(c, u.Name, b); err != nil {
				return err
			}
		}
		return nil
	}
	for _, c := range cases(b) {
		if c.Doc == "" {
			c.Doc = b.Doc
		}
		if err := t.add(c, c.Union, b); err != nil {
			return err
		}
	}
	return nil
}

func (t *types) unionType(name string) *unionType {
	if t.unions[name] == nil {
		t.unions[name] = &unionType{name: name}
		t.order = append(t.order, name)
	}
	return t.unions[name]
}

func (t *types) member(union, name string) {
	if union == "" {
		return
	}
	if u := t.unionType(union); !slices.Contains(u.members, name) {
		u.members = append(u.members, name)
	}
}

// add adds a struct, or fields to a struct that other rules make as well.
func (t *types) add(c *bind.Case, union string, b *bind.Binding) error {
	s := t.structs[c.Name]
	if s == nil {
		s = &structType{name: c.Name, doc: c.Doc, union: union, line: b.Line}
		t.structs[c.Name] = s
		t.order = append(t.order, c.Name)
		t.member(union, c.Name)
	}
	if union != s.union {
		return t.m.errorf(b.Line, "struct %s belongs to %q and to %q", c.Name, s.union, union)
	}
	if s.doc == "" {
		s.doc = c.Doc
	}
	if b.Union != nil {
		s.cases = append(s.cases, caseOf{b.Rule, c})
	} else {
		s.rules = append(s.rules, b.Rule)
	}
	for _, f := range c.Fields {
		typ := t.m.fieldType(f)
		k := slices.IndexFunc(s.fields, func(have fieldType) bool { return have.name == f.Name })
		switch {
		case k < 0:
			s.fields = append(s.fields, fieldType{name: f.Name, doc: f.Doc, typ: typ})
		case s.fields[k].typ != typ:
			return t.m.errorf(f.Line, "field %s.%s has two types", c.Name, f.Name)
		}
	}
	return nil
}

func (t *types) enum(e *bind.Enum) {
	t.order = append(t.order, e.Name)
	t.member(e.Union, e.Name)
}

// setField gives the structs of a union with "set" their flag.
func (t *types) setField(u *bind.Union) {
	for i := range u.Cases {
		rule := u.Cases[i].Pass
		if rule == "" || t.m.bindings[rule].Struct == nil {
			continue
		}
		s := t.structs[t.m.bindings[rule].Struct.Name]
		f := fieldType{name: u.Set, doc: "the " + u.Set + " form of the command", typ: goType{Name: "bool"}}
		s.fields = append([]fieldType{f}, s.fields...)
	}
}

// checkDocs finds types without a doc comment.
func (t *types) checkDocs() error {
	for _, name := range t.order {
		if s := t.structs[name]; s != nil && s.doc == "" {
			return t.m.errorf(s.line, "struct %s has no comment", name)
		}
		if e := t.m.enums[name]; e != nil && e.Doc == "" {
			return t.m.errorf(e.Line, "enum %s has no comment", name)
		}
	}
	return nil
}

// write writes all types.
func (t *types) write(file *jen.File) {
	for _, name := range t.order {
		switch {
		case t.unions[name] != nil:
			t.writeUnion(file, t.unions[name])
		case t.structs[name] != nil:
			t.writeStruct(file, t.structs[name])
		default:
			t.writeEnum(file, t.m.enums[name])
		}
	}
}

func (t *types) writeStruct(file *jen.File, s *structType) {
	comment(file, s.doc)
	t.productions(file, s.rules)
	t.caseProductions(file, s)
	if needs := t.needs(s); needs != nil {
		file.Comment("//")
		comment(file, wrap("It needs "+strings.Join(needs, " or ")+"."))
	}
	file.Type().Id(s.name).StructFunc(func(g *jen.Group) {
		for _, f := range s.fields {
			field := g.Id(f.name).Add(f.typ.code(""))
			if f.doc != "" {
				field.Comment(f.doc)
			}
		}
	})
	if s.union != "" {
		file.Func().Params(jen.Op("*").Id(s.name)).Id(lowerFirst(s.union)).Params().Block()
	}
	file.Line()
}

func (t *types) writeUnion(file *jen.File, u *unionType) {
	var names []string
	for _, name := range u.members {
		if t.structs[name] != nil {
			name = "*" + name
		}
		names = append(names, name)
	}
	comment(file, wrap(u.name+" is one of "+strings.Join(names, ", ")+"."))
	t.productions(file, u.rules)
	file.Comment("//")
	file.Comment("//sumtype:decl")
	file.Type().Id(u.name).Interface(jen.Id(lowerFirst(u.name)).Params())
	file.Line()
}

func (t *types) writeEnum(file *jen.File, e *bind.Enum) {
	comment(file, e.Doc)
	file.Type().Id(e.Name).Uint8()
	file.Const().DefsFunc(func(g *jen.Group) {
		for i, c := range e.Consts {
			line := g.Id(c.Name)
			if i == 0 {
				line.Id(e.Name).Op("=").Iota()
			}
			switch {
			case c.Doc != "":
				line.Comment(c.Doc)
			case c.Text != "" && !strings.HasSuffix(strings.ToUpper(c.Name), strings.ToUpper(c.Text)):
				line.Comment(c.Text)
			case c.Text == "":
				line.Comment("no keyword")
			}
		}
	})
	if e.Union != "" {
		file.Func().Params(jen.Id(e.Name)).Id(lowerFirst(e.Union)).Params().Block()
	}
	names := "names" + e.Name
	file.Var().Id(names).Op("=").Index(jen.Op("...")).String().ValuesFunc(func(g *jen.Group) {
		for _, c := range e.Consts {
			g.Lit(c.Text)
		}
	})
	comment(file, "String gives the keyword as it is sent.")
	file.Func().Params(jen.Id("v").Id(e.Name)).Id("String").Params().String().Block(
		jen.If(jen.Int().Call(jen.Id("v")).Op(">=").Len(jen.Id(names))).Block(jen.Return(jen.Lit("?"))),
		jen.Return(jen.Id(names).Index(jen.Id("v"))))
	file.Line()
	t.writeNeeds(file, e)
}

// comment writes a doc comment line by line.
func comment(file *jen.File, text string) {
	for _, line := range strings.Split(text, "\n") {
		if line == "" {
			file.Comment("//")
			continue
		}
		file.Comment(line)
	}
}

// wrap breaks text into lines for a comment.
func wrap(text string) string {
	const width = 90
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(text) {
		if column > 0 && column+1+len(word) > width {
			b.WriteByte('\n')
			column = 0
		} else if column > 0 {
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}
