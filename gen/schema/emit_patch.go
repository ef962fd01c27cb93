package schema

import (
	"fmt"

	"github.com/dave/jennifer/jen"
)

// emitPatch writes the typed patch builder of a record.
//
//	type EmailPatch struct{ Patch }
//
//	func (p *EmailPatch) SetKeyword(key string, on bool) *EmailPatch {
//		p.setMember("keywords", string(key), on)
//		return p
//	}
func (s *schema) emitPatch(f *jen.File, st *structure) {
	name := st.name + "Patch"
	f.Line().Comment(fmt.Sprintf("%s changes some properties of a record of type %s (RFC 8620 section 5.3).", name, st.name))
	f.Type().Id(name).Struct(jen.Id("Patch"))
	f.Line().Comment(fmt.Sprintf("New%s returns a patch that changes nothing yet.", name))
	f.Func().Id("New" + name).Params().Op("*").Id(name).Block(jen.Return(jen.Op("&").Id(name).Values(jen.Id("Patch").Values())))
	f.Line().Comment("AppendJSON appends the patch to b, in the order of the paths.")
	f.Func().Params(jen.Id("p").Op("*").Id(name)).Id("AppendJSON").Params(jen.Id("b").Index().Byte()).Index().Byte().Block(
		jen.If(jen.Id("p").Op("==").Nil()).Block(jen.Return(jen.Id("appendNull").Call(jen.Id("b")))),
		jen.Return(jen.Id("p").Dot("Patch").Dot("AppendJSON").Call(jen.Id("b"))),
	)
	f.Line().Func().Id("decode"+name).Params(jen.Id("r").Op("*").Id("reader")).Params(jen.Op("*").Id(name), jen.Error()).Block(
		jen.List(jen.Id("p"), jen.Id("err")).Op(":=").Id("decodePatch").Call(jen.Id("r")),
		jen.If(jen.Id("err").Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Id("err"))),
		jen.Return(jen.Op("&").Id(name).Values(jen.Id("p")), jen.Nil()),
	)
	for _, fl := range st.fields {
		if fl.Has("immutable") || fl.Has("server-set") {
			continue
		}
		s.emitSetter(f, name, fl)
	}
}

func (s *schema) emitSetter(f *jen.File, name string, fl *field) {
	receiver := jen.Id("p").Op("*").Id(name)
	f.Line().Comment(fmt.Sprintf("Set%s replaces %s.", fl.goName, fl.Name))
	f.Func().Params(receiver).Id("Set"+fl.goName).Params(jen.Id("v").Add(s.fieldType(fl))).Op("*").Id(name).Block(
		jen.Id("p").Dot("set").Call(jen.Lit(fl.Name), s.encode(s.boxedType(fl), jen.Nil(), jen.Id("v"))),
		jen.Return(jen.Id("p")),
	)
	each, ok := fl.Modifier("each")
	if !ok {
		return
	}
	f.Line().Comment(fmt.Sprintf("Set%s puts one entry into %s or takes it out.", each, fl.Name))
	f.Func().Params(receiver.Clone()).Id("Set"+each).Params(jen.Id("key").Add(s.goType(fl.Type.Key)), jen.Id("on").Bool()).Op("*").Id(name).Block(
		jen.Id("p").Dot("setMember").Call(jen.Lit(fl.Name), jen.String().Call(jen.Id("key")), jen.Id("on")),
		jen.Return(jen.Id("p")),
	)
}
