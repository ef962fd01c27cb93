package search

type and []node

func (a and) eval(m *Meta, in *loaded) verdict {
	result := yes
	for _, n := range a {
		result = min(result, n.eval(m, in))
		if result == no {
			break
		}
	}
	return result
}

func (a and) cost() int {
	highest := costMeta
	for _, n := range a {
		highest = max(highest, n.cost())
	}
	return highest
}

type or struct{ left, right node }

func (o or) eval(m *Meta, in *loaded) verdict {
	left := o.left.eval(m, in)
	if left == yes {
		return yes
	}
	return max(left, o.right.eval(m, in))
}

func (o or) cost() int { return max(o.left.cost(), o.right.cost()) }

type not struct{ key node }

func (n not) eval(m *Meta, in *loaded) verdict { return yes - n.key.eval(m, in) }

func (n not) cost() int { return n.key.cost() }

func negated(negate bool, n node) node {
	if negate {
		return not{n}
	}
	return n
}
