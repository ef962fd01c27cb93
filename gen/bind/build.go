package bind

import (
	"strings"
)

// The functions here turn pigeon's untyped values into the model.

func (f *File) add(decl any) {
	switch d := decl.(type) {
	case *Enum:
		f.Enums = append(f.Enums, d)
	case *Binding:
		f.Bindings = append(f.Bindings, d)
	}
}

func documented(decl any, doc string) any {
	switch d := decl.(type) {
	case *Enum:
		d.Doc = doc
	case *Binding:
		d.Doc = doc
	}
	return decl
}

func docText(lines any) string {
	var b strings.Builder
	for _, l := range lines.([]any) {
		for _, chunk := range l.([]any)[1].([]any) {
			b.Write(chunk.([]byte))
		}
		b.WriteByte('\n')
	}
	var out []string
	for line := range strings.Lines(b.String()) {
		out = append(out, strings.TrimSpace(line))
	}
	return strings.Join(out, "\n")
}

func noteText(s string) string { return strings.TrimSpace(strings.TrimPrefix(s, "//")) }

func str(v any) string {
	s, _ := v.(string)
	return s
}

// second gives the string that stands last in an optional sequence, or "".
func second(v any) string {
	if seq, ok := v.([]any); ok {
		return str(seq[len(seq)-1])
	}
	return str(v)
}

func newEnum(name, union, consts any, line int) *Enum {
	e := &Enum{Name: name.(string), Union: second(union), Line: line}
	for _, c := range consts.([]any) {
		e.Consts = append(e.Consts, c.(Const))
	}
	return e
}

func bound(rule string, kind any, line int) *Binding {
	b, ok := kind.(*Binding)
	if !ok {
		b = &Binding{}
	}
	switch k := kind.(type) {
	case *List:
		b.List = k
	case *Case:
		k.Line = line
		b.Struct = k
	case *Union:
		b.Union = k
	}
	b.Rule, b.Line = rule, line
	return b
}

func listOf(kind any) *List {
	if c, ok := kind.(*Case); ok {
		return &List{Struct: c}
	}
	return kind.(*List)
}

func newUnion(name, set, cases any) *Union {
	u := &Union{Name: name.(string), Set: second(set)}
	for _, c := range cases.([]any) {
		u.Cases = append(u.Cases, c.(Case))
	}
	return u
}

func newCase(name, when, rule, hand, fields any) Case {
	c := Case{Name: name.(string), When: anyOf(when), With: second(rule), ByHand: hand != nil}
	if fields != nil {
		c.Fields = fields.([]any)[1].([]Field)
	}
	return c
}

func documentedCase(v any, doc string, line int) Case {
	c := v.(Case)
	c.Doc, c.Line = doc, line
	return c
}

func fieldList(v any) []Field {
	fields := []Field{}
	for _, f := range v.([]any) {
		fields = append(fields, f.([]any)[1].(Field))
	}
	return fields
}

func newField(name, value, note any, line int) Field {
	f := value.(Field)
	f.Name, f.Doc, f.Line = name.(string), str(note), line
	return f
}

func newValue(shape, src, opt, after, as any) Field {
	f := Field{Sources: src.([]Source), Optional: opt != nil, After: second(after), As: codecOf(as)}
	if b, ok := shape.([]byte); ok {
		f.List, f.Pointer = string(b) == "[]", string(b) == "*"
	}
	return f
}

func codec(typ, decode, encode any) *Codec {
	return &Codec{Type: typ.(string), Decode: decode.(string), Encode: second(encode)}
}

func codecOf(v any) *Codec {
	c, _ := v.(*Codec)
	return c
}

func sources(first, rest any) []Source {
	list := []Source{first.(Source)}
	for _, r := range rest.([]any) {
		list = append(list, r.([]any)[1].(Source))
	}
	return list
}

func ruleSource(rule, nth any) Source {
	s := Source{Rule: rule.(string)}
	if seq, ok := nth.([]any); ok {
		s.Nth = int(seq[1].([]byte)[0] - '0')
	}
	return s
}

func words(first, rest any) []string {
	list := []string{first.(string)}
	for _, r := range rest.([]any) {
		list = append(list, r.([]any)[1].(string))
	}
	return list
}

func anyOf(v any) []string {
	list, _ := v.([]string)
	return list
}
