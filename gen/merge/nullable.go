package merge

import "github.com/dragoman-mail/dragoman/gen/abnf"

// lintLeftRecursion reports a rule that can come back to itself without having
// taken an octet.
func lintLeftRecursion(g *abnf.Grammar) error {
	empty := nullable(g)
	for _, p := range g.Productions {
		seen := map[string]bool{}
		var visit func(name string) bool
		visit = func(name string) bool {
			for _, next := range leading(g.Get(name).Expr, empty) {
				if next == p.Name {
					return true
				}
				if !seen[next] {
					seen[next] = true
					if visit(next) {
						return true
					}
				}
			}
			return false
		}
		if visit(p.Name) {
			src := where(p)
			return faultf(src.File, src.Line, p.Name, "left recursion")
		}
	}
	return nil
}

// nullable returns the rules that match the empty string.
func nullable(g *abnf.Grammar) map[string]bool {
	empty := map[string]bool{}
	for changed := true; changed; {
		changed = false
		for _, p := range g.Productions {
			if !empty[p.Name] && isEmpty(p.Expr, empty) {
				empty[p.Name] = true
				changed = true
			}
		}
	}
	return empty
}

func isEmpty(n abnf.Node, empty map[string]bool) bool {
	switch n := n.(type) {
	case *abnf.Alt:
		for _, a := range n.Alts {
			if isEmpty(a, empty) {
				return true
			}
		}
		return false
	case *abnf.Concat:
		for _, it := range n.Items {
			if !isEmpty(it, empty) {
				return false
			}
		}
		return true
	case *abnf.Rep:
		return n.Min == 0 || isEmpty(n.Item, empty)
	case *abnf.Ref:
		return empty[abnf.Key(n.Name)]
	case *abnf.Str:
		return n.Text == ""
	}
	return false
}

// leading returns the rules that an expression may begin with.
func leading(n abnf.Node, empty map[string]bool) []string {
	switch n := n.(type) {
	case *abnf.Alt:
		var out []string
		for _, a := range n.Alts {
			out = append(out, leading(a, empty)...)
		}
		return out
	case *abnf.Concat:
		var out []string
		for _, it := range n.Items {
			out = append(out, leading(it, empty)...)
			if !isEmpty(it, empty) {
				break
			}
		}
		return out
	case *abnf.Rep:
		return leading(n.Item, empty)
	case *abnf.Ref:
		return []string{abnf.Key(n.Name)}
	}
	return nil
}
