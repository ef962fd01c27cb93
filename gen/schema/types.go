package schema

import (
	"strings"

	"github.com/dave/jennifer/jen"
)

// scalar says how a type of the notation is written in Go.
type scalar struct {
	goType string
	append string // func([]byte, T) []byte
	decode string // func(*reader) (T, error); a leading dot marks a method of reader
	zero   string // literal of the zero value, "" for IsZero, "nil"
}

var scalars = map[string]scalar{
	"Id":           {"ID", "appendString", ".id", `""`},
	"String":       {"string", "appendString", ".string", `""`},
	"Boolean":      {"bool", "appendBool", ".bool", "false"},
	"Int":          {"int64", "appendInt", ".int", "0"},
	"UnsignedInt":  {"uint64", "appendUint", ".uint", "0"},
	"Date":         {"Date", "appendDate", ".date", ""},
	"UTCDate":      {"UTCDate", "appendUTCDate", ".utcDate", ""},
	"Object":       {"json.RawMessage", "appendRaw", ".raw", "nil"},
	"SetErrorType": {"SetErrorType", "appendString", "decodeText[SetErrorType]", `""`},
}

// isReference reports whether values of a named type are pointers or interfaces, with nil for null.
func (s *schema) isReference(name string) bool {
	if d := s.named[name]; d != nil {
		return d.Kind == kindRecord || d.Kind == kindFilter
	}
	return s.patchOf(name) != "" || s.filterOf(name) != nil
}

// patchOf returns the record that a name such as EmailPatch patches.
func (s *schema) patchOf(name string) string {
	record, ok := strings.CutSuffix(name, "Patch")
	if ok && s.patched[record] {
		return record
	}
	return ""
}

// filterOf returns the condition of a name such as EmailFilter.
func (s *schema) filterOf(name string) *Decl {
	record, ok := strings.CutSuffix(name, "Filter")
	if !ok {
		return nil
	}
	for _, d := range s.decls {
		if d.Kind == kindFilter && d.Of == record {
			return d
		}
	}
	return nil
}

// known reports whether a name is a type.
func (s *schema) known(name string) bool {
	_, ok := scalars[name]
	return ok || s.named[name] != nil || s.isReference(name)
}

// goType returns the Go type of t.
func (s *schema) goType(t *Type) *jen.Statement {
	switch {
	case t.Key != nil:
		return jen.Map(s.goType(t.Key)).Add(s.goType(t.Of))
	case t.Of != nil:
		return jen.Index().Add(s.goType(t.Of))
	}
	base := s.goTypeNamed(t.Name)
	if t.Nullable && !s.isReference(t.Name) {
		return jen.Op("*").Add(base)
	}
	return base
}

func (s *schema) goTypeNamed(name string) *jen.Statement {
	if sc, ok := scalars[name]; ok {
		if pkg, typ, qualified := strings.Cut(sc.goType, "."); qualified {
			return jen.Qual("encoding/"+pkg, typ)
		}
		return jen.Id(sc.goType)
	}
	if s.filterOf(name) != nil || !s.isReference(name) {
		return jen.Id(name)
	}
	return jen.Op("*").Id(name)
}

// encode returns a call that appends value to b.
func (s *schema) encode(t *Type, b, value jen.Code) *jen.Statement {
	orNull := ""
	if t.Nullable {
		orNull = "OrNull"
	}
	switch {
	case t.Key != nil:
		return jen.Id("appendMap"+orNull).Call(b, value, s.encoder(t.Of))
	case t.Of != nil:
		return jen.Id("appendList"+orNull).Call(b, value, s.encoder(t.Of))
	case t.Nullable && !s.isReference(t.Name):
		return jen.Id("appendPointer").Call(b, value, s.encoderNamed(t.Name))
	case s.filterOf(t.Name) != nil:
		return jen.Id("append"+t.Name).Call(b, value)
	}
	return jen.Add(s.encoderNamed(t.Name)).Call(b, value)
}

// encoder returns a func([]byte, T) []byte.
func (s *schema) encoder(t *Type) *jen.Statement {
	if t.Of == nil && (!t.Nullable || s.isReference(t.Name)) {
		return s.encoderNamed(t.Name)
	}
	return jen.Func().Params(jen.Id("b").Index().Byte(), jen.Id("v").Add(s.goType(t))).Index().Byte().
		Block(jen.Return(s.encode(t, jen.Id("b"), jen.Id("v"))))
}

func (s *schema) encoderNamed(name string) *jen.Statement {
	if sc, ok := scalars[name]; ok {
		return jen.Id(sc.append)
	}
	if s.filterOf(name) != nil {
		return jen.Id("append" + name)
	}
	return jen.Id("appendObject")
}

// decode returns a call that reads a value from r; it yields the value and an error.
func (s *schema) decode(t *Type) *jen.Statement {
	if t.Nullable {
		bare := *t
		bare.Nullable = false
		if t.Of == nil && !s.isReference(t.Name) {
			return jen.Id("decodeOrNull").Call(jen.Id("r"), pointerDecoder(s, &bare))
		}
		return jen.Id("decodeOrNull").Call(jen.Id("r"), s.decoder(&bare))
	}
	switch {
	case t.Key != nil:
		return jen.Id("decodeMap").Types(s.goType(t.Key)).Call(jen.Id("r"), s.decoder(t.Of))
	case t.Of != nil:
		return jen.Id("decodeList").Call(jen.Id("r"), s.decoder(t.Of))
	}
	if sc, ok := scalars[t.Name]; ok && sc.decode[0] == '.' {
		return jen.Id("r").Dot(sc.decode[1:]).Call()
	}
	return jen.Add(s.decoder(t)).Call(jen.Id("r"))
}

// decoder returns a func(*reader) (T, error).
func (s *schema) decoder(t *Type) *jen.Statement {
	if t.Of == nil && !t.Nullable {
		sc, ok := scalars[t.Name]
		switch {
		case !ok:
			return jen.Id("decode" + t.Name)
		case sc.decode[0] == '.':
			return jen.Parens(jen.Op("*").Id("reader")).Dot(sc.decode[1:])
		}
		return jen.Id(sc.decode)
	}
	return readerFunc(s.goType(t)).Block(jen.Return(s.decode(t)))
}

// pointerDecoder returns a func(*reader) (*T, error).
func pointerDecoder(s *schema, t *Type) *jen.Statement {
	return readerFunc(jen.Op("*").Add(s.goType(t))).
		Block(jen.Return(jen.Id("decodePointer").Call(jen.Id("r"), s.decoder(t))))
}

func readerFunc(result jen.Code) *jen.Statement {
	return jen.Func().Params(jen.Id("r").Op("*").Id("reader")).Params(result, jen.Error())
}
