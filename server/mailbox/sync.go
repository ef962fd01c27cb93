package mailbox

import (
	"context"
	"fmt"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// maxRounds bounds how long a sync follows a server that always has more changes. Each round is one page.
const maxRounds = 10_000

// Sync brings the replica into step with the server: one request with Email/changes and Mailbox/changes, none
// while a push stream vouches for the replica. Sessions that ask at the same time share it.
func (a *Account) Sync(ctx context.Context) error {
	if a.replica.inStep() {
		return nil
	}
	return a.replica.flights.join(ctx, a, scope{})
}

// SyncSubscriptions is Sync, but asks for all mailboxes: servers do not report changes of isSubscribed.
func (a *Account) SyncSubscriptions(ctx context.Context) error {
	return a.replica.flights.join(ctx, a, scope{allBoxes: true})
}

// sync follows the server until nothing is left. It is run by one flight at a time.
func (r *replica) sync(ctx context.Context, l link, s scope) error {
	r.follow.await(ctx)
	for range maxRounds {
		done, err := r.round(ctx, l, &s)
		if err != nil {
			r.doubt()
			return err
		}
		if done {
			return nil
		}
	}
	r.doubt()
	return fmt.Errorf("%w: the server's changes have no end", ErrUnavailable)
}

// round makes one request and takes its answers. It sets what the next round has to ask for.
func (r *replica) round(ctx context.Context, l link, s *scope) (done bool, err error) {
	var q jmap.Request
	i := r.inquire(&q, *s)
	p, err := l.do(ctx, &q)
	if tooLarge(err) && !s.idsOnly {
		s.idsOnly = true
		return false, nil
	}
	if tooLarge(err) && i.batch.allBoxes && r.manyBoxes.CompareAndSwap(false, true) {
		return false, nil
	}
	if err == nil {
		err = i.read(ctx, p, l)
	}
	if err != nil {
		return false, mapError(err)
	}
	*s = scope{allBoxes: i.boxesLost}
	return r.conclude(ctx, l, i)
}

// conclude takes what an inquiry found, and reports whether the replica is in step with the server.
func (r *replica) conclude(ctx context.Context, l link, i *inquiry) (done bool, err error) {
	inStep, err := r.apply(&i.batch)
	if err != nil {
		return false, err
	}
	if i.lost {
		return false, r.compare(ctx, l, i.batch.emailBase, "changes unknown")
	}
	if !inStep || i.batch.more || i.boxesLost {
		return false, nil
	}
	r.settle(i.heard, i.began)
	return true, r.reconcile(ctx, l)
}
