package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

const (
	// expungeTries is how often an expunge is tried when others change the account all the while.
	expungeTries = 10
	// expungePause is how long to wait before the second try; each further one waits that much longer.
	expungePause = 20 * time.Millisecond
	// expungeShared is how many of the tries leave the other sessions of the account their writes.
	expungeShared = 2
)

// Expunge removes the messages with \Deleted from the view's mailbox; with uids, only those of them that are in uids (not nil).
//
// A message that is in another mailbox too is taken out of this one with a patch. One that is in no other is destroyed. Which it is, the
// replica knows for the state that it is in, and the server is told to do nothing (ifInState) should it be in another one: then
// the same request brings what changed, and the expunge is worked out anew, in the end with the account's other writes kept waiting.
func (a *Account) Expunge(ctx context.Context, view *View, uids []uint32) (*ExpungeResult, error) {
	if view.readOnly {
		return nil, ErrReadOnly
	}
	e := &expunge{account: a, box: view.box, all: uids == nil, uids: map[uint32]bool{}, refused: map[uint32]error{}}
	for _, uid := range uids {
		e.uids[uid] = true
	}
	for misses := 0; misses < expungeTries; {
		left, missed, err := e.step(ctx, misses >= expungeShared)
		if err != nil {
			return nil, err
		}
		if !left {
			return e.result(), nil
		}
		if !missed {
			misses = 0
			continue
		}
		if err := pause(ctx, time.Duration(misses)*expungePause); err != nil {
			return nil, err
		}
		misses++
	}
	return nil, fmt.Errorf("%w: expunging", ErrConflict)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// expunge is an EXPUNGE in progress.
type expunge struct {
	account *Account
	box     *box
	uids    map[uint32]bool // which to remove, unless all
	all     bool
	removed []uint32
	refused map[uint32]error
	unsure  int // requests that the server did not confirm
}

// expungePart is what one request removes.
type expungePart struct {
	state   string
	targets []target
	update  map[jmap.ID]*jmap.EmailPatch
	destroy []jmap.ID
}

// plan returns what is left to remove, as much as one request takes, and whether that is not all.
func (e *expunge) plan() (expungePart, bool) {
	size := e.account.link().setSize()
	r := e.account.replica
	r.write.Lock()
	defer r.write.Unlock()
	p := expungePart{state: r.head.EmailState, update: map[jmap.ID]*jmap.EmailPatch{}}
	more := false
	e.box.state.Load().table.each(func(_ int, row *row) bool {
		if !row.isDeleted() || e.refused[row.uid] != nil || !e.all && !e.uids[row.uid] {
			return true
		}
		if len(p.targets) == size {
			more = true
			return false
		}
		current := r.emails[row.email.id()]
		p.targets = append(p.targets, target{uid: row.uid, email: current})
		if id := jmap.ID(current.id()); current.elsewhere(e.box) {
			p.update[id] = jmap.NewEmailPatch().SetMailbox(e.box.id, false)
		} else {
			p.destroy = append(p.destroy, id)
		}
		return true
	})
	return p, more
}

// step sends one request, with alone while no other session of the account writes. It reports whether anything is left to do, and
// whether the server was in another state.
func (e *expunge) step(ctx context.Context, alone bool) (left, missed bool, err error) {
	if alone {
		e.account.replica.turn.Lock()
		defer e.account.replica.turn.Unlock()
	}
	p, more := e.plan()
	if len(p.targets) == 0 {
		return false, false, nil
	}
	var set jmap.Call[jmap.EmailSetResponse]
	err = write{
		account: e.account,
		alone:   alone,
		ask: func(q *jmap.Request) {
			set = jmap.Add(q, &jmap.EmailSet{AccountID: e.account.ID(), IfInState: &p.state, Update: p.update, Destroy: p.destroy})
		},
		outcome: func(response *jmap.Response, b *batch) error {
			answer, err := set.Response(response)
			if isMethodError(err, jmap.MethodErrorStateMismatch) {
				missed = true
				return nil
			}
			if err != nil {
				return writeError(err)
			}
			e.took(p, answer)
			return nil
		},
	}.run(ctx)
	if errors.Is(err, errUnsure) && e.unsure < unsureTries {
		e.unsure++
		e.settle(p)
		return true, true, nil
	}
	if e.account.link().shrinkSet(err, len(p.targets)) {
		return true, false, nil
	}
	return more || missed, missed, err
}

// settle notes what is gone after a request that the server did not confirm. The rest is worked out anew: it is guarded by the state, so that
// a request which comes to be done late does no harm.
func (e *expunge) settle(p expungePart) {
	now := e.box.state.Load().table
	for _, t := range p.targets {
		if now.get(t.uid) == nil {
			e.removed = append(e.removed, t.uid)
		}
	}
}

// took sorts the outcome. A message that is gone already counts as removed.
func (e *expunge) took(p expungePart, answer *jmap.EmailSetResponse) {
	for _, t := range p.targets {
		id := jmap.ID(t.email.id())
		failure, failed := answer.NotUpdated[id]
		if !failed {
			failure, failed = answer.NotDestroyed[id]
		}
		_, updated := answer.Updated[id]
		switch {
		case failed && failure.Type != jmap.SetErrorNotFound:
			e.refused[t.uid] = mapSetError(failure)
		case failed || updated || slices.Contains(answer.Destroyed, id):
			e.removed = append(e.removed, t.uid)
		default:
			e.refused[t.uid] = ErrUnavailable
		}
	}
}

func (e *expunge) result() *ExpungeResult {
	slices.Sort(e.removed)
	result := &ExpungeResult{UIDs: slices.Compact(e.removed)}
	for _, uid := range sortedKeys(e.refused) {
		result.Failed = append(result.Failed, Failure{UID: uid, Err: e.refused[uid]})
	}
	return result
}
