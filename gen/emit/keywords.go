package emit

import (
	"slices"
	"strings"

	"github.com/dragoman-mail/dragoman/gen/bind"
)

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
	found := s.ends(text)
	for _, t := range found {
		s.wanted[t] = true
	}
	if found != nil {
		s.resolved[text] = found
	}
	return found != nil
}

// ends gives the literals that a keyword ends with.
func (s *scope) ends(text string) []string {
	if s.literals[text] != nil {
		return []string{text}
	}
	var tails []string
	for cut := 1; cut < len(text)-1; cut++ {
		if s.literals[text[:cut]] != nil && s.literals[text[cut:]] != nil {
			tails = append(tails, text[cut:])
		}
	}
	return tails
}
