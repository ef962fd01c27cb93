package lower

import (
	"github.com/dragoman-mail/dragoman/gen/abnf"
	"github.com/dragoman-mail/dragoman/gen/peg"
)

// commit makes the option at the beginning of a rule binding for strict parsers:
//
//	X = ["[" code] text
//
// becomes, with the catch-all rule odd = &"[",
//
//	X = ("[" code / odd / !"[") text
//
// so that a strict parser does not take a faulty code for text.
func commit(p *abnf.Production, g *peg.Grammar) error {
	r := g.Rule(p.Name)
	seq := items(r.Expr)
	opt, ok := seq[0].(*peg.Repeat)
	if !ok || opt.Min != 0 || opt.Max != 1 {
		return commitError(p)
	}
	first, ok := items(opt.Item)[0].(*peg.Literal)
	if !ok {
		return commitError(p)
	}
	head := &peg.Choice{Alts: []peg.Expr{opt.Item, &peg.Ref{Name: p.Commit}, &peg.Not{Expr: first}}}
	r.Expr = sequence(append([]peg.Expr{head}, seq[1:]...))
	g.Add(&peg.Rule{Name: p.Commit, Expr: &peg.And{Expr: first}, CatchAll: true, Sources: p.Sources})
	return nil
}

func commitError(p *abnf.Production) error {
	e := &abnf.Error{Rule: p.Name, Msg: "commit needs a rule that begins with an option that begins with a string"}
	if len(p.Sources) > 0 {
		e.File, e.Line = p.Sources[0].File, p.Sources[0].Line
	}
	return e
}
