package oracle

import (
	"math/rand/v2"
	"slices"

	"github.com/dragoman-mail/dragoman/gen/abnf"
	"github.com/dragoman-mail/dragoman/gen/peg"
)

// maxNesting is how deep rules are entered before the shortest way out is taken.
const maxNesting = 40

// maxSentence is how many octets a sentence gets before the shortest way out is taken
// everywhere: rules that hold themselves twice would else grow without end.
const maxSentence = 2000

// Generator makes sentences of an ABNF grammar. It is adversarial: where a run
// of characters is asked for, it likes to put in a keyword of the grammar, or
// one with something behind it.
type Generator struct {
	// Intn makes the choices: a number from 0 to below n.
	Intn func(n int) int
	// Leaves make the text of rules that are not to be taken apart.
	Leaves map[string]func() string
	// Strict leaves out the catch-alls, see NewInterpreter. It is set before Only.
	Strict bool
	// Cover notes what the sentences have been made of; nil: nothing is noted.
	Cover *Coverage

	on       Capabilities // those of the extensions that are on
	g        *abnf.Grammar
	toward   *Target        // the alternative to come by; nil: any
	cost     map[string]int // least depth of a sentence by rule
	keywords []string
}

// NewGenerator returns a generator whose sentences depend on the seed only.
func NewGenerator(g *abnf.Grammar, seed uint64) *Generator {
	gen := &Generator{Intn: rand.New(rand.NewPCG(seed, 1)).IntN, g: g, cost: map[string]int{}}
	gen.measure()
	seen := map[string]bool{}
	for _, p := range g.Productions {
		abnf.Walk(p.Expr, func(n abnf.Node) {
			if s, ok := n.(*abnf.Str); ok && len(s.Text) > 1 && !seen[s.Text] {
				seen[s.Text] = true
				gen.keywords = append(gen.keywords, s.Text)
			}
		})
	}
	return gen
}

// Only keeps the generator from what belongs to other capabilities.
func (g *Generator) Only(on Capabilities) {
	g.on = on
	g.measure()
}

const endless = 1 << 20

// measure computes how deep the shallowest sentence of each rule is.
func (g *Generator) measure() {
	for _, p := range g.g.Productions {
		g.cost[p.Name] = endless
	}
	for changed := true; changed; {
		changed = false
		for _, p := range g.g.Productions {
			if c := 1 + g.depth(p.Expr); c < g.cost[p.Name] {
				g.cost[p.Name] = c
				changed = true
			}
		}
	}
}

func (g *Generator) depth(n abnf.Node) int {
	switch n := n.(type) {
	case *abnf.Alt:
		least := endless
		for _, a := range n.Alts {
			least = min(least, g.depth(a))
		}
		return least
	case *abnf.Concat:
		most := 0
		for _, it := range n.Items {
			most = max(most, g.depth(it))
		}
		return most
	case *abnf.Rep:
		if n.Min == 0 {
			return 0
		}
		return g.depth(n.Item)
	case *abnf.Ref:
		key := abnf.Key(n.Name)
		if g.Leaves[key] != nil {
			return 0
		}
		if g.Strict && g.g.Get(key).CatchAll {
			return endless
		}
		return min(endless, g.cost[key])
	case *abnf.Gate:
		if !g.on.any(n.Capabilities) {
			return endless
		}
		return g.depth(n.Item)
	}
	return 0
}

// Sentence returns a sentence of the rule.
func (g *Generator) Sentence(rule string) string {
	return string(g.node(nil, &abnf.Ref{Name: rule}, 0))
}

// Possible reports whether there is a sentence of the expression with what is on.
func (g *Generator) Possible(n abnf.Node) bool { return g.depth(n) < endless }

