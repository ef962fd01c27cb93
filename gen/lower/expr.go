package lower

import "github.com/dragoman-mail/dragoman/gen/peg"

// sequence returns the items as one Seq without Seqs directly in it.
func sequence(items []peg.Expr) peg.Expr {
	var flat []peg.Expr
	for _, it := range items {
		if s, ok := it.(*peg.Seq); ok {
			flat = append(flat, s.Items...)
			continue
		}
		flat = append(flat, it)
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return &peg.Seq{Items: flat}
}

// choice returns the alternatives as one Choice without Choices directly in it.
func choice(alts []peg.Expr) peg.Expr {
	var flat []peg.Expr
	for _, a := range alts {
		if c, ok := a.(*peg.Choice); ok {
			flat = append(flat, c.Alts...)
			continue
		}
		flat = append(flat, a)
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return &peg.Choice{Alts: flat}
}

func items(e peg.Expr) []peg.Expr {
	if s, ok := e.(*peg.Seq); ok {
		return s.Items
	}
	return []peg.Expr{e}
}

func unite(a, b peg.ByteSet) peg.ByteSet {
	for i := range a {
		a[i] |= b[i]
	}
	return a
}

func meet(a, b peg.ByteSet) peg.ByteSet {
	for i := range a {
		a[i] &= b[i]
	}
	return a
}

func isNone(s peg.ByteSet) bool { return s == peg.ByteSet{} }
