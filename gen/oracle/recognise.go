// Package oracle holds second opinions on the grammar, for tests: a recogniser
// that follows all paths of the merged ABNF, a generator of its sentences, and
// an interpreter of the PEG model.
package oracle

import (
	"github.com/dragoman-mail/dragoman/gen/abnf"
)

// Recogniser decides whether inputs belong to the language of an ABNF grammar.
// It tries every alternative and every length of a loop, so order and greed mean
// nothing to it.
type Recogniser struct {
	On    Capabilities // those of the extensions that are on
	g     *abnf.Grammar
	input string
	memo  map[memoKey]ends
}

type memoKey struct {
	rule string
	pos  int
}

// ends holds the offsets at which an expression can end, ascending.
type ends []int

// NewRecogniser returns a recogniser of the grammar, which must not have left
// recursion.
func NewRecogniser(g *abnf.Grammar) *Recogniser { return &Recogniser{g: g} }

// Accepts reports whether all of input is a sentence of the rule.
func (r *Recogniser) Accepts(rule, input string) bool {
	r.input = input
	r.memo = map[memoKey]ends{}
	for _, e := range r.rule(abnf.Key(rule), 0) {
		if e == len(input) {
			return true
		}
	}
	return false
}

func (r *Recogniser) rule(name string, pos int) ends {
	key := memoKey{name, pos}
	if e, ok := r.memo[key]; ok {
		return e
	}
	e := r.node(r.g.Get(name).Expr, pos)
	r.memo[key] = e
	return e
}

func (r *Recogniser) node(n abnf.Node, pos int) ends {
	switch n := n.(type) {
	case *abnf.Alt:
		var all ends
		for _, a := range n.Alts {
			all = union(all, r.node(a, pos))
		}
		return all
	case *abnf.Concat:
		at := ends{pos}
		for _, it := range n.Items {
			at = r.each(it, at)
		}
		return at
	case *abnf.Rep:
		return r.repeat(n, pos)
	case *abnf.Ref:
		return r.rule(abnf.Key(n.Name), pos)
	case *abnf.Gate:
		if r.On.any(n.Capabilities) {
			return r.node(n.Item, pos)
		}
	case *abnf.Str:
		return r.text(n.Text, n.Sensitive, pos)
	case *abnf.Num:
		if set, ok := abnf.Octet(n); ok {
			if pos < len(r.input) && set.Has(r.input[pos]) {
				return ends{pos + 1}
			}
			return nil
		}
		return r.text(octets(n.Values), true, pos)
	}
	return nil
}

func (r *Recogniser) each(n abnf.Node, from ends) ends {
	var all ends
	for _, pos := range from {
		all = union(all, r.node(n, pos))
	}
	return all
}

func (r *Recogniser) repeat(n *abnf.Rep, pos int) ends {
	at := ends{pos}
	for range n.Min {
		at = r.each(n.Item, at)
	}
	all := at
	for turns := n.Min; len(at) > 0 && (n.Max < 0 || turns < n.Max); turns++ {
		next := without(r.each(n.Item, at), all)
		all = union(all, next)
		at = next
	}
	return all
}

func (r *Recogniser) text(text string, sensitive bool, pos int) ends {
	if len(r.input)-pos < len(text) {
		return nil
	}
	for i := range len(text) {
		a, b := text[i], r.input[pos+i]
		if a != b && (sensitive || fold(a) != fold(b)) {
			return nil
		}
	}
	return ends{pos + len(text)}
}

func fold(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 0x20
	}
	return c
}

func octets(values []rune) string {
	b := make([]byte, len(values))
	for i, v := range values {
		b[i] = byte(v)
	}
	return string(b)
}

// union returns the union of two ascending lists.
func union(a, b ends) ends {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	out := make(ends, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			out, a = append(out, a[0]), a[1:]
		case a[0] > b[0]:
			out, b = append(out, b[0]), b[1:]
		default:
			out, a, b = append(out, a[0]), a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// without returns what is in a and not in b.
func without(a, b ends) ends {
	var out ends
	for _, x := range a {
		for len(b) > 0 && b[0] < x {
			b = b[1:]
		}
		if len(b) == 0 || b[0] != x {
			out = append(out, x)
		}
	}
	return out
}
