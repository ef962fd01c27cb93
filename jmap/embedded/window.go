package embedded

import (
	"slices"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// window is the part of a query's results that is asked for (RFC 8620 section 5.5).
type window struct {
	position     int64
	anchor       *jmap.ID
	anchorOffset int64
	limit        *uint64
	prefix       byte
}

// cut returns the part of the results, and where it begins.
func (w *window) cut(results []uint64) (position uint64, part []uint64, err error) {
	total := int64(len(results))
	start := w.position
	switch {
	case w.anchor != nil:
		n, ok := parseID(w.prefix, *w.anchor)
		at := slices.Index(results, n)
		if !ok || at < 0 {
			return 0, nil, methodError(jmap.MethodErrorAnchorNotFound, "")
		}
		// Beyond either end there is nothing, however large the offset.
		start = int64(at) + max(min(w.anchorOffset, total), -total)
	case start < 0:
		start = max(start, -total) + total
	}
	start = min(max(start, 0), total)
	part = results[start:]
	if w.limit != nil && *w.limit < uint64(len(part)) {
		part = part[:*w.limit]
	}
	return uint64(start), part, nil
}

// enough returns how many results are needed from the front, if that can be told.
func (w *window) enough() (int, bool) {
	if w.anchor != nil || w.position < 0 || w.limit == nil || w.position > 1<<40 || *w.limit > 1<<40 {
		return 0, false
	}
	return int(w.position) + int(*w.limit), true
}

// queryDiff is what /queryChanges answers (RFC 8620 section 5.6).
type queryDiff struct {
	removed []jmap.ID
	added   []jmap.AddedItem
}

// diffQuery takes all records that may have entered, left or moved out of the results, and puts
// those of them that are results now in again. changed tells those from records that are new,
// which were no results before.
func diffQuery(prefix byte, results []uint64, changed map[uint64]changeKind, max *uint64, upTo int) (*queryDiff, error) {
	d := &queryDiff{removed: []jmap.ID{}, added: []jmap.AddedItem{}}
	for _, n := range sortedKeys(changed) {
		if changed[n] != changeCreated {
			d.removed = append(d.removed, makeID(prefix, n))
		}
	}
	for i, n := range results {
		if changed[n] != 0 && i <= upTo {
			d.added = append(d.added, jmap.AddedItem{ID: makeID(prefix, n), Index: uint64(i)})
		}
	}
	if max != nil && uint64(len(d.removed)+len(d.added)) > *max {
		return nil, methodError(jmap.MethodErrorTooManyChanges, "")
	}
	return d, nil
}
