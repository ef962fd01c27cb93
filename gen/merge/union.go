package merge

import (
	"strings"

	"github.com/dragoman-mail/dragoman/gen/abnf"
	"github.com/dragoman-mail/dragoman/gen/peg"
)

// definition is one rule of one file.
type definition struct {
	rule   *abnf.Rule
	source peg.Source
}

// collected holds the definitions of all files by rule name, and the names in
// the order of their first definition.
type collected struct {
	order []string
	defs  map[string][]definition
}

// add takes the rules of a file. A rule that the file defines twice is a fault.
func (c *collected) add(f *abnf.File, rfc int) error {
	first := map[string]int{}
	section := ""
	for _, it := range f.Items {
		switch it := it.(type) {
		case *abnf.Comment:
			if s, ok := strings.CutPrefix(it.Text, " section "); ok {
				section = s
			}
		case *abnf.Rule:
			key := abnf.Key(it.Name)
			if line := first[key]; line > 0 && !it.Added {
				return faultf(f.Name, it.Line, it.Name, "defined in line %d already", line)
			}
			first[key] = it.Line
			c.put(key, definition{it, peg.Source{
				RFC: rfc, File: f.Name, Line: it.Line, Section: section, ABNF: it.Text,
			}})
		}
	}
	return nil
}

func (c *collected) put(key string, d definition) {
	if _, ok := c.defs[key]; !ok {
		c.order = append(c.order, key)
	}
	c.defs[key] = append(c.defs[key], d)
}

// putFirst makes d the first definition of a rule.
func (c *collected) putFirst(key string, d definition) {
	rest := c.defs[key]
	c.put(key, d)
	c.defs[key] = append([]definition{d}, rest...)
}

// checkDefined reports a rule that is only added to, unless the overlay removes
// it.
func (c *collected) checkDefined(entries []*entry) error {
	removed := map[string]bool{}
	for _, e := range of(entries, "remove") {
		for _, name := range e.names {
			removed[name] = true
		}
	}
	for _, key := range c.order {
		if defs := c.defs[key]; onlyAdded(defs) && !removed[key] {
			s := defs[0].source
			return faultf(s.File, s.Line, key, "added to, but no file defines it")
		}
	}
	return nil
}

// nodes returns the expressions of all definitions.
func (c *collected) nodes() map[string][]abnf.Node {
	out := make(map[string][]abnf.Node, len(c.defs))
	for key, defs := range c.defs {
		for _, d := range defs {
			out[key] = append(out[key], d.rule.Expr)
		}
	}
	return out
}

// union merges the definitions of each rule into one.
func (c *collected) union(in *container, rep *Report) *abnf.Grammar {
	g := &abnf.Grammar{}
	for _, key := range c.order {
		p := &abnf.Production{Name: key}
		var alts []abnf.Node
		for i, d := range c.defs[key] {
			before := abnf.NewAlt(alts)
			alts = in.unite(key, alts, d.rule.Expr, rep)
			if i > 0 && !abnf.Equal(before, abnf.NewAlt(alts)) {
				rep.union(key)
			}
			p.Sources = append(p.Sources, d.source)
		}
		p.Expr = abnf.NewAlt(alts)
		g.Add(p)
	}
	return g
}

// unite adds the alternatives of a further definition of a rule. The rule itself
// is not expanded meanwhile: an alternative that begins with the rule would take
// in all others.
func (c *container) unite(rule string, alts []abnf.Node, def abnf.Node, rep *Report) []abnf.Node {
	c.open[rule] = true
	defer delete(c.open, rule)
	for _, alt := range abnf.Alternatives(def) {
		alts = c.insert(alts, alt, rep)
	}
	return alts
}

// insert adds an alternative unless another takes it in, and takes out those
// that it takes in itself; it stands where the first of them stood.
func (c *container) insert(alts []abnf.Node, alt abnf.Node, rep *Report) []abnf.Node {
	var kept []abnf.Node
	placed := false
	for _, have := range alts {
		switch {
		case c.contains(have, alt):
			rep.Contained++
			return alts
		case !c.contains(alt, have):
			kept = append(kept, have)
		case placed:
			rep.Contained++
		default:
			rep.Contained++
			kept = append(kept, alt)
			placed = true
		}
	}
	if !placed {
		kept = append(kept, alt)
	}
	return kept
}
