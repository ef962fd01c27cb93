package server

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// Logout follows RFC 9051 section 6.1.3.
func (s *session) Logout(_ context.Context, _ *imap.Logout) error {
	s.closing = true
	s.deselect()
	return s.untagged(imap.Bye, nil, "Logging out")
}
