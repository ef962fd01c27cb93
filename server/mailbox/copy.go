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
		return stay(dest, list), nil
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
	err = a.setEmails(ctx, patches, ids, setOptions{result: func(id string, err error) {
		if err != nil {
			failed[id] = err
		}
	}})
	if err != nil {
		return nil, err
	}
	return arrived.pair(ctx, list, failed)
}

// stay answers COPY and MOVE into the mailbox that the messages are in: JMAP cannot have them there twice.
func stay(b *box, list []target) *CopyResult {
	result := &CopyResult{UIDValidity: b.state.Load().uidValidity}
	for _, t := range list {
		result.Source = append(result.Source, t.uid)
		result.Dest = append(result.Dest, t.uid)
	}
	return result
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
