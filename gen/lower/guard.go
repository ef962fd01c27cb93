package lower

import (
	"fmt"

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
		return g.repeat(e, nil, after)
	}
	return e
}

func (g *guarder) seq(e *peg.Seq, after follow) peg.Expr {
	out := make([]peg.Expr, len(e.Items))
	for i, it := range e.Items {
		rest := &peg.Seq{Items: e.Items[i+1:]}
		if r, ok := it.(*peg.Repeat); ok {
			out[i] = g.repeat(r, rest, after)
			continue
		}
		out[i] = g.expr(it, g.first.before(rest, after))
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
		if next, ok := g.lang.steals(alt, other); ok && !within(next, after.set) {
			return true
		}
		if next, ok := g.lang.steals(other, alt); ok && !isNone(meet(next, after.set)) {
			return true
		}
	}
	return false
}

// repeat treats an option or loop that stands before rest. Its item must not
// take the beginning of rest.
func (g *guarder) repeat(e *peg.Repeat, rest *peg.Seq, after follow) peg.Expr {
	if rest == nil {
		rest = &peg.Seq{}
	}
	behind := g.first.before(rest, after)
	turn := g.first.turn(e, behind)
	out := &peg.Repeat{Min: e.Min, Max: e.Max, Item: g.expr(e.Item, turn)}
	if e.Min == e.Max || len(rest.Items) == 0 {
		return out
	}
	next, ok := g.lang.steals(e.Item, rest)
	if !ok {
		return out
	}
	if !within(next, turn.set) {
		out.Item = g.behind(out.Item, turn)
	}
	if _, empty := g.first.of(rest); e.Max < 0 && !empty && !isNone(meet(next, turn.set)) {
		out.Until = rest
		g.notes.NonGreedy = append(g.notes.NonGreedy, fmt.Sprintf("%s: %s", g.rule, peg.Text(out)))
	}
	return out
}

// behind returns e with a lookahead for what follows it.
func (g *guarder) behind(e peg.Expr, after follow) peg.Expr {
	var look peg.Expr = &peg.And{Expr: &peg.Class{Set: after.set}}
	if after.end {
		atEnd := &peg.Not{Expr: &peg.Class{Set: all}}
		look = atEnd
		if !isNone(after.set) {
			look = &peg.And{Expr: &peg.Choice{Alts: []peg.Expr{&peg.Class{Set: after.set}, atEnd}}}
		}
	}
	guarded := sequence([]peg.Expr{e, look})
	g.notes.Guarded = append(g.notes.Guarded, fmt.Sprintf("%s: %s", g.rule, peg.Text(guarded)))
	return guarded
}

// within reports whether all of a is in b.
func within(a, b peg.ByteSet) bool { return meet(a, b) == a }
