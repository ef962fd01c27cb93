package schema

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"
)

// emitStruct writes the type, its encoder and its decoder.
func (s *schema) emitStruct(f *jen.File, st *structure) {
	s.emitType(f, st)
	if st.hasBits() {
		emitProperties(f, st)
	}
	s.emitDefaults(f, st)
	if st.method != "" {
		emitMethod(f, st)
	}
	s.emitEncoder(f, st)
	s.emitDecoder(f, st)
}

// hasBits reports whether values know which properties they have.
func (st *structure) hasBits() bool { return st.mode == modeRecord || st.mode == modeFilter }

// pointer reports whether values are passed as pointers.
func (st *structure) pointer() bool { return st.mode != modeObject }

func (st *structure) source() string {
	return fmt.Sprintf("RFC %s section %s", st.decl.File.RFC, st.decl.Section)
}

func (s *schema) emitType(f *jen.File, st *structure) {
	doc := st.doc
	if doc == "" && st.mode == modeFilter {
		doc = "is the FilterCondition of " + st.decl.Of + "/query"
	}
	f.Line().Comment(fmt.Sprintf("%s %s (%s).", st.name, doc, st.source()))
	f.Type().Id(st.name).StructFunc(func(g *jen.Group) {
		if st.hasBits() {
			g.Id("Has").Id(st.propertySet()).Comment("what was there when it was decoded; what to write though it is zero")
		}
		for _, fl := range st.fields {
			g.Id(fl.goName).Add(s.fieldType(fl)).Comment(fl.remark())
			if fl.ref {
				g.Id(fl.goName + "Ref").Op("*").Id("ResultReference").Comment("in place of " + fl.goName)
			}
		}
		if st.headers {
			g.Id("HeaderFields").Id("HeaderFields").Comment("header:… properties (RFC 8621 section 4.1.3)")
		}
		if st.mode == modeRecord {
			g.Id("Invalid").Index().String().Comment("properties whose value had the wrong type when it was decoded")
		}
		if st.open {
			g.Id("Extra").Add(rawMap()).Comment("what the schema does not define")
		}
	})
}

func rawMap() *jen.Statement {
	return jen.Map(jen.String()).Qual("encoding/json", "RawMessage")
}

func (s *schema) fieldType(fl *field) *jen.Statement {
	if fl.boxed {
		return jen.Op("*").Add(s.goType(fl.Type))
	}
	return s.goType(fl.Type)
}

// remark is the property as the RFC writes it: type and modifiers.
func (fl *field) remark() string {
	parts := []string{}
	for _, m := range fl.Modifiers {
		switch m.Name {
		case "immutable", "server-set", "optional":
			parts = append(parts, m.Name)
		case "default":
			parts = append(parts, "default: "+m.Value)
		}
	}
	text := fl.Name + ": " + fl.Type.String()
	if len(parts) > 0 {
		text += " (" + strings.Join(parts, "; ") + ")"
	}
	return text
}

// emitDefaults writes an accessor for each Boolean that is true unless said otherwise.
func (s *schema) emitDefaults(f *jen.File, st *structure) {
	for _, fl := range st.fields {
		if value, _ := fl.Modifier("default"); value != "true" {
			continue
		}
		name := strings.TrimPrefix(fl.goName, "Is")
		f.Line().Comment(fmt.Sprintf("%s returns %s, true when it is not given.", name, fl.Name))
		f.Func().Params(jen.Id("x").Id(st.name)).Id(name).Params().Bool().Block(
			jen.Return(jen.Id("x").Dot(fl.goName).Op("==").Nil().Op("||").Op("*").Id("x").Dot(fl.goName)),
		)
	}
}

func emitMethod(f *jen.File, st *structure) {
	f.Line().Comment(fmt.Sprintf("Method returns %q.", st.method))
	f.Func().Params(jen.Op("*").Id(st.name)).Id("Method").Params().String().Block(jen.Return(jen.Lit(st.method)))
	if st.response == "" {
		return
	}
	f.Line().Comment("NewResponse returns an empty response, to decode into.")
	f.Func().Params(jen.Op("*").Id(st.name)).Id("NewResponse").Params().Op("*").Id(st.response).
		Block(jen.Return(jen.New(jen.Id(st.response))))
}
