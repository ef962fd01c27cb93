package mailbox

import (
	"context"
	"errors"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// Copy copies messages, given by sequence numbers in the view (RFC 9051 section 6.4.7). What is in the target already keeps the UID that
// it has there.
func (a *Account) Copy(ctx context.Context, view *View, seqs []uint32, to *Box) (*CopyResult, error) {
	return a.transfer(ctx, view, seqs, to, func(patch *jmap.EmailPatch) {})
}

// Move moves messages (RFC 9051 section 6.4.8). Poll tells what left the view.
func (a *Account) Move(ctx context.Context, view *View, seqs []uint32, to *Box) (*CopyResult, error) {
	if view.readOnly {
		return nil, ErrReadOnly
	}
	return a.transfer(ctx, view, seqs, to, func(patch *jmap.EmailPatch) { patch.SetMailbox(view.box.id, false) })
}

// transfer adds messages to a mailbox; also changes each patch as MOVE needs it.
func (a *Account) transfer(ctx context.Context, v *View, seqs []uint32, to *Box, also func(*jmap.EmailPatch)) (*CopyResult, error) {
	dest, err := a.load(ctx, to.ID)
	if err != nil {
		return nil, err
	}
	list := present(a.targets(v, seqs))
	if dest == v.box {
		return a.stay(dest, list)
	}
	arrived := a.await(dest)
	defer arrived.end()
	patches := map[string]*jmap.EmailPatch{}
	failed := map[string]error{}
	var ids []string
	for _, t := range list {
		patch := jmap.NewEmailPatch().SetMailbox(dest.id, true)
		also(patch)
		patches[t.email.id()] = patch
		ids = append(ids, t.email.id())
	}
	done := map[string]bool{}
	err = a.setEmails(ctx, patches, ids, setOptions{
		result: func(id string, err error) {
			if err != nil {
				failed[id] = err
			} else {
				done[id] = true
			}
		},
		after: func(c *change) error {
			c.unmark(dest, done)
			return nil
		},
	})
	if err == nil && len(failed) > 0 && dest.gone() {
		err = ErrNoSuchMailbox
	}
	if err != nil {
		return nil, err
	}
	return arrived.pair(ctx, list, failed)
}

// stay answers COPY and MOVE into the mailbox that the messages are in: JMAP cannot have them there twice.
func (a *Account) stay(b *box, list []target) (*CopyResult, error) {
	state := b.state.Load()
	result := &CopyResult{UIDValidity: state.uidValidity}
	marked := map[string]bool{}
	for _, t := range list {
		result.Source = append(result.Source, t.uid)
		result.Dest = append(result.Dest, t.uid)
		if r := state.table.get(t.uid); r != nil && r.deleted {
			marked[t.email.id()] = true
		}
	}
	if len(marked) == 0 {
		return result, nil
	}
	_, err := a.replica.apply(&batch{after: func(c *change) error {
		c.unmark(b, marked)
		return nil
	}})
	return result, err
}

// unmark takes \Deleted off the messages that Emails have in a mailbox. To IMAP what is copied or moved there is a new message, and an
// EXPUNGE that another one was marked for must not take it.
func (c *change) unmark(b *box, ids map[string]bool) {
	part := c.box(b)
	if part == nil {
		return
	}
	for id := range ids {
		if e := c.email(id); e != nil {
			if uid, _ := e.in(b); uid != 0 {
				part.mark(uid, false)
			}
		}
	}
}

// pair puts the UIDs of source and target together. A message that vanished meanwhile is left out.
func (own *arrivals) pair(ctx context.Context, list []target, failed map[string]error) (*CopyResult, error) {
	result := &CopyResult{UIDValidity: own.box.state.Load().uidValidity}
	var done []target
	var ids []string
	for _, t := range list {
		switch err := failed[t.email.id()]; {
		case err == nil:
			done = append(done, t)
			ids = append(ids, t.email.id())
		case !errors.Is(err, ErrExpunged):
			result.Failed = append(result.Failed, Failure{Seq: t.seq, UID: t.uid, Err: err})
		}
	}
	uids, err := own.find(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i, t := range done {
		if uids[i] != 0 {
			result.Source = append(result.Source, t.uid)
			result.Dest = append(result.Dest, uids[i])
		}
	}
	return result, nil
}
