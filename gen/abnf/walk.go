package abnf

// Walk calls f for n and everything below it, parents first.
func Walk(n Node, f func(Node)) {
	f(n)
	switch n := n.(type) {
	case *Alt:
		for _, a := range n.Alts {
			Walk(a, f)
		}
	case *Concat:
		for _, it := range n.Items {
			Walk(it, f)
		}
	case *Rep:
		Walk(n.Item, f)
	case *Gate:
		Walk(n.Item, f)
	}
}

// Map returns n with f applied to everything below it and then to itself. f may
// return what it is given; a nil result removes an alternative or an item.
func Map(n Node, f func(Node) Node) Node {
	switch n := n.(type) {
	case *Alt:
		return f(NewAlt(mapAll(n.Alts, f)))
	case *Concat:
		return f(NewConcat(mapAll(n.Items, f)))
	case *Rep:
		item := Map(n.Item, f)
		if item == nil {
			return nil
		}
		return f(&Rep{Min: n.Min, Max: n.Max, Item: item})
	case *Gate:
		item := Map(n.Item, f)
		if item == nil {
			return nil
		}
		return f(&Gate{Capabilities: n.Capabilities, Item: item})
	}
	return f(n)
}

func mapAll(nodes []Node, f func(Node) Node) []Node {
	var out []Node
	for _, n := range nodes {
		if m := Map(n, f); m != nil {
			out = append(out, m)
		}
	}
	return out
}

// NewAlt returns the alternation of the nodes, or the node itself if it is one.
func NewAlt(nodes []Node) Node {
	if len(nodes) == 1 {
		return nodes[0]
	}
	return &Alt{Alts: nodes}
}

// NewConcat returns the sequence of the nodes, or the node itself if it is one.
func NewConcat(nodes []Node) Node {
	if len(nodes) == 1 {
		return nodes[0]
	}
	return &Concat{Items: nodes}
}

// Alternatives returns the alternatives of n, or n alone if it is none.
func Alternatives(n Node) []Node {
	if a, ok := n.(*Alt); ok {
		return a.Alts
	}
	return []Node{n}
}

// Sequence returns the items of n, or n alone if it is no concatenation.
func Sequence(n Node) []Node {
	if c, ok := n.(*Concat); ok {
		return c.Items
	}
	return []Node{n}
}
