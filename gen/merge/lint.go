package merge

import (
	"fmt"

	"github.com/dragoman-mail/dragoman/gen/abnf"
)

// lint reports what the merged grammar leaves open: a prose value, a rule that
// is used and not defined or defined and not reached, recursion that a
// recursive-descent parser cannot follow, and overlay entries without effect.
func lint(g *abnf.Grammar, entries []*entry, inProse []string, in *container) error {
	if len(g.Entries) == 0 {
		return fmt.Errorf("%s: no entry rule", OverlayFile)
	}
	for _, check := range []func() error{
		func() error { return lintReferences(g) },
		func() error { return lintReach(g, entries, inProse) },
		func() error { return lintLeftRecursion(g) },
		func() error { return lintWider(entries, in) },
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func lintReferences(g *abnf.Grammar) error {
	for _, p := range g.Productions {
		var err error
		src := where(p)
		abnf.Walk(p.Expr, func(n abnf.Node) {
			switch n := n.(type) {
			case *abnf.Prose:
				err = faultf(src.File, src.Line, p.Name, "unresolved prose value <%s>", n.Text)
			case *abnf.Ref:
				if g.Get(n.Name) == nil {
					err = faultf(src.File, src.Line, p.Name, "undefined rule %s", n.Name)
				}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func lintReach(g *abnf.Grammar, entries []*entry, inProse []string) error {
	reached := g.Reachable(append(inProse, g.Entries...))
	var left []string
	for _, e := range of(entries, "leftover") {
		for _, name := range e.names {
			if reached[name] {
				return fault(e.line, name, "unused override: the rule can be reached")
			}
			left = append(left, name)
		}
	}
	allowed := g.Reachable(left)
	for _, p := range g.Productions {
		if !p.Core && !reached[p.Name] && !allowed[p.Name] {
			src := where(p)
			return faultf(src.File, src.Line, p.Name, "unreachable: no entry rule leads to it")
		}
	}
	return nil
}

func lintWider(entries []*entry, in *container) error {
	for _, e := range of(entries, "wider") {
		if !in.used[[2]string{e.names[0], e.names[1]}] {
			return fault(e.line, e.names[0], "unused override: no alternative is left out because of it")
		}
	}
	return nil
}

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
