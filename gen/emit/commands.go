package emit

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/dragoman-mail/dragoman/gen/bind"
	"github.com/dragoman-mail/dragoman/gen/peg"
)

func itoa(n int) string { return strconv.Itoa(n) }

// commandUnion is the interface of the command structs.
const commandUnion = "Command"

// command is one command struct.
type command struct {
	name   string // Go
	wire   string
	states string
	uid    bool     // has a UID form
	needs  []string // the capabilities of which it needs one; nil: it is always there
	doc    string
}

// commands lists the command structs in the order of the rules they are allowed by.
func (t *types) commands() []command {
	var list []command
	for _, s := range t.m.target.states {
		b := t.m.bindings[s.rule]
		if b == nil || b.Union == nil {
			continue
		}
		for _, c := range t.commandCases(b.Union) {
			if !slices.ContainsFunc(list, func(have command) bool { return have.name == c.name }) {
				c.states = s.states
				list = append(list, c)
			}
		}
	}
	return list
}

func (t *types) commandCases(u *bind.Union) []command {
	var list []command
	for i := range u.Cases {
		c := &u.Cases[i]
		switch {
		case c.Pass == "":
			list = append(list, t.command(c.Name, c.When[0], func(e peg.Expr) bool {
				l, ok := e.(*peg.Literal)
				return ok && strings.EqualFold(l.Text, c.When[0])
			}))
		case t.m.bindings[c.Pass].Struct != nil:
			list = append(list, t.command(t.m.bindings[c.Pass].Struct.Name, t.leading(c.Pass), refersTo(c.Pass)))
		case t.m.bindings[c.Pass].Union != nil:
			list = append(list, t.commandCases(t.m.bindings[c.Pass].Union)...)
		}
	}
	return list
}

func (t *types) command(name, wire string, is func(peg.Expr) bool) command {
	s := t.structs[name]
	return command{name: name, wire: wire, doc: s.doc, needs: t.m.commandGate(is), uid: slices.ContainsFunc(s.fields, func(f fieldType) bool { return f.name == "UID" })}
}

// leading gives the keyword that a rule begins with.
func (t *types) leading(rule string) string {
	word := ""
	peg.Walk(t.m.grammar.Rule(rule).Expr, func(e peg.Expr) {
		if l, ok := e.(*peg.Literal); ok && word == "" {
			word = l.Text
		}
	})
	return word
}

func (t *types) writeCommands(file *jen.File) {
	list := t.commands()
	ctx := jen.Id("ctx").Qual("context", "Context")
	method := func(c command) *jen.Statement {
		return jen.Id(c.name).Params(ctx.Clone(), jen.Id("c").Op("*").Id(c.name)).Error()
	}
	extended := slices.ContainsFunc(list, func(c command) bool { return c.needs != nil })
	if extended {
		comment(file, "Handler has one method per command that needs no extension; for the others a handler has the methods of\n"+
			"their interfaces, such as "+extension(list)+"Handler. A nil error means "+t.m.target.handled+".")
	} else {
		comment(file, "Handler has one method per command. A nil error means "+t.m.target.handled+".")
	}
	file.Type().Id("Handler").InterfaceFunc(func(g *jen.Group) {
		for _, c := range list {
			if c.needs == nil {
				g.Comment(c.doc)
				g.Add(method(c))
			}
		}
	})
	file.Line()
	for _, c := range list {
		if c.needs != nil {
			comment(file, wrap(c.name+"Handler is a Handler that has "+c.wire+", a command of "+strings.Join(c.needs, " or ")+"."))
			file.Type().Id(c.name+"Handler").Interface(jen.Comment(c.doc), method(c))
			file.Line()
		}
	}
	comment(file, "Dispatch calls the handler method of the command.")
	file.Func().Id("Dispatch").Params(ctx.Clone(), jen.Id("h").Id("Handler"), jen.Id("c").Id(commandUnion)).Error().Block(
		jen.Switch(jen.Id("c").Op(":=").Id("c").Assert(jen.Type())).BlockFunc(func(g *jen.Group) {
			for _, c := range list {
				call := func(h string) *jen.Statement {
					return jen.Return(jen.Id(h).Dot(c.name).Call(jen.Id("ctx"), jen.Id("c")))
				}
				if c.needs == nil {
					g.Case(jen.Op("*").Id(c.name)).Block(call("h"))
					continue
				}
				g.Case(jen.Op("*").Id(c.name)).Block(
					jen.If(jen.List(jen.Id("h"), jen.Id("ok")).Op(":=").Id("h").Assert(jen.Id(c.name+"Handler")), jen.Id("ok")).Block(call("h")))
			}
		}),
		jen.Return(jen.Qual("fmt", "Errorf").Call(jen.Lit("dispatching a command: no handler for %T"), jen.Id("c"))))
	file.Line()
	if extended {
		writeMissing(file, list)
	}
	writeCommandName(file, list, t.m.target.example)
	t.writeCommandStates(file, list)
}

