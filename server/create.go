package server

import (
	"context"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// Create follows RFC 9051 section 6.3.4. A delimiter at the end only says that there will be children.
func (s *session) Create(ctx context.Context, c *imap.Create) error {
	asked := strings.TrimSuffix(c.Mailbox, string(delimiter))
	path, err := s.nameIn(asked)
	if err != nil {
		return err
	}
	box, err := s.account.Create(ctx, path)
	if err != nil {
		return err
	}
	return s.tellName(asked, box)
}