func (g *Generator) node(out []byte, n abnf.Node, nesting int) []byte {
	if len(out) > maxSentence {
		nesting = max(nesting, maxNesting)
	}
	switch n := n.(type) {
	case *abnf.Alt:
		alt := g.toward.pick(n)
		if alt == nil {
			alt = g.pick(n.Alts, nesting)
		}
		g.Cover.alternative(n, alt)
		return g.node(out, alt, nesting)
	case *abnf.Concat:
		toward := g.toward
		nearest := toward.nearest(n.Items)
		for i, it := range n.Items {
			if nearest >= 0 && i != nearest {
				g.toward = nil // another way there may be round in circles
			}
			out = g.node(out, it, nesting)
			g.toward = toward
		}
	case *abnf.Rep:
		return g.repeat(out, n, nesting)
	case *abnf.Ref:
		key := abnf.Key(n.Name)
		g.Cover.rule(key)
		if leaf := g.Leaves[key]; leaf != nil {
			return append(out, leaf()...)
		}
		return g.node(out, g.g.Get(key).Expr, nesting+1)
	case *abnf.Gate:
		return g.node(out, n.Item, nesting)
	case *abnf.Str:
		return append(out, g.folded(n)...)
	case *abnf.Num:
		if n.Range {
			v := n.Values[0] + rune(g.Intn(int(n.Values[1]-n.Values[0])+1))
			return append(out, byte(v))
		}
		return append(out, octets(n.Values)...)
	}
	return out
}

// pick chooses an alternative, when deep inside one that leads out.
func (g *Generator) pick(alts []abnf.Node, nesting int) abnf.Node {
	if g.on != nil || g.Strict {
		alts = slices.DeleteFunc(slices.Clone(alts), func(n abnf.Node) bool { return g.depth(n) >= endless })
	}
	if nesting < maxNesting {
		return alts[g.Intn(len(alts))]
	}
	best := alts[0]
	for _, a := range alts[1:] {
		if g.depth(a) < g.depth(best) {
			best = a
		}
	}
	return best
}

func (g *Generator) repeat(out []byte, n *abnf.Rep, nesting int) []byte {
	wanted := g.toward.in(n.Item)
	if set, ok := g.class(n.Item); ok && n.Max < 0 && !wanted && g.Intn(2) == 0 {
		if word := g.word(set); len(word) >= n.Min {
			return append(out, word...)
		}
	}
	turns := n.Min
	if nesting < maxNesting && (g.on == nil && !g.Strict || g.depth(n.Item) < endless) {
		for (n.Max < 0 || turns < n.Max) && g.Intn(2) == 0 {
			turns++
		}
	}
	if wanted {
		turns = max(turns, 1)
	}
	for range turns {
		out = g.node(out, n.Item, nesting)
	}
	return out
}

// word returns a keyword, or the beginning of one, as far as it is made of the
// characters of a set, often with one more of them behind it.
func (g *Generator) word(set peg.ByteSet) []byte {
	word := g.folded(&abnf.Str{Text: g.keyword()})
	n := 0
	for n < len(word) && set.Has(word[n]) {
		n++
	}
	word = word[:n]
	if c := byte(g.Intn(256)); g.Intn(2) == 0 && set.Has(c) {
		word = append(word, c)
	}
	return word
}

// class returns the octets of a node that matches one octet each time.
func (g *Generator) class(n abnf.Node) (peg.ByteSet, bool) {
	switch n := n.(type) {
	case *abnf.Ref:
		return g.class(g.g.Get(n.Name).Expr)
	case *abnf.Alt:
		var set peg.ByteSet
		for _, a := range n.Alts {
			part, ok := g.class(a)
			if !ok {
				return set, false
			}
			for i := range set {
				set[i] |= part[i]
			}
		}
		return set, true
	}
	return abnf.Octet(n)
}

// folded returns a string with its letters in random case now and then.
func (g *Generator) folded(s *abnf.Str) []byte {
	b := []byte(s.Text)
	if s.Sensitive || g.Intn(4) > 0 {
		return b
	}
	for i, c := range b {
		if c|0x20 >= 'a' && c|0x20 <= 'z' && g.Intn(2) == 0 {
			b[i] = c ^ 0x20
		}
	}
	return b
}
