package schema

import (
	"fmt"

	"github.com/dave/jennifer/jen"
)

// emitFilter writes the interface that conditions and operators share, and the operator.
func (s *schema) emitFilter(f *jen.File, d *Decl) {
	filter, condition, operator := d.Of+"Filter", d.Name, d.Of+"FilterOperator"
	mark := "is" + filter
	f.Line().Comment(fmt.Sprintf("%s is a *%s or a *%s (RFC 8620 section 5.5).", filter, condition, operator))
	f.Type().Id(filter).Interface(
		jen.Id("AppendJSON").Params(jen.Id("b").Index().Byte()).Index().Byte(),
		jen.Id(mark).Params(),
	)
	f.Line().Comment(fmt.Sprintf("%s joins conditions (RFC 8620 section 5.5).", operator))
	f.Type().Id(operator).Struct(
		jen.Id("Operator").Id("FilterOperatorType"),
		jen.Id("Conditions").Index().Id(filter),
	)
	f.Func().Params(jen.Op("*").Id(condition)).Id(mark).Params().Block()
	f.Func().Params(jen.Op("*").Id(operator)).Id(mark).Params().Block()
	list := &Type{Of: &Type{Name: filter}}
	f.Line().Comment("AppendJSON appends the JSON object to b.")
	f.Func().Params(jen.Id("x").Op("*").Id(operator)).Id("AppendJSON").Params(jen.Id("b").Index().Byte()).Index().Byte().Block(
		jen.Id("b").Op("=").Id("appendString").Call(jen.Append(jen.Id("b"), jen.Lit(`{"operator":`).Op("...")), jen.Id("x").Dot("Operator")),
		jen.Id("b").Op("=").Add(s.encode(list, jen.Id("appendName").Call(jen.Id("b"), jen.Lit(`"conditions":`)), jen.Id("x").Dot("Conditions"))),
		jen.Return(jen.Append(jen.Id("b"), jen.LitRune('}'))),
	)
	f.Line().Comment("MarshalJSON returns what AppendJSON appends.")
	f.Func().Params(jen.Id("x").Op("*").Id(operator)).Id("MarshalJSON").Params().Params(jen.Index().Byte(), jen.Error()).Block(
		jen.Return(jen.Id("x").Dot("AppendJSON").Call(jen.Nil()), jen.Nil()),
	)
	f.Line().Comment(fmt.Sprintf("append%s writes a filter; none is null.", filter))
	f.Func().Id("append"+filter).Params(jen.Id("b").Index().Byte(), jen.Id("v").Id(filter)).Index().Byte().Block(
		jen.If(jen.Id("v").Op("==").Nil()).Block(jen.Return(jen.Id("appendNull").Call(jen.Id("b")))),
		jen.Return(jen.Id("v").Dot("AppendJSON").Call(jen.Id("b"))),
	)
	f.Line().Comment(fmt.Sprintf("Parse%s reads a condition or an operator with all below it.", filter))
	f.Func().Id("Parse"+filter).Params(jen.Id("data").Index().Byte()).Params(jen.Id("v").Id(filter), jen.Id("err").Error()).Block(
		jen.Id("err").Op("=").Id("unmarshalWith").Call(jen.Id("data"), readerErr().Block(
			jen.List(jen.Id("v"), jen.Id("err")).Op("=").Id("decode"+filter).Call(jen.Id("r")),
			jen.Return(jen.Id("err")),
		)),
		jen.Return(jen.Id("v"), jen.Id("err")),
	)
	s.emitFilterDecoder(f, d, list)
}

func readerErr() *jen.Statement {
	return jen.Func().Params(jen.Id("r").Op("*").Id("reader")).Params(jen.Id("err").Error())
}

// emitFilterDecoder writes the function that tells an operator from a condition in one pass: it reads
// into both, and then looks which it was.
//
//	func decodeEmailFilter(r *reader) (EmailFilter, error) {
//		condition, operator := new(EmailFilterCondition), new(EmailFilterOperator)
//		err := r.object(func(key []byte) (err error) {
//			switch string(key) {
//			case "operator":
//				operator.Operator, err = decodeFilterOperatorType(r)
//			case "conditions":
//				operator.Conditions, err = decodeList(r, decodeEmailFilter)
//			default:
//				return condition.property(r, key)
//			}
//			…
//		})
//		…
//	}
func (s *schema) emitFilterDecoder(f *jen.File, d *Decl, list *Type) {
	filter, operator := d.Of+"Filter", d.Of+"FilterOperator"
	f.Line().Func().Id("decode"+filter).Params(jen.Id("r").Op("*").Id("reader")).Params(jen.Id(filter), jen.Error()).Block(
		jen.List(jen.Id("condition"), jen.Id("operator")).Op(":=").List(jen.New(jen.Id(d.Name)), jen.New(jen.Id(operator))),
		jen.Id("err").Op(":=").Id("r").Dot("object").Call(
			jen.Func().Params(jen.Id("key").Index().Byte()).Params(jen.Id("err").Error()).Block(
				jen.Switch(jen.String().Call(jen.Id("key"))).Block(
					jen.Case(jen.Lit("operator")).Block(jen.List(jen.Id("operator").Dot("Operator"), jen.Id("err")).Op("=").Id("decodeFilterOperatorType").Call(jen.Id("r"))),
					jen.Case(jen.Lit("conditions")).Block(jen.List(jen.Id("operator").Dot("Conditions"), jen.Id("err")).Op("=").Add(s.decode(list))),
					jen.Default().Block(jen.Return(jen.Id("condition").Dot("property").Call(jen.Id("r"), jen.Id("key")))),
				),
				jen.If(jen.Id("err").Op("!=").Nil()).Block(jen.Return(jen.Id("in").Call(jen.String().Call(jen.Id("key")), jen.Id("err")))),
				jen.Return(jen.Nil()),
			)),
		jen.If(jen.Id("err").Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Id("err"))),
		jen.If(jen.Id("operator").Dot("Operator").Op("==").Lit("").Op("&&").Id("operator").Dot("Conditions").Op("==").Nil()).Block(
			jen.Return(jen.Id("condition"), jen.Nil()),
		),
		jen.Id("others").Op(":=").Id("condition").Dot("Has").Op("!=").Lit(0).Op("||").Len(jen.Id("condition").Dot("Extra")).Op(">").Lit(0),
		jen.If(
			jen.Id("err").Op(":=").Id("checkFilterOperator").Call(jen.Id("operator").Dot("Operator"), jen.Id("operator").Dot("Conditions").Op("!=").Nil(), jen.Id("others")),
			jen.Id("err").Op("!=").Nil(),
		).Block(jen.Return(jen.Nil(), jen.Id("err"))),
		jen.Return(jen.Id("operator"), jen.Nil()),
	)
}
