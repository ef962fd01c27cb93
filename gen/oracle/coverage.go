package oracle

import (
	"fmt"
	"slices"

	"github.com/dragoman-mail/dragoman/gen/abnf"
)

// Coverage counts which rules and which alternatives sentences have been made of.
type Coverage struct {
	rules map[string]int
	alts  map[*abnf.Alt][]int
}

// NewCoverage returns a coverage of nothing.
func NewCoverage() *Coverage {
	return &Coverage{rules: map[string]int{}, alts: map[*abnf.Alt][]int{}}
}

func (c *Coverage) rule(name string) {
	if c != nil {
		c.rules[name]++
	}
}

func (c *Coverage) alternative(n *abnf.Alt, alt abnf.Node) {
	if c == nil {
		return
	}
	if c.alts[n] == nil {
		c.alts[n] = make([]int, len(n.Alts))
	}
	c.alts[n][slices.Index(n.Alts, alt)]++
}

// Add adds what another has counted.
func (c *Coverage) Add(other *Coverage) {
	for name, n := range other.rules {
		c.rules[name] += n
	}
	for a, counts := range other.alts {
		if c.alts[a] == nil {
			c.alts[a] = make([]int, len(counts))
		}
		for i, n := range counts {
			c.alts[a][i] += n
		}
	}
}

// Of counts what the grammar has and what of it is covered, from its entries on,
// and lists what is not covered.
func (c *Coverage) Of(g *abnf.Grammar) (rules, coveredRules, alts, coveredAlts int, missing []string) {
	reached := g.Reachable(g.Entries)
	for _, p := range g.Productions {
		if !reached[p.Name] {
			continue
		}
		rules++
		if c.rules[p.Name] > 0 {
			coveredRules++
		} else {
			missing = append(missing, "rule "+p.Name)
		}
		abnf.Walk(p.Expr, func(n abnf.Node) {
			a, ok := n.(*abnf.Alt)
			if !ok {
				return
			}
			alts += len(a.Alts)
			for i, alt := range a.Alts {
				if counts := c.alts[a]; counts != nil && counts[i] > 0 {
					coveredAlts++
				} else {
					missing = append(missing, fmt.Sprintf("alternative %s of %s", abnf.Print(alt), p.Name))
				}
			}
		})
	}
	return rules, coveredRules, alts, coveredAlts, missing
}
