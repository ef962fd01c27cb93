package emit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dragoman-mail/dragoman/gen/bind"
	"github.com/dragoman-mail/dragoman/gen/peg"
)

// model is the grammar together with its bindings, checked against each other.
type model struct {
	target   *Target
	grammar  *peg.Grammar
	file     *bind.File
	bindings map[string]*bind.Binding // by rule
	enums    map[string]*bind.Enum    // by name
	scopes   map[string]*scope        // by bound rule; none for leaves
	order    []string                 // bound rules in the grammar's order
	kinds    *kinds
	marks    map[peg.Expr][]string // literals and classes that leave an event when they match: the keywords
	sets     *sets
	depth    map[string]bool // recursive rules
}

// scope is what a bound rule's expression reaches without entering other bound rules.
type scope struct {
	rules    map[string]bool       // bound rules
	inside   []string              // rules without a binding, in the order met
	literals map[string][]peg.Expr // upper-cased text → nodes
	wanted   map[string]bool       // keyword texts that leave events here
	resolved map[string][]string   // wanted keyword → texts of the events that stand for it
	gates    map[peg.Expr][]string // literals and classes → the capabilities they are tied to
	whole    map[peg.Expr]bool     // literals that are all there is of an alternative
}

func newScope() *scope {
	return &scope{
		rules: map[string]bool{}, literals: map[string][]peg.Expr{}, wanted: map[string]bool{},
		resolved: map[string][]string{}, gates: map[peg.Expr][]string{}, whole: map[peg.Expr]bool{},
	}
}

// add notes a literal or class by its text.
func (s *scope) add(text string, e peg.Expr, gate []string) {
	text = strings.ToUpper(text)
	s.literals[text] = append(s.literals[text], e)
	s.gates[e] = gate
}

func newModel(g *peg.Grammar, f *bind.File, target *Target) (*model, error) {
	m := &model{
		target: target, grammar: g, file: f,
		bindings: map[string]*bind.Binding{},
		enums:    map[string]*bind.Enum{},
		scopes:   map[string]*scope{},
		marks:    map[peg.Expr][]string{},
		kinds:    newKinds(),
		sets:     newSets(g),
	}
	m.depth = recursive(g)
	for _, e := range f.Enums {
		if m.enums[e.Name] != nil {
			return nil, m.errorf(e.Line, "enum %s is declared twice", e.Name)
		}
		m.enums[e.Name] = e
	}
	if err := m.bindRules(); err != nil {
		return nil, err
	}
	return m, m.resolveKeywords()
}

func (m *model) errorf(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", m.file.Name, line, fmt.Sprintf(format, args...))
}

// bindRules checks that each bound rule exists, is bound once and can be reached.
func (m *model) bindRules() error {
	reached := m.reachable()
	for _, b := range m.file.Bindings {
		switch {
		case m.grammar.Rule(b.Rule) == nil:
			return m.errorf(b.Line, "no rule %s in the grammar", b.Rule)
		case m.bindings[b.Rule] != nil:
			return m.errorf(b.Line, "rule %s is bound twice", b.Rule)
		case !reached[b.Rule]:
			return m.errorf(b.Line, "binding is not used: no entry reaches rule %s", b.Rule)
		}
		m.bindings[b.Rule] = b
	}
	for _, r := range m.grammar.Rules {
		b := m.bindings[r.Name]
		if b == nil {
			continue
		}
		m.order = append(m.order, r.Name)
		m.kinds.rule(r.Name)
		if b.Leaf == nil {
			s := newScope()
			m.collect(s, r.Expr, nil, map[string]bool{r.Name: true})
			m.markWhole(s, r.Expr)
			m.scopes[r.Name] = s
		}
	}
	return nil
}

// reachable gives the rules that the entries reach.
func (m *model) reachable() map[string]bool {
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		r := m.grammar.Rule(name)
		if r == nil || seen[name] {
			return
		}
		seen[name] = true
		peg.Walk(r.Expr, func(e peg.Expr) {
			if ref, ok := e.(*peg.Ref); ok {
				visit(ref.Name)
			}
		})
	}
	for _, name := range m.grammar.Entries {
		visit(name)
	}
	return seen
}

// collect fills a scope from an expression that is tied to the capabilities of gate.
func (m *model) collect(s *scope, e peg.Expr, gate []string, seen map[string]bool) {
	if own := gateOf(e); own != nil {
		gate = own
	}
	switch e := e.(type) {
	case *peg.Seq:
		for _, it := range e.Items {
			m.collect(s, it, gate, seen)
		}
	case *peg.Choice:
		for _, a := range e.Alts {
			m.collect(s, a, gate, seen)
		}
	case *peg.Repeat:
		m.collect(s, e.Item, gate, seen)
	case *peg.Literal:
		s.add(e.Text, e, gate)
	case *peg.Class:
		for b := range 256 {
			if e.Set.Has(byte(b)) && size(&e.Set) <= 8 {
				s.add(string(rune(b)), e, gate)
			}
		}
	case *peg.Ref:
		if m.bindings[e.Name] != nil || m.bound(e.Name) {
			s.rules[e.Name] = true
			return
		}
		if !seen[e.Name] {
			seen[e.Name] = true
			s.inside = append(s.inside, e.Name)
			m.collect(s, m.grammar.Rule(e.Name).Expr, gate, seen)
		}
	}
}

// markWhole notes the literals that are alternatives of a rule, or of the rules that are alternatives of it.
func (m *model) markWhole(s *scope, e peg.Expr) {
	for _, a := range peg.Alternatives(e) {
		if ref, ok := a.(*peg.Ref); ok && !m.bound(ref.Name) && !m.depth[ref.Name] {
			m.markWhole(s, m.grammar.Rule(ref.Name).Expr)
		} else if l := alone(a); l != nil {
			s.whole[l] = true
		}
	}
}

// alone gives the literal of which an alternative consists, lookaheads left out, or nil.
func alone(e peg.Expr) peg.Expr {
	var found peg.Expr
	for _, it := range flat([]peg.Expr{e}) {
		switch it := it.(type) {
		case *peg.Feature, *peg.And, *peg.Not:
		case *peg.Literal:
			if found != nil {
				return nil
			}
			found = it
		default:
			return nil
		}
	}
	return found
}

func (m *model) bound(rule string) bool {
	return slices.ContainsFunc(m.file.Bindings, func(b *bind.Binding) bool { return b.Rule == rule })
}

// cases lists the structs, enums and passes of a binding.
func cases(b *bind.Binding) []*bind.Case {
	var list []*bind.Case
	if b.Struct != nil {
		list = append(list, b.Struct)
	}
	if b.List != nil && b.List.Struct != nil {
		list = append(list, b.List.Struct)
	}
	if b.Union != nil {
		for i := range b.Union.Cases {
			list = append(list, &b.Union.Cases[i])
		}
	}
	return list
}
