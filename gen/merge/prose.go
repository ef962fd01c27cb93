package merge

import (
	"regexp"
	"strings"

	"github.com/dragoman-mail/dragoman/gen/abnf"
	"github.com/dragoman-mail/dragoman/gen/peg"
)

var anyExcept = regexp.MustCompile(`^any (\S+) except (.+)$`)

var ruleName = regexp.MustCompile(`[A-Za-z][A-Za-z0-9-]*`)

// resolveProse replaces prose values of the form "any X except Y and Z" by the
// octets that are meant, and returns the rules that they speak of. Other prose
// stays, to be found by the lint.
func resolveProse(g *abnf.Grammar) []string {
	var used []string
	for _, p := range g.Productions {
		p.Expr = abnf.Map(p.Expr, func(n abnf.Node) abnf.Node {
			prose, ok := n.(*abnf.Prose)
			if !ok {
				return n
			}
			if set, ok := proseOctets(g, prose.Text, 0); ok {
				used = append(used, ruleName.FindAllString(prose.Text, -1)...)
				return ranges(set)
			}
			return n
		})
	}
	return used
}

// proseOctets computes the octets that a prose value describes.
func proseOctets(g *abnf.Grammar, text string, depth int) (peg.ByteSet, bool) {
	m := anyExcept.FindStringSubmatch(text)
	if m == nil {
		return peg.ByteSet{}, false
	}
	set, ok := operand(g, m[1], depth)
	if !ok {
		return set, false
	}
	for _, except := range strings.Split(m[2], " and ") {
		out, ok := operand(g, except, depth)
		if !ok {
			return set, false
		}
		for i := range set {
			set[i] &^= out[i]
		}
	}
	return set, true
}

// operand is a rule name or a quoted character in a prose value.
func operand(g *abnf.Grammar, word string, depth int) (peg.ByteSet, bool) {
	if len(word) == 3 && word[0] == '"' && word[2] == '"' {
		var set peg.ByteSet
		set.Add(word[1])
		return set, true
	}
	return octets(g, &abnf.Ref{Name: word}, depth)
}

// maxClassDepth bounds how deep the definitions of a character class may nest.
const maxClassDepth = 20

// octets computes the single octets that an expression matches; alternatives
// that match more than one octet, such as UTF-8 sequences, are passed over. It
// reports false where there are none.
func octets(g *abnf.Grammar, n abnf.Node, depth int) (peg.ByteSet, bool) {
	var set peg.ByteSet
	if depth > maxClassDepth {
		return set, false
	}
	found := false
	for _, alt := range abnf.Alternatives(n) {
		var part peg.ByteSet
		ok := false
		switch alt := alt.(type) {
		case *abnf.Ref:
			if p := g.Get(alt.Name); p != nil {
				part, ok = octets(g, p.Expr, depth+1)
			}
		case *abnf.Prose:
			part, ok = proseOctets(g, alt.Text, depth+1)
		default:
			part, ok = abnf.Octet(alt)
		}
		if ok {
			found = true
			for i := range set {
				set[i] |= part[i]
			}
		}
	}
	return set, found
}

// ranges writes a set of octets as ABNF.
func ranges(set peg.ByteSet) abnf.Node {
	var alts []abnf.Node
	for lo := 0; lo < 256; lo++ {
		if !set.Has(byte(lo)) {
			continue
		}
		hi := lo
		for hi < 255 && set.Has(byte(hi+1)) {
			hi++
		}
		n := &abnf.Num{Values: []rune{rune(lo)}}
		if hi > lo {
			n = &abnf.Num{Values: []rune{rune(lo), rune(hi)}, Range: true}
		}
		alts = append(alts, n)
		lo = hi
	}
	return abnf.NewAlt(alts)
}
