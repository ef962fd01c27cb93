package server

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// Close follows RFC 9051 section 6.4.1: messages with \Deleted go, without a word. When that fails the mailbox stays selected.
func (s *session) Close(ctx context.Context, _ *imap.Close) error {
	if !s.view.ReadOnly() {
		result, err := s.expunge(ctx, nil)
		if err == nil {
			err = firstFailure(result.Failed)
		}
		if err != nil {
			return err
		}
	}
	s.deselect()
	return nil
}
