package search

import (
	"cmp"
	"slices"
	"sort"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// set is membership in a sequence set.
type set struct {
	uid    bool
	ranges []imap.SeqRange // ascending, disjoint, "*" resolved
	saved  []uint32        // UIDs of "$"
}

// newSet prepares a sequence set in time that depends on its text only, not on
// how many numbers its ranges span. Numbers beyond the mailbox match nothing.
func newSet(s imap.SequenceSet, scope *Scope, uid bool) node {
	highest := scope.Messages
	if uid {
		highest = scope.MaxUID
	}
	n := set{uid: uid}
	if s.Saved {
		n.saved = scope.Saved
	}
	if highest == 0 {
		return n
	}
	for _, r := range s.Ranges {
		start, stop := star(r.Start, highest), star(r.Stop, highest)
		n.ranges = append(n.ranges, imap.SeqRange{Start: min(start, stop), Stop: max(start, stop)})
	}
	n.ranges = merged(n.ranges)
	return n
}

func star(n, highest uint32) uint32 {
	if n == 0 {
		return highest
	}
	return n
}

func merged(ranges []imap.SeqRange) []imap.SeqRange {
	slices.SortFunc(ranges, func(a, b imap.SeqRange) int { return cmp.Compare(a.Start, b.Start) })
	out := ranges[:0]
	for _, r := range ranges {
		if n := len(out); n > 0 && r.Start <= out[n-1].Stop {
			out[n-1].Stop = max(out[n-1].Stop, r.Stop)
			continue
		}
		out = append(out, r)
	}
	return out
}

func (s set) eval(m *Meta, _ *loaded) verdict {
	number := m.Seq
	if s.uid {
		number = m.UID
	}
	at := sort.Search(len(s.ranges), func(i int) bool { return s.ranges[i].Stop >= number })
	if at < len(s.ranges) && s.ranges[at].Start <= number {
		return yes
	}
	_, found := slices.BinarySearch(s.saved, m.UID)
	return is(found)
}

func (set) cost() int { return costMeta }
