// Package bind reads the bindings: the notation that says which grammar rules
// become Go structs, unions, enums, lists and leaves, and in which fields their
// parts are kept. The notation itself is described at the top of
// grammar/bindings.txt; its grammar is bind.peg.
package bind

// File is one bindings file.
type File struct {
	Name     string
	Enums    []*Enum
	Bindings []*Binding
}

// Enum is a Go type with one constant per keyword.
type Enum struct {
	Name   string
	Union  string // the interface it belongs to, or ""
	Consts []Const
	Doc    string
	Line   int
}

// Const is one constant; Text is its keyword on the wire, or "" for the zero
// value that stands for an absent keyword.
type Const struct{ Name, Text, Doc string }

// Binding ties one rule to Go. Exactly one of Leaf, List, Struct and Union is set.
type Binding struct {
	Rule   string
	Leaf   *Codec
	List   *List
	Struct *Case
	Union  *Union
	Doc    string
	Line   int
}

// Codec names the runtime functions that make a value of Type from the matched text,
// and, where Encode is not "", write it again.
type Codec struct{ Type, Decode, Encode string }

// List makes a slice: of what Item's sources give, or of structs that take their
// fields in turn from the rule's parts.
type List struct {
	Item   Field
	Struct *Case
}

// Union is an interface with one case per Go type.
type Union struct {
	Name  string
	Set   string // bool field to set in whatever the cases give, or ""
	Cases []Case
}

// Case is one struct, one enum (no Fields) or, with Pass, whatever that rule gives.
type Case struct {
	Name   string
	Union  string
	Pass   string
	When   []string // keywords one of which must have matched
	With   string   // rule that must have matched, or ""
	ByHand bool     // its encoder is under gen/emit/runtime
	Fields []Field
	Doc    string
	Line   int
}

// Field is one struct field.
type Field struct {
	Name     string
	Flag     string // bool: the keyword matched
	Unset    string // Go type of a field that the parser does not set
	List     bool
	Pointer  bool
	Optional bool
	Sources  []Source
	After    string // only parts that follow this keyword
	As       *Codec
	Doc      string
	Line     int
}

// Source is a part of the rule that a field takes its value from: a rule (the
// Nth of that name when Nth > 0), a keyword's text, or any keyword of an enum.
type Source struct {
	Rule    string
	Nth     int
	Literal string
	Enum    string
}
