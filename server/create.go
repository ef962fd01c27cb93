package server

import (
	"context"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// Create follows RFC 9051 section 6.3.4. A delimiter at the end only says that there will be children.
func (s *session) Create(ctx context.Context, c *imap.Create) error {
	path, err := s.nameIn(strings.TrimSuffix(c.Mailbox, string(delimiter)))
	if err != nil {
		return err
	}
	_, err = s.account.Create(ctx, path)
	return err
}
