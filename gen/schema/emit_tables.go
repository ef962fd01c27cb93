package schema

import (
	"fmt"

	"github.com/dave/jennifer/jen"
)

// emitCapabilities writes the capability identifiers.
func (s *schema) emitCapabilities(f *jen.File) {
	f.Line().Comment("Capability identifiers, for the using property of a Request.")
	f.Const().DefsFunc(func(g *jen.Group) {
		for _, d := range s.decls {
			if d.Kind == kindCapability {
				g.Id("Capability" + d.Name).Op("=").Lit(d.URI).Comment(fmt.Sprintf("RFC %s section %s", d.File.RFC, d.Section))
			}
		}
	})
}

// emitErrorTypes writes the error types, each once, with the section that has it first.
func (s *schema) emitErrorTypes(f *jen.File) {
	for _, kind := range []string{"Request", "Method", "Set"} {
		seen := map[string]bool{}
		f.Line().Comment(fmt.Sprintf("Types of %sError.", kind))
		f.Const().DefsFunc(func(g *jen.Group) {
			for _, d := range s.decls {
				if d.Kind != kindErrors || d.Name != kind {
					continue
				}
				for _, e := range d.Errors {
					if !seen[e.Name] {
						g.Id(kind + "Error" + goName(e.Name)).Id(kind + "ErrorType").Op("=").Lit(e.Value).
							Comment(fmt.Sprintf("RFC %s section %s", d.File.RFC, d.Section))
					}
					seen[e.Name] = true
				}
			}
		})
	}
	f.Line().Comment("Error returns the type and the description.")
	f.Func().Params(jen.Id("x").Id("SetError")).Id("Error").Params().String().Block(
		jen.Return(jen.Id("describe").Call(jen.String().Call(jen.Id("x").Dot("Type")), jen.Id("x").Dot("Description"))),
	)
}

// emitMethods writes the table of methods.
func (s *schema) emitMethods(f *jen.File) {
	f.Line().Comment("NewMethod returns the empty arguments of the named method, to decode a call into.")
	f.Func().Id("NewMethod").Params(jen.Id("name").String()).Params(jen.Id("Method"), jen.Bool()).Block(
		jen.Switch(jen.Id("name")).BlockFunc(func(g *jen.Group) {
			for _, d := range s.methods() {
				g.Case(jen.Lit(d.Name)).Block(jen.Return(jen.New(jen.Id(methodTypeName(d.Name))), jen.True()))
			}
		}),
		jen.Return(jen.Nil(), jen.False()),
	)
	f.Line().Comment("MethodCapability returns the capability that a method belongs to, which a request must have in using.")
	f.Func().Id("MethodCapability").Params(jen.Id("name").String()).Params(jen.String(), jen.Bool()).Block(
		jen.Switch(jen.Id("name")).BlockFunc(func(g *jen.Group) {
			for _, d := range s.decls {
				if d.Kind == kindCapability {
					s.capabilityCase(g, d.Name)
				}
			}
		}),
		jen.Return(jen.Lit(""), jen.False()),
	)
}

func (s *schema) capabilityCase(g *jen.Group, capability string) {
	var names []jen.Code
	using := ""
	for _, d := range s.decls {
		switch {
		case d.Kind == kindUsing:
			using = d.Name
		case d.Kind == kindMethod && using == capability:
			names = append(names, jen.Lit(d.Name))
		}
	}
	if len(names) > 0 {
		g.Case(names...).Block(jen.Return(jen.Id("Capability"+capability), jen.True()))
	}
}

func (s *schema) methods() []*Decl {
	var list []*Decl
	for _, d := range s.decls {
		if d.Kind == kindMethod {
			list = append(list, d)
		}
	}
	return list
}