// extension gives a command that needs an extension, as an example.
func extension(list []command) string {
	return list[slices.IndexFunc(list, func(c command) bool { return c.needs != nil })].name
}

// writeMissing writes the function that tells which commands of the extensions a handler lacks.
func writeMissing(file *jen.File, list []command) {
	comment(file, "Missing lists the commands of the features for which h has no method.")
	file.Func().Id("Missing").Params(jen.Id("h").Id("Handler"), jen.Id("on").Id("Features")).Params(jen.Id("names").Index().String()).BlockFunc(func(g *jen.Group) {
		for _, c := range list {
			if c.needs != nil {
				g.If(jen.List(jen.Id("_"), jen.Id("ok")).Op(":=").Id("h").Assert(jen.Id(c.name+"Handler")),
					jen.Op("!").Id("ok").Op("&&").Id("on").Op("&").Add(featureMask(c.needs)).Op("!=").Lit(0)).Block(
					jen.Id("names").Op("=").Append(jen.Id("names"), jen.Lit(c.wire)))
			}
		}
		g.Return(jen.Id("names"))
	})
	file.Line()
}

func writeCommandName(file *jen.File, list []command, example string) {
	value := jen.Id("c").Assert(jen.Type())
	if slices.ContainsFunc(list, func(c command) bool { return c.uid }) {
		value = jen.Id("c").Op(":=").Add(value)
	}
	comment(file, "CommandName gives the command's name on the wire, such as "+strconv.Quote(example)+".")
	file.Func().Id("CommandName").Params(jen.Id("c").Id(commandUnion)).String().Block(
		jen.Switch(value).BlockFunc(func(g *jen.Group) {
			for _, c := range list {
				g.Case(jen.Op("*").Id(c.name)).BlockFunc(func(g *jen.Group) {
					if c.uid {
						g.If(jen.Id("c").Dot("UID")).Block(jen.Return(jen.Lit("UID " + c.wire)))
					}
					g.Return(jen.Lit(c.wire))
				})
			}
		}),
		jen.Return(jen.Lit("")))
	file.Line()
	comment(file, "CommandNames lists the names that CommandName can give.")
	file.Var().Id("CommandNames").Op("=").Index().String().ValuesFunc(func(g *jen.Group) {
		for _, c := range list {
			g.Lit(c.wire)
			if c.uid {
				g.Lit("UID " + c.wire)
			}
		}
	})
	file.Line()
}

func (t *types) writeCommandStates(file *jen.File, list []command) {
	comment(file, "CommandStates gives the states in which the command is allowed. "+t.m.target.section+".")
	file.Func().Id("CommandStates").Params(jen.Id("c").Id(commandUnion)).Id("States").Block(
		jen.Switch(jen.Id("c").Assert(jen.Type())).BlockFunc(func(g *jen.Group) {
			for _, s := range t.m.target.states {
				var types []jen.Code
				for _, c := range list {
					if c.states == s.states {
						types = append(types, jen.Op("*").Id(c.name))
					}
				}
				if len(types) > 0 {
					g.Case(types...).Block(jen.Return(jen.Id(s.states)))
				}
			}
		}),
		jen.Return(jen.Lit(0)))
	file.Line()
}
