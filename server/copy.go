package server

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/server/mailbox"
)

// Copy follows RFC 9051 section 6.4.7. Messages that have gone meanwhile are left out.
func (s *session) Copy(ctx context.Context, c *imap.Copy) error {
	seqs, to, err := s.transfer(ctx, c.Set, c.UID, c.Mailbox)
	if err != nil || len(seqs) == 0 {
		return err
	}
	result, err := patiently(ctx, s, func(ctx context.Context) (*mailbox.CopyResult, error) {
		return s.account.Copy(ctx, s.view, seqs, to)
	})
	if err != nil {
		return tryCreate(err)
	}
	if code := copyUID(result); code != nil {
		s.completed(code, "COPY completed")
	}
	return firstFailure(result.Failed)
}

// transfer gives the messages that COPY or MOVE names, and where they go.
func (s *session) transfer(ctx context.Context, set imap.SequenceSet, uid bool, name string) ([]uint32, *mailbox.Box, error) {
	seqs, err := s.resolve(set, uid)
	if err != nil {
		return nil, nil, err
	}
	to, err := s.target(ctx, name)
	return seqs, to, err
}

// copyUID is nil when nothing was copied: the code cannot be empty.
func copyUID(result *mailbox.CopyResult) imap.RespCode {
	if len(result.Source) == 0 {
		return nil
	}
	return &imap.CodeCopyUID{UIDValidity: result.UIDValidity, Source: setOf(result.Source), Dest: setOf(result.Dest)}
}
