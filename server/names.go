package server

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/server/mailbox"
	"github.com/dragoman-mail/dragoman/server/utf7"
)

// nameIn turns a mailbox name of the client into UTF-8: IMAP4rev1 writes modified UTF-7 (RFC 3501 section 5.1.3), IMAP4rev2
// UTF-8 (RFC 9051 section 5.1).
func (s *session) nameIn(name string) (string, error) {
	if s.rev2 {
		if !utf8.ValidString(name) {
			return "", no(imap.CodeCannot, "Mailbox name is not UTF-8")
		}
		return name, nil
	}
	plain, err := utf7.Decode(name)
	if err != nil {
		return "", no(imap.CodeCannot, "Mailbox name is not modified UTF-7")
	}
	return plain, nil
}

// nameOut is nameIn the other way.
func (s *session) nameOut(path string) string {
	if s.rev2 {
		return path
	}
	return utf7.Encode(path)
}

// lookUp finds a mailbox in the replica, brought into step before.
func (s *session) lookUp(ctx context.Context, name string) (*mailbox.Box, error) {
	path, err := s.nameIn(name)
	if err != nil {
		return nil, err
	}
	if err := s.wait(ctx, s.account.Sync); err != nil {
		return nil, err
	}
	box, ok := s.account.ByPath(path)
	if !ok {
		return nil, mailbox.ErrNoSuchMailbox
	}
	return box, nil
}

// target finds the mailbox that messages shall go to. It asks the server only when the replica does not know
// the name; the write itself finds out when the mailbox has gone.
func (s *session) target(ctx context.Context, name string) (*mailbox.Box, error) {
	path, err := s.nameIn(name)
	if err != nil {
		return nil, err
	}
	if box, ok := s.account.ByPath(path); ok {
		return box, nil
	}
	box, err := s.lookUp(ctx, name)
	return box, tryCreate(err)
}

// tryCreate tells a client whose target does not exist that it may make it (RFC 9051 section 7.1).
func tryCreate(err error) error {
	if errors.Is(err, mailbox.ErrNoSuchMailbox) {
		return no(imap.CodeTryCreate, "No such mailbox")
	}
	return err
}
