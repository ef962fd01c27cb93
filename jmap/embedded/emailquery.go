package embedded

import (
	"context"
	"math"
	"slices"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// emailSearch runs one Email/query or Email/queryChanges.
type emailSearch struct {
	ctx      context.Context
	s        *snapshot
	filter   *emailFilter
	sort     []jmap.Comparator
	collapse bool
	threads  map[threadKeyword]allSome
}

func (b *batch) newEmailSearch(s *snapshot, f jmap.EmailFilter, sort []jmap.Comparator, collapse bool) (*emailSearch, error) {
	if err := checkEmailSort(sort); err != nil {
		return nil, err
	}
	boxes, err := s.mailboxes()
	if err != nil {
		return nil, err
	}
	filter, err := compileFilter(f, boxes, b.store.limits.MaxFilterDepth)
	if err != nil {
		return nil, err
	}
	return &emailSearch{
		ctx: b.ctx, s: s, filter: filter, sort: sort, collapse: collapse, threads: map[threadKeyword]allSome{},
	}, nil
}

func emailQuery(b *batch, q *jmap.EmailQuery) (jmap.Method, error) {
	a, err := b.account(q.AccountID)
	if err != nil {
		return nil, err
	}
	response := &jmap.EmailQueryResponse{AccountID: q.AccountID, CanCalculateChanges: true}
	err = a.viewMessages(func(s *snapshot) error {
		search, err := b.newEmailSearch(s, q.Filter, q.Sort, q.CollapseThreads)
		if err != nil {
			return err
		}
		w := window{q.Position, q.Anchor, q.AnchorOffset, q.Limit, prefixEmail}
		enough, known := w.enough()
		if !known || q.CalculateTotal {
			enough = math.MaxInt
		}
		results, err := search.run(enough)
		if err != nil {
			return err
		}
		position, part, err := w.cut(results)
		response.QueryState = s.state(bucketEmailLog)
		response.Position, response.IDs = position, ids(prefixEmail, part)
		if total := uint64(len(results)); q.CalculateTotal {
			response.Total = &total
		}
		return err
	})
	return response, err
}

// run returns the results in order; it may stop when it has enough of them.
func (q *emailSearch) run(enough int) ([]uint64, error) {
	byDate, descending := sortsByDate(q.sort)
	if !byDate {
		enough = math.MaxInt
	}
	var items []sortItem
	var results []uint64
	seen := map[uint64]bool{}
	err := q.scan(descending, func(e *candidate) (bool, error) {
		if !byDate {
			keys, err := e.sortKeys(q.sort)
			items = append(items, sortItem{e.id, keys})
			return true, err
		}
		first, err := q.firstOfThread(e, seen)
		if first {
			results = append(results, e.id)
		}
		return len(results) < enough, err
	})
	if err != nil || byDate {
		return results, err
	}
	slices.SortFunc(items, func(a, b sortItem) int { return compareItems(q.sort, a, b) })
	for _, item := range items {
		first, err := q.firstOfThread(&candidate{search: q, id: item.id}, seen)
		if err != nil {
			return nil, err
		}
		if first {
			results = append(results, item.id)
		}
	}
	return results, nil
}

// firstOfThread is always true unless Threads collapse (RFC 8621 section 4.4.3).
func (q *emailSearch) firstOfThread(e *candidate, seen map[uint64]bool) (bool, error) {
	if !q.collapse {
		return true, nil
	}
	row, err := e.row()
	if err != nil || seen[row.thread] {
		return false, err
	}
	seen[row.thread] = true
	return true, nil
}

// scan calls each for the Emails that match, by date, until it returns false.
func (q *emailSearch) scan(descending bool, each func(*candidate) (bool, error)) error {
	bucket, prefix := bucketByDate, []byte(nil)
	if q.filter.mailbox != 0 {
		bucket, prefix = bucketByBox, numberKey(q.filter.mailbox)
	}
	n := 0
	for id := range indexIDs(q.s.bucket(bucket), prefix, descending) {
		if n++; n%64 == 0 && q.ctx.Err() != nil {
			return methodError(jmap.MethodErrorServerUnavailable, "the request was given up")
		}
		e := &candidate{search: q, id: id}
		if !q.filter.only {
			if ok, err := q.filter.root.match(e); err != nil || !ok {
				if err != nil {
					return err
				}
				continue
			}
		}
		if more, err := each(e); err != nil || !more {
			return err
		}
	}
	return nil
}

func emailQueryChanges(b *batch, q *jmap.EmailQueryChanges) (jmap.Method, error) {
	a, err := b.account(q.AccountID)
	if err != nil {
		return nil, err
	}
	response := &jmap.EmailQueryChangesResponse{AccountID: q.AccountID, OldQueryState: q.SinceQueryState}
	err = a.viewMessages(func(s *snapshot) error {
		search, err := b.newEmailSearch(s, q.Filter, q.Sort, q.CollapseThreads)
		if err != nil {
			return err
		}
		changed, err := search.changedSince(q.SinceQueryState)
		if err != nil {
			return err
		}
		results, err := search.run(math.MaxInt)
		if err != nil {
			return err
		}
		diff, err := diffQuery(prefixEmail, results, changed, q.MaxChanges, search.last(results, q.UpToID))
		if err != nil {
			return err
		}
		response.Removed, response.Added = diff.removed, diff.added
		response.NewQueryState = s.state(bucketEmailLog)
		if total := uint64(len(results)); q.CalculateTotal {
			response.Total = &total
		}
		return nil
	})
	return response, err
}

// changedSince finds the Emails that may have entered, left or moved in the results: those
// that changed and, where Emails of one Thread depend on each other, all of their Threads.
func (q *emailSearch) changedSince(state string) (map[uint64]changeKind, error) {
	changed := map[uint64]changeKind{}
	threads := map[uint64]bool{}
	err := q.s.since(bucketEmailLog, state, func(c change) bool {
		changed[c.id] = foldChange(changed[c.id], c.kind)
		threads[c.thread] = true
		return true
	})
	for n, kind := range changed {
		if kind == changeGone {
			delete(changed, n)
		}
	}
	if err != nil || !q.collapse && !q.filter.threads && !sortsByThread(q.sort) {
		return changed, err
	}
	for thread := range threads {
		for _, n := range q.s.thread(thread) {
			if changed[n] == 0 {
				changed[n] = changeUpdated
			}
		}
	}
	return changed, nil
}

// last returns the index up to which the client wants to know of changes. upToId only counts
// where neither membership nor order can change (RFC 8620 section 5.6).
func (q *emailSearch) last(results []uint64, upTo *jmap.ID) int {
	if upTo == nil || q.filter.mutable || q.collapse || sortsByKeyword(q.sort) {
		return math.MaxInt
	}
	n, ok := parseID(prefixEmail, *upTo)
	at := slices.Index(results, n)
	if !ok || at < 0 {
		return math.MaxInt
	}
	return at
}
