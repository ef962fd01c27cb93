package lower

import (
	"github.com/dragoman-mail/dragoman/gen/peg"
)

// maxDepth is how often recursive rules are entered inside each other when
// languages are compared. Two levels show every overlap that the grammar has.
const maxDepth = 2

// maxStates bounds one comparison. Beyond it the answer is the careful one.
const maxStates = 2_000_000

// language reads expressions as finite automata, with recursion cut at
// maxDepth. A state is what is still to be matched.
type language struct {
	g         *peg.Grammar
	recursive map[string]bool
	symbols   []byte // one octet of each class that no expression tells apart
	states    map[stateKey]*state
	steps     map[*state]*moves
}

// state is an expression to be matched, then another state. A nil *state is the
// end.
type state struct {
	stateKey
	id int
}

type stateKey struct {
	expr  peg.Expr
	n     int // octets of a literal or turns of a loop already done
	depth int
	next  *state
}

// moves are the ways out of a state.
type moves struct {
	accept bool
	edges  []edge
}

type edge struct {
	set peg.ByteSet
	to  *state
}

func newLanguage(g *peg.Grammar) *language {
	return &language{
		g: g, recursive: recursiveRules(g), symbols: symbols(g),
		states: map[stateKey]*state{}, steps: map[*state]*moves{},
	}
}

func (l *language) state(e peg.Expr, n, depth int, next *state) *state {
	key := stateKey{e, n, depth, next}
	s := l.states[key]
	if s == nil {
		s = &state{key, len(l.states) + 1}
		l.states[key] = s
	}
	return s
}

// start returns the state of an expression.
func (l *language) start(e peg.Expr) *state { return l.state(e, 0, 0, nil) }

// moves returns the ways out of s, whatever matches the empty string passed
// over.
func (l *language) moves(s *state) *moves {
	if m := l.steps[s]; m != nil {
		return m
	}
	m := &moves{}
	l.close(s, m, map[*state]bool{})
	l.steps[s] = m
	return m
}

func (l *language) close(s *state, m *moves, seen map[*state]bool) {
	if s == nil {
		m.accept = true
		return
	}
	if seen[s] {
		return
	}
	seen[s] = true
	switch e := s.expr.(type) {
	case *peg.Seq:
		if s.n == len(e.Items) {
			l.close(s.next, m, seen)
			return
		}
		rest := l.state(e, s.n+1, s.depth, s.next)
		l.close(l.state(e.Items[s.n], 0, s.depth, rest), m, seen)
	case *peg.Choice:
		for _, alt := range e.Alts {
			l.close(l.state(alt, 0, s.depth, s.next), m, seen)
		}
	case *peg.Repeat:
		l.closeRepeat(s, e, m, seen)
	case *peg.Literal:
		m.edges = append(m.edges, l.literalEdge(s, e))
	case *peg.Class:
		m.edges = append(m.edges, edge{e.Set, s.next})
	case *peg.Ref:
		depth := s.depth
		if l.recursive[e.Name] {
			depth++
		}
		if depth <= maxDepth {
			l.close(l.state(l.g.Rule(e.Name).Expr, 0, depth, s.next), m, seen)
		}
	default: // lookahead does not take part
		l.close(s.next, m, seen)
	}
}

func (l *language) closeRepeat(s *state, e *peg.Repeat, m *moves, seen map[*state]bool) {
	if s.n >= e.Min {
		l.close(s.next, m, seen)
	}
	if e.Max >= 0 && s.n >= e.Max {
		return
	}
	turns := s.n + 1
	if e.Max < 0 {
		turns = min(turns, e.Min)
	}
	l.close(l.state(e.Item, 0, s.depth, l.state(e, turns, s.depth, s.next)), m, seen)
}

func (l *language) literalEdge(s *state, e *peg.Literal) edge {
	var set peg.ByteSet
	c := e.Text[s.n]
	set.Add(c)
	if e.Fold && (c|0x20 >= 'a' && c|0x20 <= 'z') {
		set.Add(c ^ 0x20)
	}
	if s.n+1 == len(e.Text) {
		return edge{set, s.next}
	}
	return edge{set, l.state(e, s.n+1, s.depth, s.next)}
}
