package lower

import (
	"slices"

	"github.com/dragoman-mail/dragoman/gen/abnf"
	"github.com/dragoman-mail/dragoman/gen/peg"
)

// shadowed reports an alternative that can never match because those before it
// match the beginning of all its sentences.
func shadowed(g *peg.Grammar, l *language) error {
	for _, r := range g.Rules {
		var err error
		peg.Walk(r.Expr, func(e peg.Expr) {
			c, ok := e.(*peg.Choice)
			if !ok || err != nil {
				return
			}
			for i := 1; i < len(c.Alts); i++ {
				before := slices.DeleteFunc(slices.Clone(c.Alts[:i]), func(a peg.Expr) bool { return l.apart(a, c.Alts[i]) })
				if l.covers(before, c.Alts[i]) {
					err = shadowError(r, c.Alts[i])
					return
				}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func shadowError(r *peg.Rule, alt peg.Expr) error {
	e := &abnf.Error{File: "core rules", Rule: r.Name,
		Msg: "alternative " + peg.Text(alt) + " can never match: earlier alternatives shadow it"}
	if len(r.Sources) > 0 {
		last := r.Sources[len(r.Sources)-1]
		e.File, e.Line = last.File, last.Line
	}
	return e
}
