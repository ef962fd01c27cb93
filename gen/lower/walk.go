package lower

import "github.com/dragoman-mail/dragoman/gen/peg"

// recursiveRules returns at least one rule of each circle of rules: those that
// a walk comes to while it is still inside them.
func recursiveRules(g *peg.Grammar) map[string]bool {
	out := map[string]bool{}
	const open, done = 1, 2
	mark := map[string]int{}
	var visit func(name string)
	visit = func(name string) {
		switch mark[name] {
		case open:
			out[name] = true
			return
		case done:
			return
		}
		mark[name] = open
		peg.Walk(g.Rule(name).Expr, func(e peg.Expr) {
			if ref, ok := e.(*peg.Ref); ok {
				visit(ref.Name)
			}
		})
		mark[name] = done
	}
	for _, r := range g.Rules {
		visit(r.Name)
	}
	return out
}

// symbols returns one octet of each class of octets that the grammar never
// tells apart.
func symbols(g *peg.Grammar) []byte {
	var sets []peg.ByteSet
	add := func(e peg.Expr) {
		switch e := e.(type) {
		case *peg.Class:
			sets = append(sets, e.Set)
		case *peg.Literal:
			for i := range len(e.Text) {
				var s peg.ByteSet
				s.Add(e.Text[i])
				if e.Fold && hasLetter(e.Text[i:i+1]) {
					s.Add(e.Text[i] ^ 0x20)
				}
				sets = append(sets, s)
			}
		}
	}
	for _, r := range g.Rules {
		peg.Walk(r.Expr, add)
	}
	seen := map[string]bool{}
	var out []byte
	for c := range 256 {
		sig := make([]byte, len(sets))
		for i := range sets {
			if sets[i].Has(byte(c)) {
				sig[i] = 1
			}
		}
		if !seen[string(sig)] {
			seen[string(sig)] = true
			out = append(out, byte(c))
		}
	}
	return out
}
