package server

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// Subscribe follows RFC 9051 section 6.3.7. Only mailboxes that exist can be subscribed to: JMAP knows no others.
func (s *session) Subscribe(ctx context.Context, c *imap.Subscribe) error {
	return s.setSubscribed(ctx, c.Mailbox, true)
}

func (s *session) setSubscribed(ctx context.Context, name string, on bool) error {
	path, err := s.nameIn(name)
	if err != nil {
		return err
	}
	return s.account.Subscribe(ctx, path, on)
}
