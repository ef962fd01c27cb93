package oracle

import "github.com/dragoman-mail/dragoman/gen/abnf"

// Target is an alternative that sentences have to come by, with the ways to it.
type Target struct {
	alts *abnf.Alt
	alt  abnf.Node
	far  map[string]int // how far a rule is from the alternative, at least 1; none: it does not lead there
	dist map[abnf.Node]int
	met  bool
}

// Target returns an alternative of a choice of the grammar as a target. No way goes by a catch-all if the generator is
// strict, nor by a leaf.
func (g *Generator) Target(choice *abnf.Alt, alt abnf.Node) *Target {
	t := &Target{alts: choice, alt: alt, far: map[string]int{}}
	for changed := true; changed; {
		changed = false
		t.dist = map[abnf.Node]int{}
		for _, p := range g.g.Productions {
			if g.Leaves[p.Name] != nil || g.Strict && p.CatchAll {
				continue
			}
			if d := t.distance(p.Expr); d > 0 && (t.far[p.Name] == 0 || d+1 < t.far[p.Name]) {
				t.far[p.Name], changed = d+1, true
			}
		}
	}
	return t
}

// Through returns a sentence of the rule that is made with the target, or "" if the rule does not lead to it.
func (g *Generator) Through(rule string, t *Target) string {
	if !t.From(rule) {
		return ""
	}
	t.met = false
	g.toward = t
	defer func() { g.toward = nil }()
	return g.Sentence(rule)
}

// From reports whether sentences of a rule can come by the target.
func (t *Target) From(rule string) bool { return t.far[abnf.Key(rule)] > 0 }

// distance is 0 for an expression that does not lead to the target, else how far it is.
func (t *Target) distance(n abnf.Node) int {
	if d, ok := t.dist[n]; ok {
		return d
	}
	least := 0
	nearer := func(d int) {
		if d > 0 && (least == 0 || d < least) {
			least = d
		}
	}
	switch n := n.(type) {
	case *abnf.Alt:
		if n == t.alts {
			nearer(1)
		}
		for _, alt := range n.Alts {
			nearer(t.distance(alt))
		}
	case *abnf.Concat:
		for _, it := range n.Items {
			nearer(t.distance(it))
		}
	case *abnf.Rep:
		nearer(t.distance(n.Item))
	case *abnf.Gate:
		nearer(t.distance(n.Item))
	case *abnf.Ref:
		return t.far[abnf.Key(n.Name)]
	}
	t.dist[n] = least
	return least
}

// nearest gives the item of a sequence that leads to a target that is not met yet by the shortest way, or -1.
func (t *Target) nearest(items []abnf.Node) int {
	best := -1
	if t == nil || t.met {
		return best
	}
	for i, it := range items {
		if d := t.distance(it); d > 0 && (best < 0 || d < t.distance(items[best])) {
			best = i
		}
	}
	return best
}

// in reports whether an expression leads to a target that is not met yet.
func (t *Target) in(n abnf.Node) bool { return t != nil && !t.met && t.distance(n) > 0 }

// pick gives the alternative that leads to a target that is not met yet, or nil.
func (t *Target) pick(n *abnf.Alt) abnf.Node {
	if t == nil || t.met {
		return nil
	}
	if n == t.alts {
		t.met = true
		return t.alt
	}
	if best := t.nearest(n.Alts); best >= 0 {
		return n.Alts[best]
	}
	return nil
}
