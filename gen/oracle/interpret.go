package oracle

import (
	"strings"

	"github.com/dragoman-mail/dragoman/gen/peg"
)

// Interpreter matches inputs against the PEG model as it stands.
type Interpreter struct {
	On     Capabilities // those of the extensions that are on
	g      *peg.Grammar
	strict bool
	input  string
	steps  int
	limit  int // of steps; 0 for none
}

// NewInterpreter returns an interpreter of the model; a strict one leaves out
// its catch-all rules.
func NewInterpreter(g *peg.Grammar, strict bool) *Interpreter {
	return &Interpreter{g: g, strict: strict}
}

// Accepts reports whether the rule matches all of the input.
func (in *Interpreter) Accepts(rule, input string) bool {
	in.input, in.limit = input, 0
	return in.match(&peg.Ref{Name: rule}, 0) == len(input)
}

// Steps returns how many expressions are tried when the rule is matched at the start
// of the input, but no more than a little over the limit. The parsers made of the
// model try no others, so this is their work, measured without a clock.
func (in *Interpreter) Steps(rule, input string, limit int) int {
	in.input, in.limit, in.steps = input, limit, 0
	in.match(&peg.Ref{Name: rule}, 0)
	return in.steps
}

// match returns where e ends if it matches at pos, or -1.
func (in *Interpreter) match(e peg.Expr, pos int) int {
	if in.steps++; in.limit > 0 && in.steps > in.limit {
		return -1
	}
	switch e := e.(type) {
	case *peg.Seq:
		for _, it := range e.Items {
			if pos = in.match(it, pos); pos < 0 {
				return -1
			}
		}
		return pos
	case *peg.Choice:
		for _, a := range e.Alts {
			if end := in.match(a, pos); end >= 0 {
				return end
			}
		}
		return -1
	case *peg.Repeat:
		return in.repeat(e, pos)
	case *peg.Literal:
		return in.literal(e, pos)
	case *peg.Class:
		if pos < len(in.input) && e.Set.Has(in.input[pos]) {
			return pos + 1
		}
		return -1
	case *peg.Ref:
		r := in.g.Rule(e.Name)
		if in.strict && r.CatchAll {
			return -1
		}
		return in.match(r.Expr, pos)
	case *peg.And:
		return onlyLook(pos, in.match(e.Expr, pos) >= 0)
	case *peg.Not:
		return onlyLook(pos, in.match(e.Expr, pos) < 0)
	case *peg.Feature:
		return onlyLook(pos, in.On.any(e.Capabilities))
	}
	return -1
}

func onlyLook(pos int, ok bool) int {
	if ok {
		return pos
	}
	return -1
}

func (in *Interpreter) repeat(e *peg.Repeat, pos int) int {
	turns := 0
	for e.Max < 0 || turns < e.Max {
		if e.Until != nil && turns >= e.Min && in.match(e.Until, pos) >= 0 {
			break
		}
		end := in.match(e.Item, pos)
		if end < 0 || end == pos && turns >= e.Min {
			break
		}
		pos = end
		turns++
	}
	if turns < e.Min {
		return -1
	}
	return pos
}

func (in *Interpreter) literal(e *peg.Literal, pos int) int {
	end := pos + len(e.Text)
	if end > len(in.input) {
		return -1
	}
	text := in.input[pos:end]
	if text == e.Text {
		return end
	}
	if e.Fold && strings.EqualFold(text, e.Text) && isASCII(text) {
		return end
	}
	return -1
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}
