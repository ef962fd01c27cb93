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
