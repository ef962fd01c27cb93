package server

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// Delete follows RFC 9051 section 6.3.5.
func (s *session) Delete(ctx context.Context, c *imap.Delete) error {
	path, err := s.nameIn(c.Mailbox)
	if err != nil {
		return err
	}
	return s.account.Delete(ctx, path)
}
