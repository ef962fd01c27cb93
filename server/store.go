package server

import (
	"context"
	"slices"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/server/mailbox"
)

var storeOps = map[imap.StoreOp]mailbox.StoreOp{
	imap.StoreReplace: mailbox.StoreReplace,
	imap.StoreAdd:     mailbox.StoreAdd,
	imap.StoreRemove:  mailbox.StoreRemove,
}

// Store follows RFC 9051 section 6.4.6.
func (s *session) Store(ctx context.Context, c *imap.Store) error {
	if s.view.ReadOnly() {
		return mailbox.ErrReadOnly
	}
	seqs, err := s.resolve(c.Set, c.UID)
	if err != nil || len(seqs) == 0 {
		return err
	}
	request := mailbox.StoreRequest{Seqs: seqs, Op: storeOps[c.Op], Flags: c.Flags}
	result, err := patiently(ctx, s, func(ctx context.Context) (*mailbox.StoreResult, error) {
		return s.account.StoreFlags(ctx, s.view, request)
	})
	if err != nil {
		return err
	}
	if err := s.tellKeywords(); err != nil {
		return err
	}
	if !c.Silent {
		if err := s.sendFlags(result.Stored, c.UID); err != nil {
			return err
		}
	}
	return s.storeFailure(c, result.Failed)
}

func (s *session) sendFlags(seqs []uint32, uid bool) error {
	slices.Sort(seqs)
	for _, seq := range seqs {
		message, ok := s.view.Message(seq)
		if !ok {
			continue
		}
		var items []imap.MsgAtt
		if uid {
			items = append(items, &imap.MsgUID{UID: message.UID})
		}
		items = append(items, &imap.MsgFlags{Flags: s.flagsOf(message)})
		if err := s.send(&imap.FetchData{Seq: seq, Items: items}); err != nil {
			return err
		}
	}
	return nil
}

// storeFailure passes over messages that have gone where the client named UIDs, as those that never were (RFC 9051 section 6.4.9).
func (s *session) storeFailure(c *imap.Store, failed []mailbox.Failure) error {
	if err := firstFailure(failed); err != nil || len(failed) == 0 || c.UID {
		return err
	}
	return mailbox.ErrExpunged
}
