package mailbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

const (
	// listLimit is how many ids are asked for at once after the first page.
	listLimit = 20_000
	// listTries is how often a list is begun anew because the mailbox changed while it was read.
	listTries = 5
)

// errListMoved says that the mailbox changed between two pages of its list.
var errListMoved = errors.New("the mailbox changed while it was listed")

// list returns the ids of all Emails in a mailbox, in no order. The query has no sort and no more than this one filter: that is
// what servers answer exactly.
func (l link) list(ctx context.Context, mailbox jmap.ID) ([]jmap.ID, error) {
	err := errListMoved
	for try := 0; try < listTries && errors.Is(err, errListMoved); try++ {
		var ids []jmap.ID
		if ids, err = l.listOnce(ctx, mailbox, nil); err == nil {
			return ids, nil
		}
	}
	if errors.Is(err, errListMoved) {
		err = fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return nil, err
}

// page is a part of a list.
type page struct {
	*jmap.EmailQueryResponse
	limit int // how many ids were asked for
}

// listOnce pages through the list, after the first page when there is one.
func (l link) listOnce(ctx context.Context, mailbox jmap.ID, first *page) ([]jmap.ID, error) {
	seen := map[jmap.ID]bool{}
	var ids []jmap.ID
	state := ""
	for at := first; ; at = nil {
		if at == nil {
			var err error
			if at, err = l.listPage(ctx, mailbox, len(ids)); err != nil {
				return nil, err
			}
		}
		if at.Position < uint64(len(ids)) || len(at.IDs) == 0 {
			return ids, nil // past the end
		}
		if state != "" && at.QueryState != state {
			return nil, errListMoved
		}
		state = at.QueryState
		for _, id := range at.IDs {
			if seen[id] {
				return nil, errListMoved
			}
			seen[id] = true
			ids = append(ids, id)
		}
		if at.last() {
			return ids, nil
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
