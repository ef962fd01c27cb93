package abnf

import (
	"slices"
	"strings"
)

// Equal reports whether two expressions have the same tree, with rule names and
// insensitive strings compared without regard to case.
func Equal(a, b Node) bool {
	switch a := a.(type) {
	case *Alt:
		b, ok := b.(*Alt)
		return ok && slices.EqualFunc(a.Alts, b.Alts, Equal)
	case *Concat:
		b, ok := b.(*Concat)
		return ok && slices.EqualFunc(a.Items, b.Items, Equal)
	case *Rep:
		b, ok := b.(*Rep)
		return ok && a.Min == b.Min && a.Max == b.Max && Equal(a.Item, b.Item)
	case *Ref:
		b, ok := b.(*Ref)
		return ok && Key(a.Name) == Key(b.Name)
	case *Str:
		b, ok := b.(*Str)
		return ok && a.Sensitive == b.Sensitive &&
			(a.Text == b.Text || !a.Sensitive && strings.EqualFold(a.Text, b.Text))
	case *Num:
		b, ok := b.(*Num)
		return ok && a.Range == b.Range && slices.Equal(a.Values, b.Values)
	case *Prose:
		b, ok := b.(*Prose)
		return ok && a.Text == b.Text
	case *Gate:
		b, ok := b.(*Gate)
		return ok && slices.Equal(a.Capabilities, b.Capabilities) && Equal(a.Item, b.Item)
	}
	return a == nil && b == nil
}
