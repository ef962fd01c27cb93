// Package peg holds the PEG model: the one form of a merged grammar from which
// everything generated is written.
package peg

import "slices"

// Grammar is an ordered set of rules. Order is the order of first definition in
// the merged ABNF and decides the order of everything generated.
type Grammar struct {
	Rules []*Rule
	// Entries names the rules that parsing may start from.
	Entries []string

	index map[string]*Rule
}

// Rule is one production with the place it came from.
type Rule struct {
	// Name is the rule's name as the RFC spells it, lower-cased.
	Name string
	Expr Expr
	// Sources are the definitions that were merged into this rule, in order.
	Sources []Source
	// CatchAll marks a rule that accepts what the rest of the grammar does not
	// know. A strict parser lets it match nothing.
	CatchAll bool
}

// Source is one ABNF definition in a file of grammar/.
type Source struct {
	RFC     int    // 0 for the overlay
	File    string // path under grammar/
	Line    int
	Section string // section of the RFC, such as "9", or ""
	ABNF    string // the definition as it is written in the file
}

// Expr is one parsing expression. The implementations are Seq, Choice, Repeat,
// Literal, Class, Ref, And, Not and Feature, all as pointers.
type Expr interface{ expr() }

// Seq matches its items one after the other. An empty Seq matches the empty string.
type Seq struct{ Items []Expr }

// Choice matches the first alternative that matches.
type Choice struct{ Alts []Expr }

// Repeat matches Item Min to Max times, greedily; Max < 0 means without limit.
// With Until set it stops before an item as soon as Until matches there.
type Repeat struct {
	Min, Max int
	Item     Expr
	Until    Expr
}

// Literal matches the bytes of Text; with Fold, ASCII letters match in either case.
type Literal struct {
	Text string
	Fold bool
}

// Class matches one byte that is in Set.
type Class struct{ Set ByteSet }

// Ref matches the rule of that name.
type Ref struct{ Name string }

// And matches the empty string where Expr matches.
type And struct{ Expr Expr }

// Not matches the empty string where Expr does not match.
type Not struct{ Expr Expr }

// Feature matches the empty string where one of the capabilities is on.
type Feature struct{ Capabilities []string }

func (*Seq) expr()     {}
func (*Choice) expr()  {}
func (*Repeat) expr()  {}
func (*Literal) expr() {}
func (*Class) expr()   {}
func (*Ref) expr()     {}
func (*And) expr()     {}
func (*Not) expr()     {}
func (*Feature) expr() {}

// ByteSet is a set of octets.
type ByteSet [4]uint64

// Has reports whether b is in the set.
func (s *ByteSet) Has(b byte) bool { return s[b>>6]&(1<<(b&63)) != 0 }

// Add puts b into the set.
func (s *ByteSet) Add(b byte) { s[b>>6] |= 1 << (b & 63) }

// Capabilities lists those that expressions are tied to, sorted.
func (g *Grammar) Capabilities() []string {
	var list []string
	for _, r := range g.Rules {
		Walk(r.Expr, func(e Expr) {
			if f, ok := e.(*Feature); ok {
				list = append(list, f.Capabilities...)
			}
		})
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Rule returns the rule of that name, or nil.
func (g *Grammar) Rule(name string) *Rule {
	if g.index == nil {
		g.index = make(map[string]*Rule, len(g.Rules))
		for _, r := range g.Rules {
			g.index[r.Name] = r
		}
	}
	return g.index[name]
}

// Add appends a rule; a rule of that name must not exist yet.
func (g *Grammar) Add(r *Rule) {
	if g.Rule(r.Name) != nil {
		panic("peg: rule " + r.Name + " added twice")
	}
	g.Rules = append(g.Rules, r)
	g.index[r.Name] = r
}
