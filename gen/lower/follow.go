package lower

import "github.com/dragoman-mail/dragoman/gen/peg"

// follow is what can come after a place: octets, and the end of the input.
type follow struct {
	set peg.ByteSet
	end bool
}

func (f follow) union(o follow) follow { return follow{unite(f.set, o.set), f.end || o.end} }

// firsts knows what rules begin with and which match the empty string.
type firsts struct {
	g     *peg.Grammar
	set   map[string]peg.ByteSet
	empty map[string]bool
}

func newFirsts(g *peg.Grammar) *firsts {
	f := &firsts{g: g, set: map[string]peg.ByteSet{}, empty: map[string]bool{}}
	for changed := true; changed; {
		changed = false
		for _, r := range g.Rules {
			set, empty := f.of(r.Expr)
			if set != f.set[r.Name] || empty != f.empty[r.Name] {
				f.set[r.Name], f.empty[r.Name] = set, empty
				changed = true
			}
		}
	}
	return f
}

// of returns the octets that e can begin with, and whether it can be empty.
func (f *firsts) of(e peg.Expr) (peg.ByteSet, bool) {
	var set peg.ByteSet
	switch e := e.(type) {
	case *peg.Seq:
		for _, it := range e.Items {
			s, empty := f.of(it)
			set = unite(set, s)
			if !empty {
				return set, false
			}
		}
		return set, true
	case *peg.Choice:
		empty := false
		for _, a := range e.Alts {
			s, n := f.of(a)
			set = unite(set, s)
			empty = empty || n
		}
		return set, empty
	case *peg.Repeat:
		s, empty := f.of(e.Item)
		return s, empty || e.Min == 0
	case *peg.Literal:
		set.Add(e.Text[0])
		if e.Fold && hasLetter(e.Text[:1]) {
			set.Add(e.Text[0] ^ 0x20)
		}
		return set, false
	case *peg.Class:
		return e.Set, false
	case *peg.Ref:
		return f.set[e.Name], f.empty[e.Name]
	}
	return set, true
}

// before returns what follows a place in front of e, which itself is followed
// by after.
func (f *firsts) before(e peg.Expr, after follow) follow {
	set, empty := f.of(e)
	if empty {
		return follow{set, false}.union(after)
	}
	return follow{set, false}
}

// follows computes what can come after each rule.
func follows(g *peg.Grammar, f *firsts) map[string]follow {
	after := map[string]follow{}
	for _, name := range g.Entries {
		after[name] = follow{end: true}
	}
	for changed := true; changed; {
		changed = false
		for _, r := range g.Rules {
			place(r.Expr, after[r.Name], f, func(e peg.Expr, a follow) {
				ref, ok := e.(*peg.Ref)
				if !ok {
					return
				}
				if u := after[ref.Name].union(a); u != after[ref.Name] {
					after[ref.Name] = u
					changed = true
				}
			})
		}
	}
	return after
}

// place calls visit for e and everything below it with what can come after it.
func place(e peg.Expr, after follow, f *firsts, visit func(peg.Expr, follow)) {
	visit(e, after)
	switch e := e.(type) {
	case *peg.Seq:
		for i, it := range e.Items {
			place(it, f.before(&peg.Seq{Items: e.Items[i+1:]}, after), f, visit)
		}
	case *peg.Choice:
		for _, a := range e.Alts {
			place(a, after, f, visit)
		}
	case *peg.Repeat:
		place(e.Item, f.turn(e, after), f, visit)
	}
}

// turn returns what can come after one turn of a loop.
func (f *firsts) turn(e *peg.Repeat, after follow) follow {
	if e.Max == 1 {
		return after
	}
	return f.before(e.Item, follow{}).union(after)
}
