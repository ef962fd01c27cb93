package server

import (
	"context"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/server/mailbox"
)

// Rename follows RFC 9051 section 6.3.6.
func (s *session) Rename(ctx context.Context, c *imap.Rename) error {
	from, err := s.nameIn(c.From)
	if err != nil {
		return err
	}
	asked := strings.TrimSuffix(c.To, string(delimiter))
	to, err := s.nameIn(asked)
	if err != nil {
		return err
	}
	was, _ := s.account.ByPath(from)
	if err := s.wait(ctx, func(ctx context.Context) error { return s.account.Rename(ctx, from, to) }); err != nil {
		return err
	}
	return s.tellRenamed(c.From, was, asked, to)
}

// tellRenamed tells clients of IMAP4rev2 where a mailbox went if one of the names was not as the server has it. INBOX goes nowhere.
func (s *session) tellRenamed(from string, was *mailbox.Box, asked, to string) error {
	box, _ := s.account.ByPath(to)
	if was == nil || was.Path == mailbox.Inbox || box == nil || was.Path == from && box.Path == asked {
		return nil
	}
	return s.tellName(from, box)
}
