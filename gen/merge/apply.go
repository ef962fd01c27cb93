package merge

import (
	"slices"
	"strings"

	"github.com/dragoman-mail/dragoman/gen/abnf"
	"github.com/dragoman-mail/dragoman/gen/peg"
)

func overlaySource(r *abnf.Rule) peg.Source {
	return peg.Source{File: OverlayFile, Line: r.Line, ABNF: r.Text}
}

// override takes the replacements and new rules into the definitions, before
// the union is made.
func (c *collected) override(entries []*entry, rep *Report) error {
	for _, e := range of(entries, "replace", "define", "entry", "name") {
		for _, r := range e.rules {
			key := abnf.Key(r.Name)
			defs, known := c.defs[key]
			switch {
			case e.kind != "replace" && known && !onlyAdded(defs):
				return fault(r.Line, r.Name, "defined already: replace it instead")
			case e.kind == "replace" && !known:
				return fault(r.Line, r.Name, "unused override: no RFC defines it")
			case e.kind == "replace" && len(defs) == 1 && abnf.Equal(defs[0].rule.Expr, r.Expr):
				return fault(r.Line, r.Name, "unused override: it says what the RFC says")
			}
			if e.kind == "replace" {
				c.defs[key] = nil
				rep.Overridden = append(rep.Overridden, key)
			}
			c.putFirst(key, definition{r, overlaySource(r)})
		}
	}
	return nil
}

// onlyAdded reports whether all definitions are additions, so that the rule
// they add to is still to be defined.
func onlyAdded(defs []definition) bool {
	return !slices.ContainsFunc(defs, func(d definition) bool { return !d.rule.Added })
}

