package emit

import "github.com/dragoman-mail/dragoman/gen/peg"

// sets knows of each rule with which octets it may begin and whether it may match
// nothing.
type sets struct {
	grammar  *peg.Grammar
	first    map[string]peg.ByteSet
	nullable map[string]bool
}

func newSets(g *peg.Grammar) *sets {
	s := &sets{grammar: g, first: map[string]peg.ByteSet{}, nullable: map[string]bool{}}
	for changed := true; changed; {
		changed = false
		for _, r := range g.Rules {
			f, n := s.of(r.Expr)
			if f != s.first[r.Name] || n != s.nullable[r.Name] {
				s.first[r.Name], s.nullable[r.Name] = f, n
				changed = true
			}
		}
	}
	return s
}

// of gives the octets that e may begin with, and whether it may match nothing. It
// errs on the side of more; predicates count as matching nothing.
func (s *sets) of(e peg.Expr) (first peg.ByteSet, nullable bool) {
	switch e := e.(type) {
	case *peg.Seq:
		for _, it := range e.Items {
			f, n := s.of(it)
			first = union(first, f)
			if !n {
				return first, false
			}
		}
		return first, true
	case *peg.Choice:
		for _, a := range e.Alts {
			f, n := s.of(a)
			first, nullable = union(first, f), nullable || n
		}
		return first, nullable
	case *peg.Repeat:
		f, n := s.of(e.Item)
		return f, n || e.Min == 0
	case *peg.Literal:
		if e.Text == "" {
			return first, true
		}
		return literalFirst(e), false
	case *peg.Class:
		return e.Set, false
	case *peg.Ref:
		return s.first[e.Name], s.nullable[e.Name]
	}
	return first, true
}

func literalFirst(l *peg.Literal) (set peg.ByteSet) {
	c := l.Text[0]
	set.Add(c)
	if l.Fold && 'A' <= c&^0x20 && c&^0x20 <= 'Z' {
		set.Add(c ^ 0x20)
	}
	return set
}

func union(a, b peg.ByteSet) peg.ByteSet {
	for i := range a {
		a[i] |= b[i]
	}
	return a
}

func size(s *peg.ByteSet) (n int) {
	for b := range 256 {
		if s.Has(byte(b)) {
			n++
		}
	}
	return n
}

func members(s *peg.ByteSet) (list []byte) {
	for b := range 256 {
		if s.Has(byte(b)) {
			list = append(list, byte(b))
		}
	}
	return list
}

// recursive finds the rules that can reach themselves.
func recursive(g *peg.Grammar) map[string]bool {
	refs := map[string][]string{}
	for _, r := range g.Rules {
		peg.Walk(r.Expr, func(e peg.Expr) {
			if ref, ok := e.(*peg.Ref); ok {
				refs[r.Name] = append(refs[r.Name], ref.Name)
			}
		})
	}
	loops := map[string]bool{}
	for _, r := range g.Rules {
		seen := map[string]bool{}
		var visit func(string)
		visit = func(name string) {
			for _, to := range refs[name] {
				if !seen[to] {
					seen[to] = true
					visit(to)
				}
			}
		}
		visit(r.Name)
		loops[r.Name] = seen[r.Name]
	}
	return loops
}
