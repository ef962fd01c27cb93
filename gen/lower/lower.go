// Package lower turns the merged ABNF into the PEG model. ABNF alternatives are
// unordered and its loops may stop anywhere; a PEG takes the first alternative
// that matches and loops as far as it can. So alternatives are put in an order
// in which none takes a part of what a later one matches whole, and where no
// order does it, a lookahead for what may follow stands behind the alternative.
package lower

import (
	"slices"

	"github.com/dragoman-mail/dragoman/gen/abnf"
	"github.com/dragoman-mail/dragoman/gen/peg"
)

// Notes lists what has been changed beyond notation.
type Notes struct {
	Reordered []string
	Guarded   []string
	NonGreedy []string
}

// reordered notes an alternative once.
func (n *Notes) reordered(alt string) {
	if !slices.Contains(n.Reordered, alt) {
		n.Reordered = append(n.Reordered, alt)
	}
}

// Lower returns the PEG model of the grammar. An alternative that can never
// match because earlier ones shadow it is an error.
func Lower(src *abnf.Grammar) (*peg.Grammar, *Notes, error) {
	g, err := convert(src)
	if err != nil {
		return nil, nil, err
	}
	notes := &Notes{}
	lang := newLanguage(g)
	for _, r := range g.Rules {
		reorder(r, lang, notes)
	}
	if err := shadowed(g, lang); err != nil {
		return nil, nil, err
	}
	guard(g, lang, notes)
	for _, p := range src.Productions {
		if p.Commit == "" {
			continue
		}
		if err := commit(p, g); err != nil {
			return nil, nil, err
		}
	}
	return g, notes, nil
}
