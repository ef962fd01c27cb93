package jmap

import "slices"

// propertyNames returns the names whose bit is in set.
func propertyNames(set uint64, names []string) []string {
	var list []string
	for i, name := range names {
		if set&(1<<i) != 0 {
			list = append(list, name)
		}
	}
	return list
}

// parseProperties returns the bits of the names in list, and those that are not there.
func parseProperties(list, names []string) (set uint64, others []string) {
	for _, name := range list {
		if i := slices.Index(names, name); i >= 0 {
			set |= 1 << i
		} else {
			others = append(others, name)
		}
	}
	return set, others
}

// checkMissing returns an error for the first argument that was not seen.
func checkMissing(seen []bool, names []string) error {
	if i := slices.Index(seen, false); i >= 0 {
		return in(names[i], ErrMissing)
	}
	return nil
}