// edit makes the changes to the union that the overlay asks for.
func edit(g *abnf.Grammar, entries []*entry, in *container, rep *Report) error {
	for _, e := range entries {
		for _, r := range e.rules {
			var err error
			switch e.kind {
			case "attach":
				err = attach(g, r, in, rep)
			case "drop":
				err = drop(g, r, rep)
			case "name":
				err = name(g, e.names, r, rep)
			}
			if err != nil {
				return err
			}
		}
		switch e.kind {
		case "commit":
			if err := commit(g, e); err != nil {
				return err
			}
			continue
		case "gate":
			continue // when nothing compares alternatives any more
		}
		for _, n := range e.names {
			if err := mark(g, e, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// mark does what an entry says about a rule that it names.
func mark(g *abnf.Grammar, e *entry, name string) error {
	p := g.Get(name)
	if p == nil {
		return fault(e.line, name, "unused override: there is no such rule")
	}
	switch e.kind {
	case "remove":
		g.Remove(name)
	case "catch-all":
		p.CatchAll = true
	case "entry":
		g.Entries = append(g.Entries, name)
	}
	return nil
}

// commit notes that the first rule begins with an option that only the second
// one, made for it, lets pass over.
func commit(g *abnf.Grammar, e *entry) error {
	p := g.Get(e.names[0])
	if p == nil {
		return fault(e.line, e.names[0], "unused override: there is no such rule")
	}
	if g.Get(e.names[1]) != nil {
		return fault(e.line, e.names[1], "defined already")
	}
	p.Commit = e.names[1]
	return nil
}

func attach(g *abnf.Grammar, r *abnf.Rule, in *container, rep *Report) error {
	p := g.Get(r.Name)
	if p == nil {
		return fault(r.Line, r.Name, "unused override: there is no such rule")
	}
	for _, alt := range abnf.Alternatives(r.Expr) {
		if in.contains(p.Expr, alt) {
			return fault(r.Line, r.Name, "unused override: the rule has "+abnf.Print(alt)+" already")
		}
	}
	p.Expr = abnf.NewAlt(in.unite(p.Name, abnf.Alternatives(p.Expr), r.Expr, rep))
	p.Sources = append(p.Sources, overlaySource(r))
	rep.Attached = append(rep.Attached, p.Name)
	return nil
}

// drop takes alternatives out, wherever in the rule they stand.
func drop(g *abnf.Grammar, r *abnf.Rule, rep *Report) error {
	rep.Dropped = append(rep.Dropped, abnf.Key(r.Name))
	return eachAlternative(g, r, func(abnf.Node) abnf.Node { return nil })
}

// gate ties alternatives of the rules to the entry's capabilities, wherever in a
// rule they stand.
func gate(g *abnf.Grammar, entries []*entry, docs []Document, rep *Report) error {
	for _, e := range of(entries, "gate") {
		for _, name := range e.names {
			if !announced(docs, name) {
				return fault(e.line, "", "no RFC of the index has the capability "+name)
			}
		}
		for _, r := range e.rules {
			err := eachAlternative(g, r, func(alt abnf.Node) abnf.Node {
				return &abnf.Gate{Capabilities: e.names, Item: alt}
			})
			if err != nil {
				return err
			}
			rep.Gated = append(rep.Gated, strings.Join(e.names, " ")+": "+abnf.Key(r.Name))
		}
	}
	return nil
}

// announced reports whether a document has the capability, with a value that the index leaves out or without.
func announced(docs []Document, name string) bool {
	return slices.ContainsFunc(docs, func(d Document) bool {
		return slices.Contains(d.Capabilities, name) || slices.Contains(d.Capabilities, name+"=")
	})
}

// eachAlternative puts what f makes of them, or nothing, in place of the
// alternatives that r lists of the rule of its name: the rule's own, or where it
// has no such one, those of its groups. The whole of a rule without alternatives
// counts as one.
func eachAlternative(g *abnf.Grammar, r *abnf.Rule, f func(abnf.Node) abnf.Node) error {
	p := g.Get(r.Name)
	if p == nil {
		return fault(r.Line, r.Name, "unused override: there is no such rule")
	}
	for _, alt := range abnf.Alternatives(r.Expr) {
		found := false
		change := func(alts []abnf.Node) []abnf.Node {
			var out []abnf.Node
			for _, x := range alts {
				if abnf.Equal(x, alt) {
					found = true
					if x = f(x); x == nil {
						continue
					}
				}
				out = append(out, x)
			}
			return out
		}
		p.Expr = abnf.NewAlt(change(abnf.Alternatives(p.Expr)))
		if found {
			continue
		}
		p.Expr = abnf.Map(p.Expr, func(n abnf.Node) abnf.Node {
			if a, ok := n.(*abnf.Alt); ok {
				return abnf.NewAlt(change(a.Alts))
			}
			return n
		})
		if !found {
			return fault(r.Line, r.Name, "unused override: it has no alternative "+abnf.Print(alt))
		}
	}
	return nil
}

// name puts a reference to r in place of r's expression in the given rules.
func name(g *abnf.Grammar, in []string, r *abnf.Rule, rep *Report) error {
	for _, key := range in {
		p := g.Get(key)
		if p == nil {
			return fault(r.Line, key, "unused override: there is no such rule")
		}
		found := false
		p.Expr = abnf.Map(p.Expr, func(n abnf.Node) abnf.Node {
			out := named(n, r.Expr, &abnf.Ref{Name: r.Name})
			found = found || out != n
			return out
		})
		if !found {
			return fault(r.Line, r.Name, "unused override: "+key+" has no part "+abnf.Print(r.Expr))
		}
	}
	rep.Named = append(rep.Named, abnf.Key(r.Name))
	return nil
}

// named returns ref if n is the part, n with ref in place of a run of
// alternatives or items that makes up the part, or n itself.
func named(n, part, ref abnf.Node) abnf.Node {
	if abnf.Equal(n, part) {
		return ref
	}
	switch n := n.(type) {
	case *abnf.Alt:
		if alts, ok := replaceRun(n.Alts, abnf.Alternatives(part), ref); ok {
			return abnf.NewAlt(alts)
		}
	case *abnf.Concat:
		if items, ok := replaceRun(n.Items, abnf.Sequence(part), ref); ok {
			return abnf.NewConcat(items)
		}
	}
	return n
}

func replaceRun(list, run []abnf.Node, ref abnf.Node) ([]abnf.Node, bool) {
	for i := 0; len(run) > 1 && i+len(run) <= len(list); i++ {
		if slices.EqualFunc(list[i:i+len(run)], run, abnf.Equal) {
			return slices.Concat(list[:i], []abnf.Node{ref}, list[i+len(run):]), true
		}
	}
	return nil, false
}
