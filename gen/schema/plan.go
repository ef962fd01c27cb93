package schema

import (
	"fmt"
	"strings"
)

// schema is all files together, with templates filled in.
type schema struct {
	files   []*File
	decls   []*Decl
	named   map[string]*Decl // records, objects, filters
	patched map[string]bool  // records with a set method
	nested  map[string]bool  // what properties have as their type, or within it
	structs []*structure
}

// mode is what decides when a property is written and what happens to one that is unknown or wrong.
type mode int

const (
	modeRecord mode = iota
	modeFilter
	modeObject
	modeRequest
	modeResponse
)

// structure is one Go struct to be emitted.
type structure struct {
	name     string
	doc      string
	mode     mode
	open     bool // has Extra
	headers  bool // has HeaderFields
	fields   []*field
	method   string // of requests and responses
	response string // of requests: the type of the response
	decl     *Decl
}

// field is one property of a structure.
type field struct {
	*Property
	goName  string
	boxed   bool // a pointer, though the type is not nullable
	ref     bool
	always  bool // written whatever its value
	bit     string
	missing bool // its absence is an error
}

func newSchema(files []*File) *schema {
	s := &schema{files: files, named: map[string]*Decl{}, patched: map[string]bool{}, nested: map[string]bool{}}
	for _, f := range files {
		s.decls = append(s.decls, f.Decls...)
	}
	for _, d := range s.decls {
		switch d.Kind {
		case kindRecord, kindObject, kindFilter:
			s.named[d.Name] = d
		case kindMethod:
			if d.Template == "set" {
				of, _, _ := strings.Cut(d.Name, "/")
				s.patched[of] = true
			}
		}
	}
	return s
}

// plan makes the structures of all declarations.
func (s *schema) plan() {
	for _, d := range s.decls {
		switch d.Kind {
		case kindRecord:
			s.add(d, d.Name, modeRecord, d.Properties).open = true
		case kindObject:
			s.add(d, d.Name, modeObject, d.Properties).open = d.Open
		case kindFilter:
			s.add(d, d.Name, modeFilter, d.Properties).open = true
		case kindMethod:
			s.planMethod(d)
		}
	}
}

func (s *schema) planMethod(d *Decl) {
	request, response := d.Request, d.Response
	if t := s.template(d.Template); t != nil {
		of, _, _ := strings.Cut(d.Name, "/")
		request = fill(t.Request, d.Request, of)
		response = fill(t.Response, d.Response, of)
	}
	name := methodTypeName(d.Name)
	q := s.add(d, name, modeRequest, request)
	q.open, q.method, q.response = true, d.Name, name+"Response"
	q.doc = fmt.Sprintf("holds the arguments of %s", d.Name)
	p := s.add(d, name+"Response", modeResponse, response)
	p.open, p.method = true, d.Name
	p.doc = fmt.Sprintf("holds the arguments of the response to %s", d.Name)
}

// nest notes the named type in a type expression.
func (s *schema) nest(t *Type) {
	for t.Of != nil {
		t = t.Of
	}
	s.nested[t.Name] = true
}

func (s *schema) template(name string) *Decl {
	for _, d := range s.decls {
		if d.Kind == kindTemplate && d.Name == name {
			return d
		}
	}
	return nil
}

// fill makes the arguments of a method from those of its template and its own.
func fill(template, own []*Property, foo string) []*Property {
	dropped := map[string]bool{}
	var added []*Property
	for _, p := range own {
		if p.Drop {
			dropped[p.Name] = true
		} else {
			added = append(added, p)
		}
	}
	var out []*Property
	for _, p := range template {
		if !dropped[p.Name] {
			q := *p
			q.Type, q.Line = p.Type.substitute(foo), 0
			out = append(out, &q)
		}
	}
	return append(out, added...)
}

func (s *schema) add(d *Decl, name string, m mode, props []*Property) *structure {
	st := &structure{name: name, doc: d.Doc, mode: m, headers: d.Headers, decl: d}
	for _, p := range props {
		st.fields = append(st.fields, s.field(st, p))
		s.nest(p.Type)
	}
	s.structs = append(s.structs, st)
	return st
}

func (s *schema) field(st *structure, p *Property) *field {
	f := &field{Property: p, goName: goName(p.Name), ref: p.Has("ref")}
	if name, ok := p.Modifier("go"); ok {
		f.goName = name
	}
	value, hasDefault := p.Modifier("default")
	optional := p.Has("optional")
	switch st.mode {
	case modeRecord:
		f.bit = st.name + "Property" + f.goName
		f.boxed = s.isObject(p.Type)
	case modeFilter:
		f.bit = st.name + "Property" + f.goName
		f.boxed = s.isObject(p.Type) || isScalar(p.Type, "Boolean", "UnsignedInt", "UTCDate")
	case modeRequest:
		f.missing = !hasDefault && !optional && !p.Type.Nullable
		f.always = f.missing || p.Has("sent")
	case modeObject, modeResponse:
		f.boxed = optional && isScalar(p.Type, "UnsignedInt", "Int", "Boolean", "UTCDate")
		f.always = !optional
	}
	if hasDefault && value == "true" {
		f.boxed, f.always = true, false
	}
	return f
}

func (s *schema) isObject(t *Type) bool {
	d := s.named[t.Name]
	return d != nil && d.Kind == kindObject && !t.Nullable
}

func isScalar(t *Type, names ...string) bool {
	for _, name := range names {
		if t.Name == name && !t.Nullable {
			return true
		}
	}
	return false
}
