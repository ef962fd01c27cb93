package mailbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// listBoxes asks for all mailboxes of an account that has more than the server gives at once (RFC 8620 section 5.1): for their ids by a query, and
// then for some at a time. The state is older than both, so that what changes meanwhile is told as a change.
func (i *inquiry) listBoxes(ctx context.Context, l link) error {
	var q jmap.Request
	state := jmap.Add(&q, &jmap.MailboxGet{AccountID: i.r.id, IDs: []jmap.ID{}})
	first := jmap.Add(&q, &jmap.MailboxQuery{AccountID: i.r.id})
	p, err := l.do(ctx, &q)
	if err != nil {
		return mapError(err)
	}
	before, err := state.Response(p)
	if err != nil {
		return mapError(err)
	}
	page, err := first.Response(p)
	if err != nil {
		return mapError(err)
	}
	ids, err := l.boxIDs(ctx, page)
	if err != nil {
		return err
	}
	list, _, err := l.getBoxes(ctx, ids)
	if err != nil {
		return err
	}
	i.batch.mailboxes, err = mailboxesOf(list)
	i.batch.mailboxState = before.State
	return err
}

// boxIDs follows a query to its end.
func (l link) boxIDs(ctx context.Context, page *jmap.MailboxQueryResponse) ([]jmap.ID, error) {
	var ids []jmap.ID
	seen := map[jmap.ID]bool{}
	for {
		fresh := false
		for _, id := range page.IDs {
			if !seen[id] {
				seen[id], fresh = true, true
				ids = append(ids, id)
			}
		}
		if !fresh || page.Limit == nil || uint64(len(page.IDs)) < *page.Limit {
			return ids, nil
		}
		var q jmap.Request
		call := jmap.Add(&q, &jmap.MailboxQuery{AccountID: l.r.id, Position: int64(len(ids))})
		p, err := l.do(ctx, &q)
		if err != nil {
			return nil, mapError(err)
		}
		if page, err = call.Response(p); err != nil {
			return nil, mapError(err)
		}
	}
}

// getBoxes asks for mailboxes, no more at once than the server gives.
func (l link) getBoxes(ctx context.Context, ids []jmap.ID) (list []*jmap.Mailbox, notFound []jmap.ID, err error) {
	for some := range slices.Chunk(ids, l.getSize(getChunk)) {
		var q jmap.Request
		call := jmap.Add(&q, &jmap.MailboxGet{AccountID: l.r.id, IDs: some})
		p, err := l.do(ctx, &q)
		if err != nil {
			return nil, nil, mapError(err)
		}
		got, err := call.Response(p)
		if err != nil {
			return nil, nil, mapError(err)
		}
		if len(got.List)+len(got.NotFound) < len(some) {
			return nil, nil, fmt.Errorf("%w: the server said nothing of some mailboxes", ErrUnavailable)
		}
		list, notFound = append(list, got.List...), append(notFound, got.NotFound...)
	}
	return list, notFound, nil
}
