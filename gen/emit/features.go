package emit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/dragoman-mail/dragoman/gen/bind"
	"github.com/dragoman-mail/dragoman/gen/peg"
)

// maxFeatures is how many capabilities a Features has room for.
const maxFeatures = 64

// featureName is the Go name of a capability's constant.
func featureName(capability string) string {
	return "Feature" + strings.NewReplacer("=", "", "-", "", "+", "").Replace(capability)
}

// featureMask gives the set of the capabilities in the package of the types.
func featureMask(capabilities []string) *jen.Statement {
	return mask(capabilities, func(name string) *jen.Statement { return jen.Id(name) })
}

func mask(capabilities []string, qual func(string) *jen.Statement) *jen.Statement {
	s := jen.Null()
	for k, name := range capabilities {
		if k > 0 {
			s.Op("|")
		}
		s.Add(qual(featureName(name)))
	}
	if len(capabilities) > 1 {
		return jen.Parens(s)
	}
	return s
}

// featureMask gives the set of the capabilities as the parser has it.
func (m *model) featureMask(capabilities []string) *jen.Statement {
	return jen.Uint64().Call(mask(capabilities, m.qual))
}

// writeFeatureNames writes the constants of the capabilities that the grammar is tied to, if it is to any.
func writeFeatureNames(out map[string][]byte, m *model) error {
	names := m.grammar.Capabilities()
	if len(names) == 0 {
		return nil
	}
	if len(names) > maxFeatures {
		return fmt.Errorf("the overlay ties syntax to %d capabilities; Features has room for %d", len(names), maxFeatures)
	}
	file := m.target.newFile(m.target.Name)
	writeFeatures(file, names)
	return render(out, m.target.dir()+"/feature_names.go", file)
}

// writeFeatures writes the constants of the capabilities that the grammar is tied to.
func writeFeatures(file *jen.File, names []string) {
	comment(file, "The features, named after their capabilities.")
	file.Const().DefsFunc(func(g *jen.Group) {
		for k, name := range names {
			line := g.Id(featureName(name))
			if k == 0 {
				line.Id("Features").Op("=").Lit(1).Op("<<").Iota()
			}
			if strings.ContainsAny(name, "=-+") {
				line.Comment(name)
			}
		}
	})
	comment(file, "AllFeatures has all that the grammar knows.")
	file.Const().Id("AllFeatures").Id("Features").Op("=").Lit(1).Op("<<").Lit(len(names)).Op("-").Lit(1)
	comment(file, "featureNames are the capabilities by the number of their feature's bit.")
	file.Var().Id("featureNames").Op("=").Index(jen.Op("...")).String().ValuesFunc(func(g *jen.Group) {
		for _, name := range names {
			g.Line().Lit(name)
		}
		g.Line()
	})
}

// gateOf gives the capabilities that an expression as a whole is tied to, or nil.
func gateOf(e peg.Expr) []string {
	switch e := e.(type) {
	case *peg.Feature:
		return e.Capabilities
	case *peg.Seq:
		if len(e.Items) > 0 {
			return gateOf(e.Items[0])
		}
	}
	return nil
}

// refersTo tells the references to a rule.
func refersTo(rule string) func(peg.Expr) bool {
	return func(e peg.Expr) bool {
		ref, ok := e.(*peg.Ref)
		return ok && ref.Name == rule
	}
}

// commandGate gives the capabilities that all uses of a rule, or a keyword, among the alternatives of the command rules
// are tied to; nil when it can be used without.
func (m *model) commandGate(is func(peg.Expr) bool) []string {
	var all []string
	free := false
	for _, s := range m.target.states {
		r := m.grammar.Rule(s.rule)
		if r == nil {
			continue
		}
		for _, alt := range peg.Alternatives(r.Expr) {
			used := false
			peg.Walk(alt, func(e peg.Expr) { used = used || is(e) })
			if !used {
				continue
			}
			gate := gateOf(alt)
			free = free || gate == nil
			for _, name := range gate {
				if !slices.Contains(all, name) {
					all = append(all, name)
				}
			}
		}
	}
	if free {
		return nil
	}
	return all
}

