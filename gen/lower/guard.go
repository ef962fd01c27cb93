package lower

import (
	"fmt"
	"slices"

	"github.com/dragoman-mail/dragoman/gen/peg"
)

// guarder adds the lookaheads that order alone cannot do without.
type guarder struct {
	lang  *language
	first *firsts
	notes *Notes
	rule  string
}

// guard adds, behind each alternative or option that may take a part of what it
// should have left alone, a lookahead for what can follow there, and stops loops
// that would run into what stands behind them.
func guard(g *peg.Grammar, l *language, notes *Notes) {
	f := newFirsts(g)
	after := follows(g, f)
	gd := &guarder{lang: l, first: f, notes: notes}
	type change struct {
		rule *peg.Rule
		expr peg.Expr
	}
	var changes []change
	for _, r := range g.Rules {
		gd.rule = r.Name
		changes = append(changes, change{r, gd.expr(r.Expr, after[r.Name])})
	}
	for _, c := range changes {
		c.rule.Expr = c.expr
	}
}

// expr returns e with its lookaheads; after is what can come behind it.
func (g *guarder) expr(e peg.Expr, after follow) peg.Expr {
	switch e := e.(type) {
	case *peg.Seq:
		return g.seq(e, after)
	case *peg.Choice:
		return g.choice(e, after)
	case *peg.Repeat:
		return g.repeat(e, &peg.Seq{}, nil, after)
	}
	return e
}

// seq goes from the last item to the first: where a loop has to stop in front of
// what stands behind it, that must have its own lookaheads already.
func (g *guarder) seq(e *peg.Seq, after follow) peg.Expr {
	out := make([]peg.Expr, len(e.Items))
	for i := len(e.Items) - 1; i >= 0; i-- {
		rest := &peg.Seq{Items: e.Items[i+1:]}
		r, ok := e.Items[i].(*peg.Repeat)
		if !ok {
			out[i] = g.expr(e.Items[i], g.first.before(rest, after))
			continue
		}
		out[i] = g.repeat(r, rest, out[i+1:], after)
	}
	return &peg.Seq{Items: out}
}

func (g *guarder) choice(e *peg.Choice, after follow) peg.Expr {
	out := make([]peg.Expr, len(e.Alts))
	for i, alt := range e.Alts {
		out[i] = g.expr(alt, after)
		if g.overlaps(alt, e.Alts[i+1:], after) {
			out[i] = g.behind(out[i], after)
		}
	}
	return &peg.Choice{Alts: out}
}

// overlaps reports whether alt may match where a later alternative should, and
// a look at the next octet can tell.
func (g *guarder) overlaps(alt peg.Expr, later []peg.Expr, after follow) bool {
	for _, other := range later {
		if g.lang.apart(alt, other) {
			continue
		}
		if next, ok := g.lang.steals(alt, other); ok && !within(next, after.set) {
			return true
		}
		if next, ok := g.lang.steals(other, alt); ok && !isNone(meet(next, after.set)) {
			return true
		}
	}
	return false
}

// repeat treats an option or loop that stands before rest, which with its
// lookaheads is guarded. Its item must not take the beginning of rest.
func (g *guarder) repeat(e *peg.Repeat, rest *peg.Seq, guarded []peg.Expr, after follow) peg.Expr {
	turn := g.first.turn(e, g.first.before(rest, after))
	out := &peg.Repeat{Min: e.Min, Max: e.Max, Item: g.expr(e.Item, turn)}
	if e.Min == e.Max || len(rest.Items) == 0 {
		return out
	}
	next, ok := g.lang.stealsSome(e.Item, rest)
	if !ok {
		return out
	}
	// Where one octet does not tell, all that stands behind has to match.
	told := isNone(meet(next, turn.set))
	whole := sequence(append(slices.Clone(guarded), lookahead(after)))
	_, empty := g.first.of(rest)
	switch {
	case !told && e.Max == 1:
		out.Item = g.noted(out.Item, &peg.And{Expr: whole})
	case !told && e.Max < 0 && !empty:
		out.Until = whole
		g.notes.NonGreedy = append(g.notes.NonGreedy, fmt.Sprintf("%s: %s", g.rule, peg.Text(out)))
	case !within(next, turn.set):
		out.Item = g.behind(out.Item, turn)
	}
	return out
}

// behind returns e with a lookahead for what follows it.
func (g *guarder) behind(e peg.Expr, after follow) peg.Expr { return g.noted(e, lookahead(after)) }

func (g *guarder) noted(e, look peg.Expr) peg.Expr {
	guarded := sequence([]peg.Expr{e, look})
	g.notes.Guarded = append(g.notes.Guarded, fmt.Sprintf("%s: %s", g.rule, peg.Text(guarded)))
	return guarded
}

// lookahead matches the empty string in front of what can follow.
func lookahead(after follow) peg.Expr {
	set := &peg.And{Expr: &peg.Class{Set: after.set}}
	if !after.end {
		return set
	}
	atEnd := &peg.Not{Expr: &peg.Class{Set: all}}
	if isNone(after.set) {
		return atEnd
	}
	return &peg.And{Expr: &peg.Choice{Alts: []peg.Expr{set.Expr, atEnd}}}
}

// within reports whether all of a is in b.
func within(a, b peg.ByteSet) bool { return meet(a, b) == a }
