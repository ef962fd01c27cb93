package embedded

import (
	"math"
	"slices"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// mailboxSearch is the part of Mailbox/query that Mailbox/queryChanges has too.
type mailboxSearch struct {
	user                 *user
	filter               jmap.MailboxFilter
	sort                 []jmap.Comparator
	sortTree, filterTree bool
	boxes                map[uint64]*mailboxRow
	keys                 map[uint64][]sortKey
}

func mailboxQuery(b *batch, q *jmap.MailboxQuery) (jmap.Method, error) {
	a, err := b.account(q.AccountID)
	if err != nil {
		return nil, err
	}
	search := &mailboxSearch{user: b.user, filter: q.Filter, sort: q.Sort, sortTree: q.SortAsTree, filterTree: q.FilterAsTree}
	// Mailbox/queryChanges has no arguments for the tree (RFC 8621 section 2.4).
	response := &jmap.MailboxQueryResponse{AccountID: q.AccountID, CanCalculateChanges: !q.SortAsTree && !q.FilterAsTree}
	err = a.view(func(s *snapshot) error {
		results, err := search.run(b, s)
		if err != nil {
			return err
		}
		w := window{q.Position, q.Anchor, q.AnchorOffset, q.Limit, prefixMailbox}
		position, part, err := w.cut(results)
		response.QueryState = s.state(bucketBoxLog)
		response.Position, response.IDs = position, ids(prefixMailbox, part)
		if total := uint64(len(results)); q.CalculateTotal {
			response.Total = &total
		}
		return err
	})
	return response, err
}

func mailboxQueryChanges(b *batch, q *jmap.MailboxQueryChanges) (jmap.Method, error) {
	a, err := b.account(q.AccountID)
	if err != nil {
		return nil, err
	}
	search := &mailboxSearch{user: b.user, filter: q.Filter, sort: q.Sort}
	response := &jmap.MailboxQueryChangesResponse{AccountID: q.AccountID, OldQueryState: q.SinceQueryState}
	err = a.view(func(s *snapshot) error {
		results, err := search.run(b, s)
		if err != nil {
			return err
		}
		changed := map[uint64]changeKind{}
		err = s.since(bucketBoxLog, q.SinceQueryState, func(c change) bool {
			changed[c.id] = foldChange(changed[c.id], c.kind)
			return true
		})
		if err != nil {
			return err
		}
		diff, err := diffQuery(prefixMailbox, results, changed, q.MaxChanges, math.MaxInt)
		if err != nil {
			return err
		}
		response.Removed, response.Added = diff.removed, diff.added
		response.NewQueryState = s.state(bucketBoxLog)
		if total := uint64(len(results)); q.CalculateTotal {
			response.Total = &total
		}
		return nil
	})
	return response, err
}

// run returns the Mailboxes that match, in order.
func (q *mailboxSearch) run(b *batch, s *snapshot) (results []uint64, err error) {
	if err := q.check(b); err != nil {
		return nil, err
	}
	if q.boxes, err = s.mailboxes(); err != nil {
		return nil, err
	}
	q.keys = map[uint64][]sortKey{}
	for n, m := range q.boxes {
		q.keys[n] = q.sortKeys(m)
	}
	for _, n := range sortedKeys(q.boxes) {
		if q.includes(n) {
			results = append(results, n)
		}
	}
	slices.SortFunc(results, q.compare)
	return results, nil
}

func (q *mailboxSearch) check(b *batch) error {
	if len(q.sort) > maxComparators {
		return methodError(jmap.MethodErrorUnsupportedSort, "there are too many comparators")
	}
	for _, c := range q.sort {
		if !slices.Contains([]string{"sortOrder", "name", "parentId", "role"}, c.Property) {
			return methodError(jmap.MethodErrorUnsupportedSort, "Mailboxes are not sorted by "+c.Property)
		}
		if err := checkCollation(c); err != nil {
			return err
		}
	}
	return checkMailboxFilter(q.filter, b.store.limits.MaxFilterDepth)
}

func checkMailboxFilter(f jmap.MailboxFilter, depth int) error {
	switch f := f.(type) {
	case *jmap.MailboxFilterOperator:
		if depth == 0 {
			return methodError(jmap.MethodErrorUnsupportedFilter, "the filter is nested too deep")
		}
		for _, c := range f.Conditions {
			if err := checkMailboxFilter(c, depth-1); err != nil {
				return err
			}
		}
	case *jmap.MailboxFilterCondition:
		for name := range f.Extra {
			return methodError(jmap.MethodErrorUnsupportedFilter, "unknown condition "+name)
		}
	}
	return nil
}

func (q *mailboxSearch) sortKeys(m *mailboxRow) []sortKey {
	keys := make([]sortKey, len(q.sort))
	for i, c := range q.sort {
		switch c.Property {
		case "sortOrder":
			keys[i].number = int64(m.SortOrder)
		case "name":
			keys[i].text = collated(m.Name, c.Collation)
		case "role":
			keys[i].text = collated(m.Role, c.Collation)
		case "parentId":
			keys[i].number = int64(m.Parent)
		}
	}
	return keys
}

// includes says whether a Mailbox, and with filterAsTree all above it, match the filter.
func (q *mailboxSearch) includes(n uint64) bool {
	for {
		m := q.boxes[n]
		if m == nil || !q.matches(q.filter, m) {
			return m == nil
		}
		if !q.filterTree || m.Parent == 0 {
			return true
		}
		n = m.Parent
	}
}

func (q *mailboxSearch) matches(f jmap.MailboxFilter, m *mailboxRow) bool {
	switch f := f.(type) {
	case *jmap.MailboxFilterOperator:
		matching := func(c jmap.MailboxFilter) bool { return q.matches(c, m) }
		switch f.Operator {
		case jmap.FilterAnd:
			return !slices.ContainsFunc(f.Conditions, func(c jmap.MailboxFilter) bool { return !matching(c) })
		case jmap.FilterOr:
			return slices.ContainsFunc(f.Conditions, matching)
		}
		return !slices.ContainsFunc(f.Conditions, matching)
	case *jmap.MailboxFilterCondition:
		return q.meets(f, m)
	}
	return true
}

// meets checks the conditions of RFC 8621 section 2.3.
func (q *mailboxSearch) meets(f *jmap.MailboxFilterCondition, m *mailboxRow) bool {
	if f.Has&jmap.MailboxFilterConditionPropertyParentID != 0 {
		switch {
		case f.ParentID == nil && m.Parent != 0, f.ParentID != nil && (m.Parent == 0 || mailboxID(m.Parent) != *f.ParentID):
			return false
		}
	}
	if f.Has&jmap.MailboxFilterConditionPropertyRole != 0 {
		if f.Role == nil && m.Role != "" || f.Role != nil && *f.Role != m.Role {
			return false
		}
	}
	switch {
	case !strings.Contains(foldCase(m.Name), foldCase(f.Name)):
		return false
	case f.HasAnyRole != nil && *f.HasAnyRole != (m.Role != ""):
		return false
	}
	return f.IsSubscribed == nil || *f.IsSubscribed == m.subscribed(q.user)
}

// compare orders two Mailboxes; with sortAsTree, by those of their ancestors that are siblings.
func (q *mailboxSearch) compare(a, b uint64) int {
	if q.sortTree && a != b {
		up, down := q.path(a), q.path(b)
		i := 0
		for i < len(up) && i < len(down) && up[i] == down[i] {
			i++
		}
		switch {
		case i == len(up):
			return -1
		case i == len(down):
			return 1
		}
		a, b = up[i], down[i]
	}
	// Of equal ones the older comes first.
	order := compareItems(q.sort, sortItem{0, q.keys[a]}, sortItem{0, q.keys[b]})
	if order == 0 {
		order = int(min(max(int64(a)-int64(b), -1), 1))
	}
	return order
}

// path lists the ancestors of a Mailbox from the top, and itself.
func (q *mailboxSearch) path(n uint64) []uint64 {
	var path []uint64
	for q.boxes[n] != nil {
		path = append(path, n)
		n = q.boxes[n].Parent
	}
	slices.Reverse(path)
	return path
}