// needs gives the capabilities of which a struct needs one, as a command or as a case that keywords tell; nil: none.
func (t *types) needs(s *structType) []string {
	var all []string
	for _, rule := range s.rules {
		if s.union != commandUnion {
			return nil
		}
		gate := t.m.commandGate(refersTo(rule))
		if gate == nil {
			return nil
		}
		all = append(all, gate...)
	}
	for _, of := range s.cases {
		if len(of.c.When) == 0 {
			return nil
		}
		scope := t.m.scopes[of.rule]
		for _, word := range of.c.When {
			for _, node := range scope.keyword(word) {
				if scope.gates[node] == nil {
					return nil
				}
				all = append(all, scope.gates[node]...)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// constGates gives for each constant of an enum the capabilities that its keyword is tied to, wherever a binding uses the
// enum; nil when no constant is tied to any.
func (m *model) constGates(e *bind.Enum) [][]string {
	gates := make([][]string, len(e.Consts))
	tied := false
	for i, c := range e.Consts {
		free := c.Text == ""
		for _, rule := range m.order {
			s := m.scopes[rule]
			if s == nil || !uses(m.bindings[rule], e.Name) {
				continue
			}
			for _, node := range s.keyword(c.Text) {
				free = free || s.gates[node] == nil
				gates[i] = append(gates[i], s.gates[node]...)
			}
		}
		slices.Sort(gates[i])
		gates[i] = slices.Compact(gates[i])
		if free {
			gates[i] = nil
		}
		tied = tied || gates[i] != nil
	}
	if !tied {
		return nil
	}
	return gates
}

// keyword gives the literals that an enum's keyword stands for: where there are some that are alternatives by themselves,
// only those.
func (s *scope) keyword(text string) []peg.Expr {
	var all, whole []peg.Expr
	for _, t := range s.resolved[strings.ToUpper(text)] {
		for _, node := range s.literals[t] {
			all = append(all, node)
			if s.whole[node] {
				whole = append(whole, node)
			}
		}
	}
	if whole != nil {
		return whole
	}
	return all
}

// uses reports whether a binding has the enum as a case or in a field.
func uses(b *bind.Binding, enum string) bool {
	in := func(fields []bind.Field) bool {
		return slices.ContainsFunc(fields, func(f bind.Field) bool {
			return slices.ContainsFunc(f.Sources, func(s bind.Source) bool { return s.Enum == enum })
		})
	}
	if b.List != nil && in([]bind.Field{b.List.Item}) {
		return true
	}
	return slices.ContainsFunc(cases(b), func(c *bind.Case) bool { return c.Name == enum || in(c.Fields) })
}

// writeNeeds writes the table of what an enum's constants need.
func (t *types) writeNeeds(file *jen.File, e *bind.Enum) {
	gates := t.m.constGates(e)
	if gates == nil {
		return
	}
	comment(file, "needs gives the features of which the keyword needs one; 0: none.")
	file.Func().Params(jen.Id("v").Id(e.Name)).Id("needs").Params().Id("Features").Block(
		jen.Switch(jen.Id("v")).BlockFunc(func(g *jen.Group) {
			for i, gate := range gates {
				if gate != nil {
					g.Case(jen.Id(e.Consts[i].Name)).Block(jen.Return(featureMask(gate)))
				}
			}
		}),
		jen.Return(jen.Lit(0)))
	file.Line()
}

// keyword gives the call that writes the keyword of an enum's value.
func (x *encoder) keyword(enum string, value *jen.Statement) *jen.Statement {
	call := jen.Id("e").Dot("raw").Call(value.Clone().Dot("String").Call())
	if x.m.constGates(x.m.enums[enum]) == nil {
		return call
	}
	return jen.Id("e").Dot("need").Call(value.Clone().Dot("needs").Call()).Line().Add(call)
}
