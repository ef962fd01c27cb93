package emit

import (
	"strings"

	"github.com/dragoman-mail/dragoman/gen/bind"
)

// checkUsed finds bindings that nothing takes: neither a field, nor a union, nor the
// functions of the parser that begin at an entry.
func (m *model) checkUsed() error {
	used := map[string]bool{}
	for _, name := range m.grammar.Entries {
		used[name] = true
		if m.bindings[name] == nil {
			s := newScope()
			s.rules = used
			m.collect(s, m.grammar.Rule(name).Expr, nil, map[string]bool{})
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
