package lower

import (
	"slices"

	"github.com/dragoman-mail/dragoman/gen/peg"
)

// pair is a state of each of two expressions that read the same octets.
type pair struct{ a, b *state }

// steals reports whether a sentence of a is a proper prefix of one of b, and
// the octets that can follow it there.
func (l *language) steals(a, b peg.Expr) (peg.ByteSet, bool) {
	return l.stolen([]pair{{l.start(a), l.start(b)}})
}

// stealsSome is steals without the empty sentence of a.
func (l *language) stealsSome(a, b peg.Expr) (peg.ByteSet, bool) {
	return l.stolen(l.next(pair{l.start(a), l.start(b)}))
}

func (l *language) stolen(todo []pair) (peg.ByteSet, bool) {
	var after peg.ByteSet
	found := false
	seen := map[pair]bool{}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[p] {
			continue
		}
		seen[p] = true
		if len(seen) > maxStates {
			return all, true
		}
		if l.movesOrEnd(p.a).accept {
			for _, e := range l.movesOrEnd(p.b).edges {
				after = unite(after, e.set)
				found = true
			}
		}
		todo = append(todo, l.next(p)...)
	}
	return after, found
}

// apart reports whether no sentences of the two begin with the same octet, and
// neither has the empty one: then none can take anything from the other.
func (l *language) apart(a, b peg.Expr) bool {
	ma, mb := l.moves(l.start(a)), l.moves(l.start(b))
	if ma.accept || mb.accept {
		return false
	}
	return isNone(meet(ma.first(), mb.first()))
}

// first returns the octets of the ways out of a state.
func (m *moves) first() peg.ByteSet {
	var set peg.ByteSet
	for _, e := range m.edges {
		set = unite(set, e.set)
	}
	return set
}

// next returns the pairs that one octet leads to.
func (l *language) next(p pair) []pair {
	var out []pair
	for _, ea := range l.movesOrEnd(p.a).edges {
		for _, eb := range l.movesOrEnd(p.b).edges {
			if !isNone(meet(ea.set, eb.set)) {
				out = append(out, pair{ea.to, eb.to})
			}
		}
	}
	return out
}

var end = &moves{accept: true}

var all = peg.ByteSet{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}

func (l *language) movesOrEnd(s *state) *moves {
	if s == nil {
		return end
	}
	return l.moves(s)
}

// covers reports whether every sentence of b begins with one of the others, so
// that b can never match behind them.
func (l *language) covers(others []peg.Expr, b peg.Expr) bool {
	var from []*state
	for _, o := range others {
		from = append(from, l.start(o))
	}
	type reached struct {
		b *state
		a string
	}
	seen := map[reached]bool{}
	var alive func(b *state, as []*state) bool
	alive = func(b *state, as []*state) bool {
		for _, a := range as {
			if l.movesOrEnd(a).accept {
				return false
			}
		}
		p := reached{b, setKey(as)}
		if seen[p] {
			return false
		}
		seen[p] = true
		mb := l.movesOrEnd(b)
		if mb.accept || len(seen) > maxStates {
			return true
		}
		for _, eb := range mb.edges {
			for _, c := range l.symbols {
				if eb.set.Has(c) && alive(eb.to, l.step(as, c)) {
					return true
				}
			}
		}
		return false
	}
	if alive(l.start(b), from) {
		return false
	}
	clear(seen)
	return alive(l.start(b), nil) // else maxDepth has left no sentence to judge by
}

// step returns the states that the given ones lead to by an octet.
func (l *language) step(from []*state, c byte) []*state {
	var to []*state
	for _, s := range from {
		for _, e := range l.movesOrEnd(s).edges {
			if e.set.Has(c) && !slices.Contains(to, e.to) {
				to = append(to, e.to)
			}
		}
	}
	slices.SortFunc(to, func(a, b *state) int { return stateID(a) - stateID(b) })
	return to
}

func stateID(s *state) int {
	if s == nil {
		return 0
	}
	return s.id
}

func setKey(states []*state) string {
	var b []byte
	for _, s := range states {
		id := stateID(s)
		b = append(b, byte(id), byte(id>>8), byte(id>>16), byte(id>>24))
	}
	return string(b)
}
