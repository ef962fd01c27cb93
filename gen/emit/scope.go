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
	literals map[string][]peg.Expr // upper-cased text → nodes
	wanted   map[string]bool       // keyword texts that leave events here
	resolved map[string][]string   // wanted keyword → texts of the events that stand for it
}

func newModel(g *peg.Grammar, f *bind.File) (*model, error) {
	m := &model{
		grammar: g, file: f,
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
			s := &scope{rules: map[string]bool{}, literals: map[string][]peg.Expr{}, wanted: map[string]bool{}, resolved: map[string][]string{}}
			m.collect(s, r.Expr, map[string]bool{r.Name: true})
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
		walk(r.Expr, func(e peg.Expr) {
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

// collect fills a scope from an expression.
func (m *model) collect(s *scope, e peg.Expr, seen map[string]bool) {
	switch e := e.(type) {
	case *peg.Seq:
		for _, it := range e.Items {
			m.collect(s, it, seen)
		}
	case *peg.Choice:
		for _, a := range e.Alts {
			m.collect(s, a, seen)
		}
	case *peg.Repeat:
		m.collect(s, e.Item, seen)
	case *peg.Literal:
		text := strings.ToUpper(e.Text)
		s.literals[text] = append(s.literals[text], e)
	case *peg.Class:
		for b := range 256 {
			if e.Set.Has(byte(b)) && size(&e.Set) <= 8 {
				text := strings.ToUpper(string(rune(b)))
				s.literals[text] = append(s.literals[text], e)
			}
		}
	case *peg.Ref:
		if m.bindings[e.Name] != nil || m.bound(e.Name) {
			s.rules[e.Name] = true
			return
		}
		if !seen[e.Name] {
			seen[e.Name] = true
			m.collect(s, m.grammar.Rule(e.Name).Expr, seen)
		}
	}
}

func (m *model) bound(rule string) bool {
	return slices.ContainsFunc(m.file.Bindings, func(b *bind.Binding) bool { return b.Rule == rule })
}

// resolveKeywords finds for each keyword that a binding names the literals that
// have to leave an event.
func (m *model) resolveKeywords() error {
	for _, rule := range m.order {
		s := m.scopes[rule]
		if s == nil {
			continue
		}
		if err := m.resolveBinding(s, m.bindings[rule]); err != nil {
			return err
		}
	}
	for _, rule := range m.order {
		s := m.scopes[rule]
		if s == nil {
			continue
		}
		for text := range s.wanted {
			for _, node := range s.literals[text] {
				if !slices.Contains(m.marks[node], text) {
					m.marks[node] = append(m.marks[node], text)
				}
			}
		}
	}
	for _, texts := range m.marks {
		slices.Sort(texts)
	}
	m.kinds.finish(m)
	if err := m.checkUsed(); err != nil {
		return err
	}
	return m.checkEnums()
}

// checkUsed finds bindings that nothing takes: neither a field, nor a union, nor the
// functions of the parser that begin at an entry.
func (m *model) checkUsed() error {
	used := map[string]bool{}
	for _, name := range m.grammar.Entries {
		used[name] = true
		if m.bindings[name] == nil {
			s := &scope{rules: used, literals: map[string][]peg.Expr{}}
			m.collect(s, m.grammar.Rule(name).Expr, map[string]bool{})
		}
	}
	for _, b := range m.file.Bindings {
		for _, c := range cases(b) {
			used[c.Pass] = true
			for _, f := range c.Fields {
				useSources(used, f)
			}
		}
		if b.List != nil {
			useSources(used, b.List.Item)
		}
	}
	for _, b := range m.file.Bindings {
		if !used[b.Rule] {
			return m.errorf(b.Line, "binding is not used: nothing takes rule %s", b.Rule)
		}
	}
	return nil
}

func useSources(used map[string]bool, f bind.Field) {
	for _, src := range f.Sources {
		used[src.Rule] = true
	}
}

// checkEnums finds constants whose keyword no rule has.
func (m *model) checkEnums() error {
	for _, e := range m.file.Enums {
		for _, c := range e.Consts {
			met := c.Text == ""
			for _, s := range m.scopes {
				met = met || s.resolved[strings.ToUpper(c.Text)] != nil
			}
			if !met {
				return m.errorf(e.Line, "no rule has the keyword %q of enum %s", c.Text, e.Name)
			}
		}
	}
	return nil
}

func (m *model) resolveBinding(s *scope, b *bind.Binding) error {
	for _, c := range cases(b) {
		for _, word := range c.When {
			if !m.want(s, word) {
				return m.errorf(c.Line, "rule %s has no keyword %q", b.Rule, word)
			}
		}
		if c.With != "" && !s.rules[c.With] {
			return m.errorf(c.Line, "rule %s has no part %s, or it is not bound", b.Rule, c.With)
		}
		if c.Pass != "" && !s.rules[c.Pass] {
			return m.errorf(c.Line, "rule %s has no part %s, or it is not bound", b.Rule, c.Pass)
		}
		if e := m.enums[c.Name]; e != nil && c.Fields == nil {
			if err := m.wantEnum(s, e, b); err != nil {
				return err
			}
		} else if c.Fields == nil && c.Pass == "" {
			return m.errorf(c.Line, "%s is neither an enum nor has it fields", c.Name)
		}
		for _, f := range c.Fields {
			if err := m.resolveField(s, b, f); err != nil {
				return err
			}
		}
	}
	if b.List != nil && b.List.Struct == nil {
		f := b.List.Item
		f.Line = b.Line
		return m.resolveField(s, b, f)
	}
	return nil
}

func (m *model) resolveField(s *scope, b *bind.Binding, f bind.Field) error {
	if f.Flag != "" && !m.want(s, f.Flag) {
		return m.errorf(f.Line, "rule %s has no keyword %q", b.Rule, f.Flag)
	}
	if f.After != "" && !m.want(s, f.After) {
		return m.errorf(f.Line, "rule %s has no keyword %q", b.Rule, f.After)
	}
	for _, src := range f.Sources {
		switch {
		case src.Literal != "":
			if !m.want(s, src.Literal) {
				return m.errorf(f.Line, "rule %s has no keyword %q", b.Rule, src.Literal)
			}
		case src.Enum != "":
			e := m.enums[src.Enum]
			if e == nil {
				return m.errorf(f.Line, "no enum %s", src.Enum)
			}
			if err := m.wantEnum(s, e, b); err != nil {
				return err
			}
		case !s.rules[src.Rule]:
			return m.errorf(f.Line, "rule %s has no part %s, or it is not bound", b.Rule, src.Rule)
		}
	}
	return nil
}

// wantEnum asks for events of an enum's keywords. An enum may be shared by rules
// that do not have all of them, but each keyword has to be met somewhere.
func (m *model) wantEnum(s *scope, e *bind.Enum, b *bind.Binding) error {
	any := false
	for _, c := range e.Consts {
		if c.Text != "" && m.want(s, c.Text) {
			any = true
		}
	}
	if !any {
		return m.errorf(b.Line, "rule %s has no keyword of enum %s", b.Rule, e.Name)
	}
	return nil
}

// want asks for events of a keyword: of the literal of that text, or, where the
// grammar writes "BODY" ["STRUCTURE"], of the literal that completes it.
func (m *model) want(s *scope, keyword string) bool {
	text := strings.ToUpper(keyword)
	if s.resolved[text] != nil {
		return true
	}
	var found []string
	if s.literals[text] != nil {
		found = append(found, text)
	}
	for cut := 2; cut < len(text); cut++ {
		head, tail := text[:cut], text[cut:]
		if s.literals[head] != nil && s.literals[tail] != nil && len(tail) > 1 {
			found = append(found, tail)
		}
	}
	for _, t := range found {
		s.wanted[t] = true
	}
	s.resolved[text] = found
	if found == nil {
		delete(s.resolved, text)
	}
	return found != nil
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
