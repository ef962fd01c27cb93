package emit

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/dragoman-mail/dragoman/gen/bind"
)

// shape says how a Go type is made from an event.
type shape uint8

const (
	shapeLeaf   shape = iota // p.decode(k)
	shapeStruct              // p.fillX(k, &v)
	shapeUnion               // p.makeX(k)
	shapeList                // p.makeX(k), a slice
)

// goType is the Go type of a rule or field: Name without package and "[]" or "*".
type goType struct {
	Name    string
	Slice   bool
	Pointer bool
	shape   shape
}

func parseType(s string) goType {
	var t goType
	if strings.HasPrefix(s, "[]") {
		t.Slice, s = true, s[2:]
	}
	if strings.HasPrefix(s, "*") {
		t.Pointer, s = true, s[1:]
	}
	t.Name = s
	return t
}

// code writes the type as it is called where the types are in the package at path; in that
// package itself, for which path is "", names are bare.
func (t goType) code(path string) *jen.Statement {
	s := jen.Null()
	if t.Slice {
		s.Index()
	}
	if t.Pointer {
		s.Op("*")
	}
	return s.Add(typeName(t.Name, path))
}

func typeName(name, path string) *jen.Statement {
	switch {
	case name == "time.Time":
		return jen.Qual("time", "Time")
	case name[0] >= 'a' && name[0] <= 'z', path == "":
		return jen.Id(name)
	}
	return jen.Qual(path, name)
}

// typeOf gives the Go type of a bound rule.
func (m *model) typeOf(rule string) goType {
	b := m.bindings[rule]
	switch {
	case b.Leaf != nil:
		return parseType(b.Leaf.Type)
	case b.Struct != nil:
		return goType{Name: b.Struct.Name, shape: shapeStruct}
	case b.Union != nil:
		return goType{Name: b.Union.Name, shape: shapeUnion}
	}
	t := m.itemType(b.List)
	t.Slice, t.shape = true, shapeList
	return t
}

// itemType gives the type of a list's items.
func (m *model) itemType(l *bind.List) goType {
	if l.Struct != nil {
		return goType{Name: l.Struct.Name, shape: shapeStruct}
	}
	return m.fieldType(bind.Field{Sources: l.Item.Sources, As: l.Item.As})
}

// fieldType gives the type of a field.
func (m *model) fieldType(f bind.Field) goType {
	if f.Flag != "" {
		return goType{Name: "bool"}
	}
	if f.Unset != "" {
		return parseType(f.Unset)
	}
	var t goType
	src := f.Sources[0]
	switch {
	case f.As != nil:
		t = parseType(f.As.Type)
	case src.Enum != "":
		t = goType{Name: src.Enum}
	case src.Literal != "":
		t = goType{Name: "string"}
	default:
		t = m.typeOf(src.Rule)
	}
	if f.List {
		t.Slice = true
	}
	if f.Pointer {
		t.Pointer = true
	}
	return t
}
