package mailbox

import (
	"cmp"
	"maps"
	"slices"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// keysOf returns the keys of a map in no order.
func keysOf[K cmp.Ordered, V any](m map[K]V) []K { return slices.Collect(maps.Keys(m)) }
