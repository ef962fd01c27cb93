package schema

import (
	"github.com/dave/jennifer/jen"
)

// emitDecoder writes UnmarshalJSON, the function that decodes a value, and the method that decodes one
// property.
func (s *schema) emitDecoder(f *jen.File, st *structure) {
	f.Line().Comment("UnmarshalJSON reads a JSON object.")
	f.Func().Params(jen.Id("x").Op("*").Id(st.name)).Id("UnmarshalJSON").Params(jen.Id("data").Index().Byte()).Error().Block(
		jen.Op("*").Id("x").Op("=").Id(st.name).Values(),
		jen.Return(jen.Id("unmarshalWith").Call(jen.Id("data"), jen.Id("x").Dot("decode"))),
	)
	if s.nested[st.name] {
		emitDecodeValue(f, st)
	}
	s.emitDecodeObject(f, st)
	s.emitDecodeProperty(f, st)
}

func emitDecodeValue(f *jen.File, st *structure) {
	result := jen.Id(st.name)
	if st.pointer() {
		result = jen.Op("*").Id(st.name)
	}
	f.Line().Func().Id("decode"+st.name).Params(jen.Id("r").Op("*").Id("reader")).Params(result, jen.Error()).BlockFunc(func(g *jen.Group) {
		if !st.pointer() {
			g.Var().Id("x").Id(st.name)
			g.Id("err").Op(":=").Id("x").Dot("decode").Call(jen.Id("r"))
			g.Return(jen.Id("x"), jen.Id("err"))
			return
		}
		g.Id("x").Op(":=").New(jen.Id(st.name))
		g.If(jen.Id("err").Op(":=").Id("x").Dot("decode").Call(jen.Id("r")), jen.Id("err").Op("!=").Nil()).Block(
			jen.Return(jen.Nil(), jen.Id("err")),
		)
		g.Return(jen.Id("x"), jen.Nil())
	})
}

// emitDecodeObject writes decode, which reads the whole object.
//
//	func (x *EmailGet) decode(r *reader) error {
//		var seen [1]bool
//		err := r.object(func(key []byte) error {
//			… seen[0] = true, when key is "accountId" …
//			return x.property(r, key)
//		})
//		if err != nil {
//			return err
//		}
//		return checkMissing(seen[:], []string{"accountId"})
//	}
func (s *schema) emitDecodeObject(f *jen.File, st *structure) {
	var required []*field
	for _, fl := range st.fields {
		if fl.missing {
			required = append(required, fl)
		}
	}
	call := jen.Id("x").Dot("property").Call(jen.Id("r"), jen.Id("key"))
	f.Line().Func().Params(jen.Id("x").Op("*").Id(st.name)).Id("decode").Params(jen.Id("r").Op("*").Id("reader")).Error().BlockFunc(func(g *jen.Group) {
		if st.mode == modeObject || st.mode == modeResponse {
			g.If(jen.Id("r").Dot("null").Call()).Block(jen.Return(jen.Nil()))
		}
		each := jen.Func().Params(jen.Id("key").Index().Byte()).Error()
		if len(required) == 0 {
			g.Return(jen.Id("r").Dot("object").Call(each.Block(jen.Return(call))))
			return
		}
		g.Var().Id("seen").Index(jen.Lit(len(required))).Bool()
		g.Id("err").Op(":=").Id("r").Dot("object").Call(each.Block(
			jen.Switch(jen.String().Call(jen.Id("key"))).BlockFunc(func(sw *jen.Group) {
				for i, fl := range required {
					names := []jen.Code{jen.Lit(fl.Name)}
					if fl.ref {
						names = append(names, jen.Lit("#"+fl.Name))
					}
					sw.Case(names...).Block(jen.Id("seen").Index(jen.Lit(i)).Op("=").True())
				}
			}),
			jen.Return(call),
		))
		g.If(jen.Id("err").Op("!=").Nil()).Block(jen.Return(jen.Id("err")))
		names := jen.Index().String().ValuesFunc(func(v *jen.Group) {
			for _, fl := range required {
				v.Lit(fl.Name)
			}
		})
		g.Return(jen.Id("checkMissing").Call(jen.Id("seen").Index(jen.Op(":")), names))
	})
}

