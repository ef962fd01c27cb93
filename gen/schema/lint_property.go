package schema

import (
	"slices"
	"strings"
)

// The modifiers that make sense where.
var (
	objectModifiers   = []string{"immutable", "server-set", "default", "optional", "each", "go", "is"}
	requestModifiers  = []string{"default", "optional", "ref", "sent", "go"}
	responseModifiers = []string{"optional", "go"}
)

// arguments checks both halves of a method or template.
func (l *linter) arguments(d *Decl, request, response []*Property) {
	l.properties(d, request, requestModifiers)
	l.properties(d, response, responseModifiers)
}

func (l *linter) properties(d *Decl, list []*Property, allowed []string) {
	seen := map[string]bool{}
	for _, p := range list {
		if seen[p.Name] {
			l.report(d, p.Line, "%s is there twice", p.Name)
		}
		seen[p.Name] = true
		if p.Drop {
			continue
		}
		l.typeNames(d, p, p.Type)
		l.modifiers(d, p, allowed)
	}
}

// typeNames wants all names of a type expression to be declared, and maps to have names as keys.
func (l *linter) typeNames(d *Decl, p *Property, t *Type) {
	if t.Of != nil {
		l.typeNames(d, p, t.Of)
		if t.Key != nil && t.Key.String() != "Id" && t.Key.String() != "String" {
			l.report(d, p.Line, "%s has a map with keys of %s", p.Name, t.Key)
		}
		return
	}
	name := t.Name
	if rest, foo := strings.CutPrefix(name, "Foo"); foo && d.Kind == kindTemplate {
		if rest != "" && rest != "Patch" && rest != "Filter" {
			l.report(d, p.Line, "%s has the unknown type %s", p.Name, name)
		}
		return
	}
	if !l.known(name) {
		l.report(d, p.Line, "%s has the unknown type %s", p.Name, name)
	}
}

func (l *linter) modifiers(d *Decl, p *Property, allowed []string) {
	seen := map[string]bool{}
	for _, m := range p.Modifiers {
		if seen[m.Name] {
			l.report(d, p.Line, "%s is %s twice", p.Name, m.Name)
		}
		seen[m.Name] = true
		if !slices.Contains(allowed, m.Name) {
			l.report(d, p.Line, "%s has the modifier %q, which has no meaning here", p.Name, m.Name)
		}
		switch m.Name {
		case "default", "each", "go", "is":
			if m.Value == "" && m.Name != "default" {
				l.report(d, p.Line, "%s: the modifier %s needs a value", p.Name, m.Name)
			}
		default:
			if m.Value != "" {
				l.report(d, p.Line, "%s: the modifier %s takes no value", p.Name, m.Name)
			}
		}
	}
	l.modifierTypes(d, p)
}

// modifierTypes wants the type of a property to suit its modifiers.
func (l *linter) modifierTypes(d *Decl, p *Property) {
	if p.Has("each") && (p.Type.Key == nil || p.Type.Of.String() != "Boolean") {
		l.report(d, p.Line, "%s: each is for a map to Boolean, not for %s", p.Name, p.Type)
	}
	if p.Has("is") && p.Type.String() != "String" {
		l.report(d, p.Line, "%s: is is for a String, not for %s", p.Name, p.Type)
	}
	value, _ := p.Modifier("default")
	switch {
	case value == "null" && !p.Type.Nullable:
		l.report(d, p.Line, "%s: the default is null, but %s is never null", p.Name, p.Type)
	case (value == "true" || value == "false") && p.Type.String() != "Boolean":
		l.report(d, p.Line, "%s: the default of %s cannot be %s", p.Name, p.Type, value)
	}
}
