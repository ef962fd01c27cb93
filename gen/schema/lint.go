package schema

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

// linter gathers what is wrong with the notation, each with file:line.
type linter struct {
	*schema
	errs []error
}

// lint returns all that is wrong with the notation, joined.
func (s *schema) lint() error {
	l := &linter{schema: s}
	l.files()
	l.names()
	for _, d := range s.decls {
		l.decl(d)
	}
	l.unusedTemplates()
	return errors.Join(l.errs...)
}

func (l *linter) report(d *Decl, line int, format string, args ...any) {
	if line == 0 {
		line = d.Line
	}
	l.errs = append(l.errs, fmt.Errorf("%s:%d: %s: %s", d.File.Path, line, d.describe(), fmt.Sprintf(format, args...)))
}

func (l *linter) files() {
	seen := map[string]string{}
	for _, f := range l.schema.files {
		if other, twice := seen[f.RFC]; twice {
			l.errs = append(l.errs, fmt.Errorf("%s:1: RFC %s is described in %s too", f.Path, f.RFC, other))
		}
		seen[f.RFC] = f.Path
	}
}

// names wants each name to be declared once within what shares a name space in Go.
func (l *linter) names() {
	seen := map[string]*Decl{}
	for _, d := range l.decls {
		key := d.Name
		switch d.Kind {
		case kindUsing, kindErrors:
			continue
		case kindCapability, kindTemplate:
			key = d.Kind + " " + d.Name
		case kindMethod:
			key = methodTypeName(d.Name)
		}
		if first := seen[key]; first != nil {
			l.report(d, 0, "declared before at %s:%d", first.File.Path, first.Line)
			continue
		}
		seen[key] = d
	}
}

func (l *linter) decl(d *Decl) {
	switch d.Kind {
	case kindBuiltin:
		if !inRuntime(d.Name) {
			l.report(d, 0, "there is no such type in gen/schema/runtime")
		}
	case kindUsing:
		if l.find(kindCapability, d.Name) == nil {
			l.report(d, 0, "no such capability")
		}
	case kindErrors:
		if d.Name != "Request" && d.Name != "Method" && d.Name != "Set" {
			l.report(d, 0, "errors are of Request, Method or Set")
		}
	case kindRecord, kindObject, kindFilter:
		l.object(d)
	case kindTemplate:
		l.arguments(d, d.Request, d.Response)
	case kindMethod:
		l.method(d)
	}
}

func (l *linter) find(kind, name string) *Decl {
	for _, d := range l.decls {
		if d.Kind == kind && d.Name == name {
			return d
		}
	}
	return nil
}

// maxProperties is the number of bits in a set of properties.
const maxProperties = 64

func (l *linter) object(d *Decl) {
	if d.Kind == kindFilter && l.find(kindRecord, d.Of) == nil {
		l.report(d, 0, "no record %s", d.Of)
	}
	if d.Kind != kindObject && len(d.Properties) > maxProperties {
		l.report(d, 0, "%d properties, more than %d", len(d.Properties), maxProperties)
	}
	l.properties(d, d.Properties, objectModifiers)
	for _, p := range d.Properties {
		if p.Drop {
			l.report(d, p.Line, "only a method can drop %s", p.Name)
		}
	}
}

func (l *linter) method(d *Decl) {
	if l.usingAt(d) == "" {
		l.report(d, 0, "no using statement before it says to which capability it belongs")
	}
	if d.Template == "" {
		l.arguments(d, d.Request, d.Response)
		return
	}
	t := l.template(d.Template)
	if t == nil {
		l.report(d, 0, "no template %s", d.Template)
		return
	}
	of, _, _ := strings.Cut(d.Name, "/")
	if l.find(kindRecord, of) == nil {
		l.report(d, 0, "no record %s", of)
		return
	}
	l.drops(d, t.Request, d.Request)
	l.drops(d, t.Response, d.Response)
	l.arguments(d, fill(t.Request, d.Request, of), fill(t.Response, d.Response, of))
}

// drops wants what a method drops to be in its template.
func (l *linter) drops(d *Decl, template, own []*Property) {
	has := map[string]bool{}
	for _, p := range template {
		has[p.Name] = true
	}
	for _, p := range own {
		if p.Drop && !has[p.Name] {
			l.report(d, p.Line, "template %s has no argument %s to drop", d.Template, p.Name)
		}
	}
}

// usingAt returns the capability that holds where d is declared.
func (l *linter) usingAt(d *Decl) string {
	using := ""
	for _, other := range l.decls {
		if other == d {
			break
		}
		if other.Kind == kindUsing {
			using = other.Name
		}
	}
	return using
}

func (l *linter) unusedTemplates() {
	used := map[string]bool{}
	for _, d := range l.decls {
		if d.Kind == kindMethod {
			used[d.Template] = true
		}
	}
	for _, d := range l.decls {
		if d.Kind == kindTemplate && !used[d.Name] {
			l.report(d, 0, "no method takes it over")
		}
	}
}

// inRuntime reports whether the runtime declares a type.
func inRuntime(name string) bool {
	declaration := regexp.MustCompile(`(?m)^type ` + name + ` `)
	paths, err := fs.Glob(runtime, runtimeDir+"/*.go")
	if err != nil {
		return false
	}
	for _, path := range paths {
		if text, err := fs.ReadFile(runtime, path); err == nil && declaration.Match(text) {
			return true
		}
	}
	return false
}
