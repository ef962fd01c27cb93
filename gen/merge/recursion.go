package merge

import (
	"github.com/dragoman-mail/dragoman/gen/abnf"
	"github.com/dragoman-mail/dragoman/gen/peg"
)

// removeLeftRecursion rewrites rules that begin with themselves:
//
//	X = a / X t          becomes  X = X-item *t         X-item = a
//	X = a / X *(S X)     becomes  X = X-item *(S X-item)
//
// Recursion by way of other rules is left for the lint.
func removeLeftRecursion(g *abnf.Grammar, rep *Report) error {
	for _, p := range append([]*abnf.Production{}, g.Productions...) {
		bases, tails := split(p)
		if len(tails) == 0 {
			continue
		}
		src := where(p)
		if len(bases) == 0 {
			return faultf(src.File, src.Line, p.Name, "every alternative begins with the rule itself")
		}
		item := &abnf.Production{Name: p.Name + "-item", Expr: abnf.NewAlt(bases), Sources: p.Sources}
		if g.Get(item.Name) != nil {
			return faultf(src.File, src.Line, p.Name, "left recursion needs the name %s, which is taken", item.Name)
		}
		g.Add(item)
		ref := &abnf.Ref{Name: item.Name}
		p.Expr = &abnf.Concat{Items: []abnf.Node{ref, repeated(p.Name, ref, tails)}}
		rep.Rewritten = append(rep.Rewritten, p.Name)
	}
	return nil
}

// split parts the alternatives of a rule into those that do not begin with it
// and what follows it in the others.
func split(p *abnf.Production) (bases, tails []abnf.Node) {
	for _, alt := range abnf.Alternatives(p.Expr) {
		seq := abnf.Sequence(alt)
		if ref, ok := seq[0].(*abnf.Ref); ok && abnf.Key(ref.Name) == p.Name && len(seq) > 1 {
			tails = append(tails, abnf.NewConcat(seq[1:]))
			continue
		}
		bases = append(bases, alt)
	}
	return bases, tails
}

// repeated returns any number of the tails. A tail that may be empty would loop
// for ever, so a repeat of a repeat becomes one; in it, X at the end is X-item,
// because what follows that is another turn of the loop.
func repeated(name string, item abnf.Node, tails []abnf.Node) abnf.Node {
	for i, t := range tails {
		rep, ok := t.(*abnf.Rep)
		if !ok {
			continue
		}
		seq := append([]abnf.Node{}, abnf.Sequence(rep.Item)...)
		if ref, ok := seq[len(seq)-1].(*abnf.Ref); ok && abnf.Key(ref.Name) == name {
			seq[len(seq)-1] = item
		}
		tails[i] = abnf.NewConcat(seq)
	}
	return &abnf.Rep{Min: 0, Max: -1, Item: abnf.NewAlt(tails)}
}

// where returns the place of the first definition of a production.
func where(p *abnf.Production) peg.Source {
	if len(p.Sources) == 0 {
		return peg.Source{File: "core rules"}
	}
	return p.Sources[0]
}
