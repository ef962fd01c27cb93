package mailbox

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

const (
	// listLimit is how many ids are asked for at once after the first page.
	listLimit = 50_000
	// listBegin is how many ids of each mailbox are asked for where one request begins many lists.
	listBegin = 5000
	// listTries is how often the end of a list is read again because the mailbox changed while it was read.
	listTries = 5
	// listOverlap is how many ids are read again where the mailbox changed between two pages: some may have moved up.
	listOverlap = 200
)

// page is a part of a list.
type page struct {
	*jmap.EmailQueryResponse
	limit int // how many ids were asked for
}

// list returns the ids of the Emails in a mailbox, in no order, after the first page when there is one. The query has no sort and no more than this one
// filter: that is what servers answer exactly.
//
// Where the mailbox changes between two pages, ids may be missing, and there may be some that have left. A list is not begun
// anew for that, as a busy mailbox would never come to its end: who asks must know arrivals from the changes since, and
// look at an Email before he takes it for gone.
func (l link) list(ctx context.Context, mailbox jmap.ID, first *page) ([]jmap.ID, error) {
	w := listing{seen: map[jmap.ID]struct{}{}}
	for at := first; ; at = nil {
		if at == nil {
			var err error
			if at, err = l.listPage(ctx, mailbox, w.position); err != nil {
				return nil, err
			}
		}
		if w.take(at) {
			return w.ids, nil
		}
	}
}

// listing is a list on the way.
type listing struct {
	ids      []jmap.ID
	seen     map[jmap.ID]struct{}
	position int
	state    string
	ends     int // how often the end was reached
	barren   int // how many pages in a row had nothing new
}

// take adds a page, and reports whether it ends the list.
func (w *listing) take(at *page) (done bool) {
	past := at.Position < uint64(w.position) || len(at.IDs) == 0
	moved := w.state != "" && at.QueryState != w.state
	w.state = at.QueryState
	if !past {
		w.add(at.IDs)
	}
	back := listOverlap
	switch {
	case past || at.last():
		if w.ends++; !moved || w.ends > listTries {
			return true
		}
	case w.barren > listOverlap: // whatever is asked for, the same comes
		return true
	default:
		w.position += len(at.IDs)
		back = min(back, len(at.IDs)/2)
	}
	if moved {
		w.position = max(0, w.position-back)
	}
	return false
}

func (w *listing) add(ids []jmap.ID) {
	w.barren++
	for _, id := range ids {
		if _, known := w.seen[id]; !known {
			w.seen[id] = struct{}{}
			w.ids = append(w.ids, id)
			w.barren = 0
		}
	}
}

// last reports whether the page is shorter than it had to be if there were more. No page is none.
func (p *page) last() bool {
	if p == nil {
		return false
	}
	limit := p.limit
	if p.Limit != nil && *p.Limit > 0 {
		limit = min(limit, int(*p.Limit))
	}
	return len(p.IDs) < limit
}

func (l link) listPage(ctx context.Context, mailbox jmap.ID, position int) (*page, error) {
	var q jmap.Request
	call := jmap.Add(&q, l.r.query(mailbox, position, listLimit))
	p, err := l.do(ctx, &q)
	if err != nil {
		return nil, mapError(err)
	}
	answer, err := call.Response(p)
	if err != nil {
		return nil, mapError(err)
	}
	return &page{answer, listLimit}, nil
}

func (r *replica) query(mailbox jmap.ID, position int, limit uint64) *jmap.EmailQuery {
	return &jmap.EmailQuery{
		AccountID: r.id, Filter: &jmap.EmailFilterCondition{InMailbox: mailbox}, Position: int64(position), Limit: &limit,
	}
}
