package mailbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
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
	done chan struct{}
	err  error
}

// load returns the state of a mailbox, loading it when it has none.
func (a *Account) load(ctx context.Context, id jmap.ID) (*box, error) {
	r := a.replica
	b, ok := r.known(id)
	if !ok {
		return nil, ErrNoSuchMailbox
	}
	if b.state.Load() != nil {
		return b, nil
	}
	r.mu.Lock()
	own := b.loader
	if own == nil {
		own = &loader{done: make(chan struct{})}
		b.loader = own
		go func() {
			own.err = r.loadBox(r.outlive(ctx), a, b)
			r.mu.Lock()
			b.loader = nil
			r.mu.Unlock()
			close(own.done)
		}()
	}
	r.mu.Unlock()
	select {
	case <-own.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if own.err == nil && b.state.Load() == nil {
		return nil, ErrNoSuchMailbox
	}
	return b, own.err
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
// changes from then on reaches the replica as a change.
func (r *replica) loadBox(ctx context.Context, a *Account, b *box) error {
	l := a.link()
	if err := r.startLoading(ctx, a, b); err != nil {
		return err
	}
	first, inStep, err := r.loadFirst(ctx, l, b)
	if err != nil {
		return err
	}
	for try := 0; ; try++ {
		if err := r.loadRest(ctx, l, b, first); err != nil {
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

// startLoading makes the replica follow the Emails of a mailbox, from a state that it knows.
func (r *replica) startLoading(ctx context.Context, a *Account, b *box) error {
	for range listTries {
		known := false
		_, err := r.apply(&batch{after: func(c *change) error {
			record, ok := c.find(string(b.id))
			if known = ok && c.head.EmailState != ""; !known {
				return nil
			}
			b.loading.Store(true)
			if !record.Loading {
				record.Loading = true
				c.records[record.ID] = record
			}
			return nil
		}})
		if known || err != nil {
			return err
		}
		if err := r.flights.join(ctx, a, scope{}); err != nil {
			return err
		}
		if _, ok := r.known(b.id); !ok {
			return ErrNoSuchMailbox
		}
	}
	return fmt.Errorf("%w: the server names no state", ErrUnavailable)
}

// loadFirst asks for the first page with all that it says and for the changes until then, in one request: most mailboxes need no
// other. It reports whether the replica is in step.
func (r *replica) loadFirst(ctx context.Context, l link, b *box) (first *page, inStep bool, err error) {
	fresh := r.watch()
	defer r.unwatch(fresh)
	var q jmap.Request
	size := l.getSize()
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

// loadRest lists the mailbox to its end and reads the Emails that are not known.
func (r *replica) loadRest(ctx context.Context, l link, b *box, first *page) error {
	ids, err := l.listOnce(ctx, b.id, first)
	if err != nil {
		if ids, err = l.list(ctx, b.id); err != nil {
			return err
		}
	}
	missing := r.unknown(ids)
	for len(missing) > 0 {
		n := min(len(missing), getCalls*l.getSize())
		if err := r.loadSome(ctx, l, missing[:n]); err != nil {
			return err
		}
		missing = missing[n:]
	}
	return nil
}

func (r *replica) loadSome(ctx context.Context, l link, ids []jmap.ID) error {
	fresh := r.watch()
	defer r.unwatch(fresh)
	found, err := l.complete(ctx, ids, nil)
	if err != nil {
		return err
	}
	_, err = r.apply(&batch{emails: found, fresh: fresh})
	return err
}

func (r *replica) unknown(ids []jmap.ID) []jmap.ID {
	r.write.Lock()
	defer r.write.Unlock()
	return slices.DeleteFunc(slices.Clone(ids), func(id jmap.ID) bool { return r.emails[string(id)] != nil })
}

// number gives all messages of a mailbox their UIDs and so makes it loaded. Where there are fewer or more than the server counts, the list
// is to be read again, unless it is the last try.
func (r *replica) number(b *box, last bool) (bool, error) {
	r.write.Lock()
	defer r.write.Unlock()
	c := r.begin()
	record, ok := c.find(string(b.id))
	if !ok {
		return true, ErrNoSuchMailbox
	}
	if b.state.Load() != nil {
		return true, nil
	}
	var arrived []*email
	for _, e := range r.emails {
		if _, in := e.in(b); in {
			arrived = append(arrived, e)
		}
	}
	if uint64(len(arrived)) != record.TotalEmails && !last {
		return false, nil
	}
	slices.SortFunc(arrived, byArrival)
	err := c.fill(b, record, arrived)
	return err == nil, err
}

// fill makes the first state of a mailbox and commits it.
func (c *change) fill(b *box, record store.Mailbox, arrived []*email) error {
	const firstModSeq = 1
	validity, err := c.nextUIDValidity()
	if err != nil {
		return err
	}
	rows := make([]row, len(arrived))
	stored := store.RowChange{Mailbox: record.ID, Put: make([]store.Row, len(arrived))}
	for i, e := range arrived {
		uid := uint32(i + 1)
		rows[i] = row{email: e, modseq: firstModSeq, uid: uid}
		stored.Put[i] = store.Row{UID: uid, ModSeq: firstModSeq, EmailID: e.id()}
	}
	state := &boxState{table: tableOf(rows), uidValidity: validity, uidNext: uint32(len(rows)) + 1, modseq: firstModSeq}
	record.Loaded, record.Loading = true, false
	record.UIDValidity, record.UIDNext, record.ModSeq = validity, state.uidNext, state.modseq
	c.records[record.ID] = record
	c.addPending()
	change := &store.Change{Head: c.head, Mailboxes: slices.Collect(maps.Values(c.records)), Rows: []store.RowChange{stored}}
	if err := c.save(change); err != nil {
		return err
	}
	c.r.unsaved = false
	for i, e := range arrived {
		for p := range e.places {
			if e.places[p].box == b {
				e.places[p].uid = rows[i].uid
			}
		}
	}
	c.publish(map[*box]*boxState{b: state}, nil)
	c.r.log.Info("numbered a mailbox", "account", c.r.id, "mailbox", b.id, "uidvalidity", validity, "messages", len(rows))
	return nil
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
