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
	box, _ := s.account.ByPath(path)
	if err := s.wait(ctx, func(ctx context.Context) error { return s.account.Delete(ctx, path) }); err != nil {
		return err
	}
	if !s.rev2 || box == nil || box.Path == c.Mailbox {
		return nil
	}
	return s.send(s.named(c.Mailbox, box.Path, []string{`\NonExistent`}))
}
