package abnf

import "github.com/dragoman-mail/dragoman/gen/peg"

// Grammar is a set of merged rules, in the order of their first definition.
type Grammar struct {
	Productions []*Production
	Entries     []string // keys of the rules that parsing may start from

	index map[string]*Production
}

// Production is one merged rule.
type Production struct {
	Name     string // the rule's name, lower-cased
	Expr     Node
	CatchAll bool   // it accepts what the rest of the grammar does not know
	Commit   string // the catch-all by which the option it begins with can be passed over
	Core     bool   // built in
	Sources  []peg.Source
}

// Add appends a production; one of that name must not exist yet.
func (g *Grammar) Add(p *Production) {
	if g.index == nil {
		g.index = map[string]*Production{}
	}
	if g.index[p.Name] != nil {
		panic("abnf: production " + p.Name + " added twice")
	}
	g.Productions = append(g.Productions, p)
	g.index[p.Name] = p
}

// Get returns the production of that name in any case, or nil.
func (g *Grammar) Get(name string) *Production { return g.index[Key(name)] }

// Remove takes a production out; it does nothing if there is none.
func (g *Grammar) Remove(name string) {
	key := Key(name)
	for i, p := range g.Productions {
		if p.Name == key {
			g.Productions = append(g.Productions[:i], g.Productions[i+1:]...)
			delete(g.index, key)
			return
		}
	}
}

// Reachable returns the names of the rules that can be reached from the given
// ones, themselves included.
func (g *Grammar) Reachable(from []string) map[string]bool {
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		key := Key(name)
		p := g.index[key]
		if p == nil || seen[key] {
			return
		}
		seen[key] = true
		Walk(p.Expr, func(n Node) {
			if r, ok := n.(*Ref); ok {
				visit(r.Name)
			}
		})
	}
	for _, name := range from {
		visit(name)
	}
	return seen
}
