package schema

import (
	"fmt"

	"github.com/dave/jennifer/jen"
)

// propertySet is the name of the type that holds a set of the properties.
func (st *structure) propertySet() string { return st.name + "Properties" }

// emitProperties writes the set type, one bit per property, and what selects by it.
//
//	type EmailProperties uint64
//	const (
//		EmailPropertyID EmailProperties = 1 << iota
//		EmailPropertyBlobID
//	)
//	var namesEmailProperties = [...]string{"id", "blobId"}
func emitProperties(f *jen.File, st *structure) {
	set := st.propertySet()
	f.Line().Comment(fmt.Sprintf("%s is a set of properties of %s.", set, st.name))
	f.Type().Id(set).Uint64()
	f.Line().Comment(fmt.Sprintf("The properties of %s (%s).", st.name, st.source()))
	f.Const().DefsFunc(func(g *jen.Group) {
		for i, fl := range st.fields {
			if i == 0 {
				g.Id(fl.bit).Id(set).Op("=").Lit(1).Op("<<").Iota()
			} else {
				g.Id(fl.bit)
			}
		}
	})
	emitPropertyGroups(f, st)
	names := "names" + set
	f.Var().Id(names).Op("=").Index(jen.Op("...")).String().ValuesFunc(func(g *jen.Group) {
		for _, fl := range st.fields {
			g.Lit(fl.Name)
		}
	})
	f.Line().Comment("Names returns the names of the properties, in the order of the schema.")
	f.Func().Params(jen.Id("p").Id(set)).Id("Names").Params().Index().String().Block(
		jen.Return(jen.Id("propertyNames").Call(jen.Uint64().Call(jen.Id("p")), jen.Id(names).Index(jen.Op(":")))),
	)
	f.Line().Comment(fmt.Sprintf("Parse%s returns the set of the named properties, and the names that are none.", set))
	f.Func().Id("Parse"+set).Params(jen.Id("names").Index().String()).Params(jen.Id(set), jen.Index().String()).Block(
		jen.List(jen.Id("p"), jen.Id("others")).Op(":=").Id("parseProperties").Call(jen.Id("names"), jen.Id(names).Index(jen.Op(":"))),
		jen.Return(jen.Id(set).Call(jen.Id("p")), jen.Id("others")),
	)
	emitSelect(f, st)
}

// emitPropertyGroups writes the sets that the schema's modifiers make.
func emitPropertyGroups(f *jen.File, st *structure) {
	group := func(suffix, what string, in func(*field) bool) {
		var list []*field
		for _, fl := range st.fields {
			if in(fl) {
				list = append(list, fl)
			}
		}
		if len(list) == 0 {
			return
		}
		f.Line().Comment(fmt.Sprintf("%s%s is the set of "+what+".", st.name, suffix, st.name))
		f.Const().Id(st.name + suffix).Op("=").Do(func(s *jen.Statement) {
			for i, fl := range list {
				if i > 0 {
					s.Op("|")
				}
				s.Id(fl.bit)
			}
		})
	}
	group("All", "all properties of %s", func(*field) bool { return true })
	group("ServerSet", "the properties of %s that only the server sets", func(fl *field) bool { return fl.Has("server-set") })
	group("Immutable", "the properties of %s that never change", func(fl *field) bool { return fl.Has("immutable") })
}

// emitSelect writes Select: a copy that has those properties only.
//
//	func (x *Email) Select(p EmailProperties) *Email {
//		y := &Email{Has: p, HeaderFields: x.HeaderFields, Extra: x.Extra}
//		if p&EmailPropertyID != 0 {
//			y.ID = x.ID
//		}
//		return y
//	}
func emitSelect(f *jen.File, st *structure) {
	f.Line().Comment("Select returns a shallow copy that has exactly the properties of the set, as a response to /get has that").
		Line().Comment("was asked for some. What is kept beside the properties of the schema is copied too.")
	f.Func().Params(jen.Id("x").Op("*").Id(st.name)).Id("Select").Params(jen.Id("p").Id(st.propertySet())).Op("*").Id(st.name).BlockFunc(func(g *jen.Group) {
		g.Id("y").Op(":=").Op("&").Id(st.name).ValuesFunc(func(v *jen.Group) {
			v.Id("Has").Op(":").Id("p")
			if st.headers {
				v.Id("HeaderFields").Op(":").Id("x").Dot("HeaderFields")
			}
			v.Id("Extra").Op(":").Id("x").Dot("Extra")
		})
		for _, fl := range st.fields {
			g.If(jen.Id("p").Op("&").Id(fl.bit).Op("!=").Lit(0)).Block(
				jen.Id("y").Dot(fl.goName).Op("=").Id("x").Dot(fl.goName),
			)
		}
		g.Return(jen.Id("y"))
	})
}
