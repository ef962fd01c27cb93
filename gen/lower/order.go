package lower

import (
	"fmt"

	"github.com/dragoman-mail/dragoman/gen/peg"
)

// reorder puts the alternatives of each choice of a rule in order: one goes
// before another if it takes up what the other would match in part, or if it
// could never match behind it. Otherwise they stay as the RFC has them, whose
// order decides where two match the same.
func reorder(r *peg.Rule, l *language, notes *Notes) {
	peg.Walk(r.Expr, func(e peg.Expr) {
		c, ok := e.(*peg.Choice)
		if !ok {
			return
		}
		before := precedence(c.Alts, l)
		for _, list := range before {
			for _, j := range list {
				notes.reordered(fmt.Sprintf("%s: %s", r.Name, peg.Text(c.Alts[j])))
			}
		}
		order := sorted(before)
		alts := make([]peg.Expr, len(order))
		for to, from := range order {
			alts[to] = c.Alts[from]
		}
		c.Alts = alts
	})
}

// precedence returns for each alternative those that have to stand before it.
func precedence(alts []peg.Expr, l *language) [][]int {
	before := make([][]int, len(alts))
	for i := range alts {
		for j := i + 1; j < len(alts); j++ {
			if mustPrecede(alts[j], alts[i], l) {
				before[i] = append(before[i], j)
			}
		}
	}
	return before
}

// mustPrecede reports whether later has to go before earlier: it could never
// match behind it, or earlier takes the beginning of what later matches and not
// the other way round. It must not be earlier's death in turn.
func mustPrecede(later, earlier peg.Expr, l *language) bool {
	if l.apart(later, earlier) {
		return false
	}
	if l.covers([]peg.Expr{later}, earlier) {
		return false
	}
	if l.covers([]peg.Expr{earlier}, later) {
		return true
	}
	_, forth := l.steals(earlier, later)
	_, back := l.steals(later, earlier)
	return forth && !back
}

// sorted returns an order that respects precedence and otherwise moves nothing;
// where precedence runs in a circle the first one goes first.
func sorted(before [][]int) []int {
	placed := make([]bool, len(before))
	var order []int
	ready := func(i int) bool {
		for _, j := range before[i] {
			if !placed[j] {
				return false
			}
		}
		return true
	}
	for len(order) < len(before) {
		next := -1
		for i := range before {
			if !placed[i] && (next < 0 || ready(i)) {
				next = i
				if ready(i) {
					break
				}
			}
		}
		placed[next] = true
		order = append(order, next)
	}
	return order
}
