package server

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/server/mailbox"
)

// Move follows RFC 9051 section 6.4.8: COPYUID goes before the EXPUNGE responses, untagged, and also when only a part was moved.
func (s *session) Move(ctx context.Context, c *imap.Move) error {
	if s.view.ReadOnly() {
		return mailbox.ErrReadOnly
	}
	seqs, to, err := s.transfer(ctx, c.Set, c.UID, c.Mailbox)
	if err != nil || len(seqs) == 0 {
		return err
	}
	result, err := patiently(ctx, s, func(ctx context.Context) (*mailbox.CopyResult, error) {
		return s.account.Move(ctx, s.view, seqs, to)
	})
	if err != nil {
		return tryCreate(err)
	}
	if code := copyUID(result); code != nil {
		if err := s.untagged(imap.OK, code, "Moved"); err != nil {
			return err
		}
	}
	return firstFailure(result.Failed)
}
