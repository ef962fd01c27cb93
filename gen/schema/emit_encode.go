package schema

import (
	"github.com/dave/jennifer/jen"
)

// emitEncoder writes AppendJSON and MarshalJSON.
//
//	func (x *Email) AppendJSON(b []byte) []byte {
//		if x == nil {
//			return appendNull(b)
//		}
//		b = append(b, '{')
//		… the fields …
//		b = appendMembers(b, x.Extra)
//		return append(b, '}')
//	}
func (s *schema) emitEncoder(f *jen.File, st *structure) {
	receiver := func() *jen.Statement {
		if st.pointer() {
			return jen.Id("x").Op("*").Id(st.name)
		}
		return jen.Id("x").Id(st.name)
	}
	f.Line().Comment("AppendJSON appends the JSON object to b, maps in the order of their keys.")
	f.Func().Params(receiver()).Id("AppendJSON").Params(jen.Id("b").Index().Byte()).Index().Byte().BlockFunc(func(g *jen.Group) {
		if st.pointer() {
			g.If(jen.Id("x").Op("==").Nil()).Block(jen.Return(jen.Id("appendNull").Call(jen.Id("b"))))
		}
		g.Id("b").Op("=").Append(jen.Id("b"), jen.LitRune('{'))
		for _, fl := range st.fields {
			s.encodeField(g, st, fl)
		}
		if st.headers {
			g.Id("b").Op("=").Id("appendMembers").Call(jen.Id("b"), jen.Id("x").Dot("HeaderFields"))
		}
		if st.open {
			g.Id("b").Op("=").Id("appendMembers").Call(jen.Id("b"), jen.Id("x").Dot("Extra"))
		}
		g.Return(jen.Append(jen.Id("b"), jen.LitRune('}')))
	})
	f.Line().Comment("MarshalJSON returns what AppendJSON appends.")
	f.Func().Params(receiver()).Id("MarshalJSON").Params().Params(jen.Index().Byte(), jen.Error()).Block(
		jen.Return(jen.Id("x").Dot("AppendJSON").Call(jen.Nil()), jen.Nil()),
	)
}

// encodeField writes one field: always, or under a condition, or a reference in its place.
//
//	if x.IDsRef != nil {
//		b = x.IDsRef.appendJSON(appendName(b, `"#ids":`))
//	} else if x.IDs != nil {
//		b = appendList(appendName(b, `"ids":`), x.IDs, appendString)
//	}
func (s *schema) encodeField(g *jen.Group, st *structure, fl *field) {
	value := jen.Id("x").Dot(fl.goName)
	write := func(name string, t *Type, v jen.Code) jen.Code {
		key := jen.Id("appendName").Call(jen.Id("b"), jen.Lit(`"`+name+`":`))
		switch is, fixed := fl.Modifier("is"); {
		case fixed:
			v = jen.Id("orDefault").Call(v, jen.Lit(is))
		case st.mode == modeRecord && isScalar(t, "Id"):
			return jen.Id("b").Op("=").Id("appendIDOrNull").Call(key, v)
		}
		return jen.Id("b").Op("=").Add(s.encode(t, key, v))
	}
	plain := s.boxedType(fl)
	body := write(fl.Name, plain, value)
	var cond *jen.Statement
	switch {
	case fl.bit != "":
		cond = jen.Id("x").Dot("Has").Op("&").Id(fl.bit).Op("!=").Lit(0).Op("||").Add(s.nonZero(fl))
	case !fl.always:
		cond = s.nonZero(fl)
	}
	switch {
	case fl.ref:
		ref := jen.Id("x").Dot(fl.goName + "Ref")
		key := jen.Id("appendName").Call(jen.Id("b"), jen.Lit(`"#`+fl.Name+`":`))
		byRef := jen.If(ref.Clone().Op("!=").Nil()).Block(jen.Id("b").Op("=").Add(ref.Clone()).Dot("appendJSON").Call(key)).Else()
		if cond != nil {
			g.Add(byRef.If(cond).Block(body))
		} else {
			g.Add(byRef.Block(body))
		}
	case cond != nil:
		g.If(cond).Block(body)
	default:
		g.Add(body)
	}
}

// boxedType is the type of the field as it is in Go: nullable when the field is a pointer.
func (s *schema) boxedType(fl *field) *Type {
	if !fl.boxed {
		return fl.Type
	}
	t := *fl.Type
	t.Nullable = true
	return &t
}

// nonZero is true when the field has a value.
func (s *schema) nonZero(fl *field) *jen.Statement {
	value := jen.Id("x").Dot(fl.goName)
	t := fl.Type
	if fl.boxed || t.Of != nil || t.Nullable || s.isReference(t.Name) {
		return value.Op("!=").Nil()
	}
	switch sc := scalars[t.Name]; sc.zero {
	case "":
		return jen.Op("!").Add(value).Dot("IsZero").Call()
	case "false":
		return value
	default:
		return value.Op("!=").Id(sc.zero)
	}
}
