// Package abnf reads and prints augmented Backus-Naur form, the notation that
// RFCs write their formal syntax in (RFC 5234, with RFC 7405).
package abnf

import "strings"

// File is one ABNF document: rules and the comments that stand on lines of
// their own, in the order of the file.
type File struct {
	Name  string
	Items []Item
}

// Item is a *Rule or a *Comment.
type Item interface{ item() }

// Comment is a comment on a line of its own, without its semicolon.
type Comment struct {
	Text string
	Line int
}

// Rule is one definition.
type Rule struct {
	Name  string
	Added bool // defined with "=/": the alternatives are added to a rule defined elsewhere
	Expr  Node
	Line  int
	Text  string // the definition as it stands in the file, comments cut
}

func (*Comment) item() {}
func (*Rule) item()    {}

// Node is one element of a definition: *Alt, *Concat, *Rep, *Ref, *Str, *Num,
// *Prose or *Gate.
type Node interface{ node() }

// Alt is a list of two or more alternatives.
type Alt struct{ Alts []Node }

// Concat is a sequence of two or more elements.
type Concat struct{ Items []Node }

// Rep is an element repeated Min to Max times; Max < 0 means without limit. An
// option is a Rep of zero to one.
type Rep struct {
	Min, Max int
	Item     Node
}

// Ref names a rule. Names are compared without regard to case: use Key.
type Ref struct{ Name string }

// Str is a quoted string; letters match in either case unless it is Sensitive.
type Str struct {
	Text      string
	Sensitive bool
}

// Num is a numeric value: the characters of Values one after the other, or one
// character of the range Values[0] to Values[1].
type Num struct {
	Values []rune
	Range  bool
}

// Prose is a description in words.
type Prose struct{ Text string }

// Gate is an element that belongs to an extension: it matches what Item matches
// where one of the capabilities is on, and nothing elsewhere. ABNF has no
// notation for it; the overlay makes it.
type Gate struct {
	Capabilities []string
	Item         Node
}

func (*Alt) node()    {}
func (*Concat) node() {}
func (*Rep) node()    {}
func (*Ref) node()    {}
func (*Str) node()    {}
func (*Num) node()    {}
func (*Prose) node()  {}
func (*Gate) node()   {}

// Key returns the form of a rule name by which names are compared.
func Key(name string) string { return strings.ToLower(name) }

// Rules returns the rules of the file in order.
func (f *File) Rules() []*Rule {
	var rules []*Rule
	for _, it := range f.Items {
		if r, ok := it.(*Rule); ok {
			rules = append(rules, r)
		}
	}
	return rules
}
