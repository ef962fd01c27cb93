package server

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// Unselect follows RFC 9051 section 6.4.2.
func (s *session) Unselect(context.Context, *imap.Unselect) error {
	s.deselect()
	return nil
}