// emitDecodeProperty writes property, which reads the value of one.
//
//	func (x *Email) property(r *reader, key []byte) (err error) {
//		r.next()
//		start := r.pos
//		var has EmailProperties
//		switch string(key) {
//		case "size":
//			x.Size, err = r.uint()
//			has = EmailPropertySize
//		default:
//			… keep it in Extra …
//		}
//		if err != nil {
//			x.Invalid = append(x.Invalid, string(key))
//			r.pos = start
//			return r.skip()
//		}
//		x.Has |= has
//		return nil
//	}
func (s *schema) emitDecodeProperty(f *jen.File, st *structure) {
	f.Line().Func().Params(jen.Id("x").Op("*").Id(st.name)).Id("property").Params(jen.Id("r").Op("*").Id("reader"), jen.Id("key").Index().Byte()).Params(jen.Id("err").Error()).BlockFunc(func(g *jen.Group) {
		if len(st.fields) == 0 {
			g.List(jen.Id("x").Dot("Extra"), jen.Id("err")).Op("=").Id("r").Dot("keep").Call(jen.Id("x").Dot("Extra"), jen.String().Call(jen.Id("key")))
			g.Return(jen.Id("err"))
			return
		}
		if st.mode == modeObject || st.mode == modeResponse {
			s.lenient(g, st)
		}
		if st.mode == modeRecord {
			g.Id("r").Dot("next").Call()
			g.Id("start").Op(":=").Id("r").Dot("pos")
		}
		if st.hasBits() {
			g.Var().Id("has").Id(st.propertySet())
		}
		g.Switch(jen.String().Call(jen.Id("key"))).BlockFunc(func(sw *jen.Group) {
			for _, fl := range st.fields {
				s.decodeField(sw, st, fl)
			}
			sw.Default().BlockFunc(func(d *jen.Group) { unknown(d, st) })
		})
		finish(g, st)
	})
}

// lenient takes a null where there should be none: servers send some (jmap-servers.md).
func (s *schema) lenient(g *jen.Group, st *structure) {
	var names []jen.Code
	for _, fl := range st.fields {
		names = append(names, jen.Lit(fl.Name))
	}
	g.If(jen.Id("r").Dot("next").Call().Op("==").LitRune('n')).Block(
		jen.Switch(jen.String().Call(jen.Id("key"))).Block(
			jen.Case(names...).Block(jen.If(jen.Id("r").Dot("null").Call()).Block(jen.Return(jen.Nil()))),
		),
	)
}

func (s *schema) decodeField(sw *jen.Group, st *structure, fl *field) {
	value := s.decode(fl.Type)
	if st.mode == modeRecord && isScalar(fl.Type, "Id", "UTCDate", "Date") {
		value = jen.Id("decodeOrNull").Call(jen.Id("r"), s.decoder(fl.Type)) // as they are in Email/parse
	}
	if is, fixed := fl.Modifier("is"); fixed {
		value = jen.Id("r").Dot("only").Call(jen.Lit(is))
	}
	if fl.boxed {
		value = jen.Id("decodePointer").Call(jen.Id("r"), s.decoder(fl.Type))
	}
	body := []jen.Code{jen.List(jen.Id("x").Dot(fl.goName), jen.Id("err")).Op("=").Add(value)}
	if fl.bit != "" {
		body = append(body, jen.Id("has").Op("=").Id(fl.bit))
	}
	sw.Case(jen.Lit(fl.Name)).Block(body...)
	if fl.ref {
		sw.Case(jen.Lit("#" + fl.Name)).Block(
			jen.List(jen.Id("x").Dot(fl.goName+"Ref"), jen.Id("err")).Op("=").Id("decodePointer").Call(jen.Id("r"), jen.Id("decodeResultReference")),
		)
	}
}

func unknown(g *jen.Group, st *structure) {
	if !st.open {
		g.Return(jen.Id("r").Dot("skip").Call())
		return
	}
	g.Id("name").Op(":=").String().Call(jen.Id("key"))
	keep := func(field string) *jen.Statement {
		return jen.List(jen.Id("x").Dot(field), jen.Id("err")).Op("=").Id("r").Dot("keep").Call(jen.Id("x").Dot(field), jen.Id("name"))
	}
	if st.headers {
		g.If(jen.Id("IsHeaderProperty").Call(jen.Id("name"))).Block(keep("HeaderFields"), jen.Return(jen.Id("err")))
	}
	g.Add(keep("Extra"))
	g.Return(jen.Id("err"))
}

// finish deals with a value of the wrong type: a record notes it, so that one bad property does not
// spoil the rest; elsewhere it is an error.
func finish(g *jen.Group, st *structure) {
	g.If(jen.Id("err").Op("!=").Nil()).BlockFunc(func(b *jen.Group) {
		if st.mode == modeRecord {
			b.Id("x").Dot("Invalid").Op("=").Append(jen.Id("x").Dot("Invalid"), jen.String().Call(jen.Id("key")))
			b.Id("r").Dot("pos").Op("=").Id("start")
			b.Return(jen.Id("r").Dot("skip").Call())
			return
		}
		b.Return(jen.Id("in").Call(jen.String().Call(jen.Id("key")), jen.Id("err")))
	})
	if st.hasBits() {
		g.Id("x").Dot("Has").Op("|=").Id("has")
	}
	g.Return(jen.Nil())
}
