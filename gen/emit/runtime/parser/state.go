//go:build ignore

package parser

import (
	"sync"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// maxDepth bounds how deep rules may nest: search keys, body structures.
const maxDepth = 128

// maxWants bounds how many expectations an error lists.
const maxWants = 8

// state is one run of the parser: the line, and the tape of what bound rules matched.
type state struct {
	s      []byte
	lits   []imap.Literal
	ends   []int // offset behind each literal's CRLF in s
	strict bool

	tape  []event
	far   int // furthest offset where matching failed
	wants [maxWants]uint16
	nwant int
	quiet int // inside a predicate: failures say nothing
	depth int
	deep  bool // nested deeper than maxDepth

	wrong    string // rule whose value is not valid, found while building
	wrongAt  int
	streamed bool // an APPEND message may be without its data
}

// event says that a bound rule or keyword matched s[start:end]; its parts follow it
// on the tape up to next.
type event struct {
	kind             uint16
	start, end, next int32
}

var states = sync.Pool{New: func() any { return new(state) }}

// maxKept bounds the tape that a state keeps for its next use, in events.
const maxKept = 1 << 14

func newState(line []byte, lits []imap.Literal) *state {
	p := states.Get().(*state)
	*p = state{s: line, lits: lits, tape: p.tape[:0], ends: p.ends[:0]}
	if len(lits) > 0 {
		p.findLiterals()
	}
	return p
}

func (p *state) release() {
	if cap(p.tape) > maxKept {
		p.tape = nil
	}
	p.s, p.lits = nil, nil
	states.Put(p)
}

// findLiterals notes where literals end: at each CRLF but the last.
func (p *state) findLiterals() {
	for i := 1; i < len(p.s)-1; i++ {
		if p.s[i] == '\n' && p.s[i-1] == '\r' {
			p.ends = append(p.ends, i+1)
		}
	}
}

// mark puts an event without parts on the tape.
func (p *state) mark(kind uint16, start, end int) {
	p.tape = append(p.tape, event{kind, int32(start), int32(end), int32(len(p.tape) + 1)})
}

// close ends the event at t, whose parts lie behind it.
func (p *state) close(t, end int) {
	p.tape[t].end, p.tape[t].next = int32(end), int32(len(p.tape))
}

// next gives the event behind k and its parts.
func (p *state) next(k int) int { return int(p.tape[k].next) }

// fail notes what was expected at i and gives -1.
func (p *state) fail(i int, want uint16) int {
	if i < p.far || p.quiet > 0 {
		return -1
	}
	if i > p.far {
		p.far, p.nwant = i, 0
	}
	if p.nwant < maxWants {
		p.wants[p.nwant] = want
		p.nwant++
	}
	return -1
}

// enter counts the nesting of recursive rules.
func (p *state) enter() bool {
	if p.depth >= maxDepth || p.deep {
		p.deep = true
		return false
	}
	p.depth++
	return true
}

// quietly matches a predicate.
func (p *state) quietly(i int, match func(*state, int) int) int {
	p.quiet++
	i = match(p, i)
	p.quiet--
	return i
}

// word reports whether an upper-case word stands at i, in either case.
func (p *state) word(i int, w string) bool {
	if len(p.s)-i < len(w) {
		return false
	}
	s := p.s[i : i+len(w)]
	for k := range len(w) {
		c := s[k]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c != w[k] {
			return false
		}
	}
	return true
}

// exact reports whether w stands at i.
func (p *state) exact(i int, w string) bool {
	return len(p.s)-i >= len(w) && string(p.s[i:i+len(w)]) == w
}

// count gives the number of events of a kind from e up to end, parts left out.
func (p *state) count(e, end int, kind uint16) (n int) {
	for ; e < end; e = p.next(e) {
		if p.tape[e].kind == kind {
			n++
		}
	}
	return n
}

// parts gives the number of direct parts of event k.
func (p *state) parts(k int) (n int) {
	for e, end := k+1, p.next(k); e < end; e = p.next(e) {
		n++
	}
	return n
}

// bad notes that the value of event k is not valid. The first one counts.
func (p *state) bad(k int, rule string) {
	if p.wrong == "" {
		p.wrong, p.wrongAt = rule, int(p.tape[k].start)
	}
}

// octets is a set of octets as a table.
func octets(a, b, c, d uint64) (set [256]bool) {
	for i, word := range [4]uint64{a, b, c, d} {
		for bit := range 64 {
			set[i*64+bit] = word>>bit&1 != 0
		}
	}
	return set
}
