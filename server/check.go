package server

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// Check follows RFC 3501 section 6.4.1. There is nothing to checkpoint, so it is a NOOP.
func (s *session) Check(ctx context.Context, _ *imap.Check) error { return s.refresh(ctx) }
