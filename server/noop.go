package server

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// Noop follows RFC 9051 section 6.1.2: clients poll with it, so it looks for changes in the selected mailbox.
func (s *session) Noop(ctx context.Context, _ *imap.Noop) error { return s.refresh(ctx) }

// refresh brings the replica into step while a mailbox is selected; the news follow at the end of the command.
func (s *session) refresh(ctx context.Context) error {
	if !s.selected() {
		return nil
	}
	return s.wait(ctx, s.account.Sync)
}
