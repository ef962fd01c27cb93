package server

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// Unsubscribe follows RFC 9051 section 6.3.8.
func (s *session) Unsubscribe(ctx context.Context, c *imap.Unsubscribe) error {
	return s.setSubscribed(ctx, c.Mailbox, false)
}
