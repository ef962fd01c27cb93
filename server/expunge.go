package server

import (
	"context"
	"errors"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/server/mailbox"
)

// Expunge follows RFC 9051 sections 6.4.3 and 6.4.9. The EXPUNGE responses come with the other news at the end of the command.
func (s *session) Expunge(ctx context.Context, c *imap.Expunge) error {
	if s.view.ReadOnly() {
		return mailbox.ErrReadOnly
	}
	var uids []uint32
	if c.UID {
		seqs, err := s.resolve(c.Set, true)
		if err != nil {
			return err
		}
		if uids = s.uidsOf(seqs); len(uids) == 0 {
			return s.refresh(ctx)
		}
	}
	result, err := s.expunge(ctx, uids)
	if err != nil {
		return err
	}
	return firstFailure(result.Failed)
}

// expunge removes messages with \Deleted: those of uids, or all when that is nil.
func (s *session) expunge(ctx context.Context, uids []uint32) (*mailbox.ExpungeResult, error) {
	return patiently(ctx, s, func(ctx context.Context) (*mailbox.ExpungeResult, error) { return s.account.Expunge(ctx, s.view, uids) })
}

// firstFailure is the error of the first message that an operation failed for. Messages that are gone do not count: what was asked
// of them cannot be done any more, and the client is told that they are.
func firstFailure(failed []mailbox.Failure) error {
	for _, f := range failed {
		if !errors.Is(f.Err, mailbox.ErrExpunged) {
			return f.Err
		}
	}
	return nil
}
