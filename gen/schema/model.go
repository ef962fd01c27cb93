package schema

// File is one file of the notation: what one RFC defines.
type File struct {
	Path  string
	RFC   string
	Title string
	Decls []*Decl
}

// The kinds of declarations.
const (
	kindCapability = "capability"
	kindUsing      = "using"
	kindBuiltin    = "builtin"
	kindRecord     = "record"
	kindObject     = "object"
	kindFilter     = "filter"
	kindErrors     = "errors"
	kindTemplate   = "template"
	kindMethod     = "method"
)

// Decl is one statement of the notation. Kind says which of the fields are used.
type Decl struct {
	Kind       string
	Name       string
	Section    string
	Doc        string
	Open       bool // keeps unknown properties
	Headers    bool // has header:… properties
	Of         string
	URI        string
	Template   string
	Properties []*Property
	Request    []*Property
	Response   []*Property
	Errors     []ErrorType
	Line       int
	File       *File
}

// Property is a property of an object or an argument of a method.
type Property struct {
	Name      string
	Type      *Type
	Modifiers []Modifier
	Drop      bool // takes an argument of the template away
	Line      int
}

// Modifier is one remark in the parentheses after a property.
type Modifier struct{ Name, Value string }

// ErrorType is one value of the type property of an error.
type ErrorType struct{ Name, Value string }

// Type is a type expression: a name, a list of Of, or a map from Key to Of.
type Type struct {
	Name     string
	Key, Of  *Type
	Nullable bool
}

// Has reports whether the property has a modifier.
func (p *Property) Has(modifier string) bool {
	_, ok := p.Modifier(modifier)
	return ok
}

// Modifier returns the value of a modifier.
func (p *Property) Modifier(name string) (string, bool) {
	for _, m := range p.Modifiers {
		if m.Name == name {
			return m.Value, true
		}
	}
	return "", false
}

// describe names a declaration in messages.
func (d *Decl) describe() string { return d.Kind + " " + d.Name }

// String writes the type as the notation does.
func (t *Type) String() string {
	s := t.Name
	switch {
	case t.Key != nil:
		s = t.Key.String() + "[" + t.Of.String() + "]"
	case t.Of != nil:
		s = t.Of.String() + "[]"
	}
	if t.Nullable {
		s += "|null"
	}
	return s
}

// substitute replaces the Foo of a template.
func (t *Type) substitute(foo string) *Type {
	if t == nil {
		return nil
	}
	out := *t
	if len(out.Name) >= 3 && out.Name[:3] == "Foo" {
		out.Name = foo + out.Name[3:]
	}
	out.Key, out.Of = t.Key.substitute(foo), t.Of.substitute(foo)
	return &out
}
