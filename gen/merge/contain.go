package merge

import "github.com/dragoman-mail/dragoman/gen/abnf"

// container decides by structure whether one expression takes in another. It
// may answer no where the languages say yes, never the other way round, save
// for the pairs that the overlay declares.
type container struct {
	defs  map[string][]abnf.Node     // all definitions of a rule
	wider map[string]map[string]bool // wider[a][b]: a takes in b
	used  map[[2]string]bool         // declared pairs that have decided something
	open  map[string]bool            // rules being expanded
}

func newContainer(defs map[string][]abnf.Node, wider map[string]map[string]bool) *container {
	return &container{defs: defs, wider: wider, used: map[[2]string]bool{}, open: map[string]bool{}}
}

// contains reports whether everything that a matches is matched by b.
func (c *container) contains(b, a abnf.Node) bool {
	if abnf.Equal(a, b) {
		return true
	}
	if alts, ok := a.(*abnf.Alt); ok {
		for _, alt := range alts.Alts {
			if !c.contains(b, alt) {
				return false
			}
		}
		return true
	}
	switch b := b.(type) {
	case *abnf.Alt:
		return c.anyContains(b.Alts, a)
	case *abnf.Ref:
		return c.refContains(b, a)
	case *abnf.Rep:
		return c.repContains(b, a)
	case *abnf.Concat:
		return c.seqContains(b.Items, abnf.Sequence(a))
	}
	return false
}

func (c *container) anyContains(alts []abnf.Node, a abnf.Node) bool {
	for _, alt := range alts {
		if c.contains(alt, a) {
			return true
		}
	}
	return false
}

// refContains holds a against the declared pairs, then against what b is
// defined to be.
func (c *container) refContains(b *abnf.Ref, a abnf.Node) bool {
	key := abnf.Key(b.Name)
	if ref, ok := a.(*abnf.Ref); ok && c.wider[key][abnf.Key(ref.Name)] {
		c.used[[2]string{key, abnf.Key(ref.Name)}] = true
		return true
	}
	if c.open[key] {
		return false
	}
	c.open[key] = true
	defer delete(c.open, key)
	for _, def := range c.defs[key] {
		if c.anyContains(abnf.Alternatives(def), a) {
			return true
		}
	}
	return false
}

func (c *container) repContains(b *abnf.Rep, a abnf.Node) bool {
	if r, ok := a.(*abnf.Rep); ok && b.Min <= r.Min && atMost(r.Max, b.Max) && c.contains(b.Item, r.Item) {
		return true
	}
	return b.Min <= 1 && b.Max != 0 && c.contains(b.Item, a)
}

func atMost(n, limit int) bool { return limit < 0 || n >= 0 && n <= limit }

// seqContains matches the items of a with those of b, skipping items of b that
// need not be there and opening options of several items.
func (c *container) seqContains(b, a []abnf.Node) bool {
	if len(b) == 0 {
		return len(a) == 0
	}
	rep, isRep := b[0].(*abnf.Rep)
	if isRep && rep.Min == 0 {
		if c.seqContains(b[1:], a) {
			return true
		}
		if inner, ok := rep.Item.(*abnf.Concat); ok && rep.Max == 1 {
			opened := append(append([]abnf.Node{}, inner.Items...), b[1:]...)
			if c.seqContains(opened, a) {
				return true
			}
		}
	}
	return len(a) > 0 && c.contains(b[0], a[0]) && c.seqContains(b[1:], a[1:])
}
