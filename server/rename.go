package server

import (
	"context"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// Rename follows RFC 9051 section 6.3.6.
func (s *session) Rename(ctx context.Context, c *imap.Rename) error {
	from, err := s.nameIn(c.From)
	if err != nil {
		return err
	}
	to, err := s.nameIn(strings.TrimSuffix(c.To, string(delimiter)))
	if err != nil {
		return err
	}
	return s.account.Rename(ctx, from, to)
}
