package oracle

import "slices"

// Capabilities are those that the grammar's gates ask for; nil means all of them.
type Capabilities []string

// any reports whether one of the list is on.
func (c Capabilities) any(list []string) bool {
	return c == nil || slices.ContainsFunc(list, func(name string) bool { return slices.Contains(c, name) })
}
