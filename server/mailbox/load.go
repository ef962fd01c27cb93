package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/server/store"
)

// Load gives a mailbox its UIDs, the first time. It can take long for a large mailbox: it goes on when ctx ends, and what it has
// read is kept, over a restart too. Select and Status load by themselves.
func (a *Account) Load(ctx context.Context, box *Box) error {
	_, err := a.load(ctx, box.ID)
	return err
}

// loader is a load that others may wait for.
type loader struct {
	account  *Account
	progress progress
	done     chan struct{}
	err      error
}

// load returns the state of a mailbox, loading it when it has none.
func (a *Account) load(ctx context.Context, id jmap.ID) (*box, error) {
	for {
		b, ok := a.replica.known(id)
		if !ok {
			return nil, ErrNoSuchMailbox
		}
		if b.state.Load() != nil {
			return b, nil
		}
		own := a.startLoad(ctx, b)
		own.progress.follow(ctx)
		select {
		case <-own.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if errors.Is(own.err, ErrUnauthorized) && own.account != a && ctx.Err() == nil {
			continue // somebody else's credentials
		}
		if own.err == nil && b.state.Load() == nil {
			return nil, ErrNoSuchMailbox
		}
		return b, own.err
	}
}

// startLoad returns the load of a mailbox that is under way, or begins one.
func (a *Account) startLoad(ctx context.Context, b *box) *loader {
	r := a.replica
	r.mu.Lock()
	defer r.mu.Unlock()
	if b.loader != nil {
		return b.loader
	}
	own := &loader{account: a, done: make(chan struct{})}
	b.loader = own
	go func() {
		own.err = r.loadBox(withWork(r.outlive(ctx), &own.progress), a, b)
		r.mu.Lock()
		b.loader = nil
		r.mu.Unlock()
		close(own.done)
	}()
	return own
}

// known returns a mailbox of the tree.
func (r *replica) known(id jmap.ID) (*box, bool) {
	t := r.tree.Load()
	if t == nil {
		return nil, false
	}
	n, ok := t.byID[string(id)]
	if !ok {
		return nil, false
	}
	return n.box, true
}

// loadBox lists a mailbox and reads its Emails, then numbers them. The state of Emails was known before it lists, and whatever
// changes from then on reaches the replica as a change. What is read is durable page by page: a load that was stopped asks for the list
// again, but not for the Emails that it had.
func (r *replica) loadBox(ctx context.Context, a *Account, b *box) error {
	l := a.link()
	resumed, err := r.startLoading(ctx, a, b)
	if err != nil {
		return err
	}
	var first *page
	inStep := false
	if !resumed {
		if first, inStep, err = r.loadFirst(ctx, l, b); err != nil {
			return err
		}
	}
	for try := 0; ; try++ {
		if err := r.loadRest(ctx, l, b, first, try > 0); err != nil {
			return err
		}
		if !inStep || !first.last() {
			if err := r.flights.join(ctx, a, scope{}); err != nil {
				return err
			}
		}
		done, err := r.number(b, try >= listTries)
		if done || err != nil && !errors.Is(err, store.ErrConflict) {
			return err
		}
		first, inStep = nil, false
	}
}

// startLoading makes the replica follow the Emails of a mailbox, from a state that it knows. It reports whether a load that was stopped
// has left Emails.
func (r *replica) startLoading(ctx context.Context, a *Account, b *box) (resumed bool, err error) {
	for range listTries {
		known := false
		_, err := r.apply(&batch{after: func(c *change) error {
			record, ok := c.find(string(b.id))
			if known = ok && c.head.EmailState != ""; !known {
				return nil
			}
			b.loading.Store(true)
			if resumed = record.Loading && r.holdsAny(b); !record.Loading {
				record.Loading = true
				c.records[record.ID] = record
			}
			return nil
		}})
		if known || err != nil {
			return resumed, err
		}
		if err := r.flights.join(ctx, a, scope{}); err != nil {
			return false, err
		}
		if _, ok := r.known(b.id); !ok {
			return false, ErrNoSuchMailbox
		}
	}
	return false, fmt.Errorf("%w: the server names no state", ErrUnavailable)
}

// holdsAny reports whether any Email is known to be in a mailbox. replica.write must be held.
func (r *replica) holdsAny(b *box) bool {
	for _, e := range r.emails {
		if _, in := e.in(b); in {
			return true
		}
	}
	return false
}

// loadFirst asks for the first page with all that it says and for the changes until then, in one request: most mailboxes need no
// other. It reports whether the replica is in step.
func (r *replica) loadFirst(ctx context.Context, l link, b *box) (first *page, inStep bool, err error) {
	fresh := r.watch()
	defer r.unwatch(fresh)
	var q jmap.Request
	size := l.getSize(getChunk)
	query := jmap.Add(&q, r.query(b.id, 0, uint64(size)))
	get := jmap.Add(&q, &jmap.EmailGet{AccountID: r.id, IDsRef: query.Ref("/ids"), Properties: emailProperties})
	i := r.inquire(&q, scope{})
	p, err := l.do(ctx, &q)
	if tooLarge(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	listed, err := query.Response(p)
	if err != nil {
		return nil, false, mapError(err)
	}
	first = &page{listed, size}
	got, err := get.Response(p)
	if err != nil {
		return first, false, nil // the rest reads what is missing
	}
	found, err := l.complete(ctx, listed.IDs, []*jmap.EmailGetResponse{got})
	if err != nil {
		return nil, false, err
	}
	if _, err := r.apply(&batch{emails: found, fresh: fresh}); err != nil {
		return nil, false, err
	}
	if err := i.read(ctx, p, l); err != nil {
		return first, false, nil // the sync at the end says what is wrong
	}
	inStep, err = r.conclude(ctx, l, i)
	return first, inStep, err
}

// loadRest lists the mailbox to its end and reads the Emails that are not known. They are asked for by ascending id, as the store
// keeps them: a page then goes to one place there. With doubt, those that are known and not in the list are asked for, too: what came after the
// state that the changes are told from, was read, and is destroyed by now is in no changes (RFC 8620 section 5.2).
func (r *replica) loadRest(ctx context.Context, l link, b *box, first *page, doubt bool) error {
	fresh := r.watch()
	defer r.unwatch(fresh)
	ids, err := l.list(ctx, b.id, first)
	if err != nil {
		return err
	}
	missing := r.unknown(ids)
	work := workOf(ctx)
	work.start(len(ids)-len(missing), len(ids))
	if doubt {
		missing = append(missing, r.unlisted(b, ids)...)
	}
	slices.Sort(missing)
	ask := func(ctx context.Context, ids []jmap.ID) ([]store.Email, error) { return l.complete(ctx, ids, nil) }
	return paged(ctx, missing, l.pageSize, ask, func(asked []jmap.ID, found []store.Email) error {
		work.add(len(asked))
		read := batch{fresh: fresh}
		read.take(found, asked)
		_, err := r.apply(&read)
		return err
	})
}

// unlisted returns the Emails that are known to be in a mailbox and not in a list of it.
func (r *replica) unlisted(b *box, list []jmap.ID) []jmap.ID {
	listed := make(map[jmap.ID]bool, len(list))
	for _, id := range list {
		listed[id] = true
	}
	r.write.Lock()
	defer r.write.Unlock()
	var ids []jmap.ID
	for id, e := range r.emails {
		if _, in := e.in(b); in && !listed[jmap.ID(id)] {
			ids = append(ids, jmap.ID(id))
		}
	}
	return ids
}

func (r *replica) unknown(ids []jmap.ID) []jmap.ID {
	r.write.Lock()
	defer r.write.Unlock()
	return slices.DeleteFunc(slices.Clone(ids), func(id jmap.ID) bool { return r.emails[string(id)] != nil })
}

// nextUIDValidity returns a UIDVALIDITY that the account never had: the time in seconds, or one more than the last. So it is
// unique in the account, and should the store be lost, those given out later are higher still. Uniqueness over all accounts of a store
// would make the counter run ahead of the clock on a busy day, and a lost store could then repeat values.
func (c *change) nextUIDValidity() (uint32, error) {
	const earliest = 1767225600 // 2026: no clock is right that says less
	now := max(c.r.clock().Unix(), earliest)
	next := max(now, int64(c.head.LastUIDValidity)+1)
	if next > maxUID {
		return 0, fmt.Errorf("%w: no UIDVALIDITY is left", ErrLimit)
	}
	c.head.LastUIDValidity = uint32(next)
	return uint32(next), nil
}
