package peg

// Walk calls f for e and everything below it, predicates too, parents first.
func Walk(e Expr, f func(Expr)) {
	f(e)
	switch e := e.(type) {
	case *Seq:
		for _, it := range e.Items {
			Walk(it, f)
		}
	case *Choice:
		for _, a := range e.Alts {
			Walk(a, f)
		}
	case *Repeat:
		Walk(e.Item, f)
		if e.Until != nil {
			Walk(e.Until, f)
		}
	case *And:
		Walk(e.Expr, f)
	case *Not:
		Walk(e.Expr, f)
	}
}

// Alternatives returns the alternatives of e, or e alone if it is no choice.
func Alternatives(e Expr) []Expr {
	if c, ok := e.(*Choice); ok {
		return c.Alts
	}
	return []Expr{e}
}
