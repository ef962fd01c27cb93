package server

import (
	"context"
	"errors"

	"github.com/dragoman-mail/dragoman/generated/imap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/server/mailbox"
	"github.com/dragoman-mail/dragoman/server/wire"
)

// afterwards ends the connection where the outcome of a command demands it.
func (s *session) afterwards(command imap.Command, failed error) error {
	switch {
	case s.upgrade && failed == nil:
		return s.startTLS()
	case s.orphan != "":
		tag := s.orphan
		s.orphan = ""
		return s.send(&imap.Cond{Tag: tag, Status: imap.Bad, Text: "Sent where DONE was due"})
	case failed != nil && command == nil:
		s.failures++
		if s.failures < s.errorLimit() {
			return nil
		}
		s.closing = true
		return s.untagged(imap.Bye, nil, "Too many errors")
	case errors.Is(failed, mailbox.ErrUnauthorized), errors.Is(failed, jmapclient.ErrUnauthorized):
		if s.login == nil {
			return nil
		}
		s.server.config.Authenticator.Forget(s.login)
		s.closing = true
		return s.untagged(imap.Bye, imap.CodeExpired, expiredText)
	}
	return nil
}

func (s *session) errorLimit() int {
	if s.login == nil {
		return s.server.limits.LoginErrors
	}
	return s.server.limits.Errors
}

const expiredText = "The credentials are no longer accepted, please log in again"

// farewells are the last words for each reason to end a connection.
var farewells = []struct {
	err  error
	code imap.RespCode
	text string
}{
	{wire.ErrStopped, imap.CodeUnavailable, "The server is shutting down"},
	{mailbox.ErrUnauthorized, imap.CodeExpired, expiredText},
	{wire.ErrIdle, nil, "Autologout; silent for too long"},
	{wire.ErrDeadline, nil, "The time to log in has passed"},
	{wire.ErrFlood, imap.CodeTooBig, "Far too much for one command"},
	{wire.ErrTLSHello, nil, "This port does not begin with TLS"},
}

// part says BYE where the client can still hear it.
func (s *session) part(err error) {
	for _, f := range farewells {
		if errors.Is(err, f.err) {
			s.log.Info("ending the connection", "reason", err)
			_ = s.untagged(imap.Bye, f.code, f.text)
			return
		}
	}
	if !errors.Is(err, context.Canceled) {
		s.log.Debug("connection ended", "reason", err)
	}
}

// end gives back what the session holds.
func (s *session) end() {
	s.deselect()
	if s.account != nil {
		s.account.Close()
		s.account = nil
	}
	if s.login != nil {
		s.server.leave(s.login.ID())
		s.login = nil
	}
}

// deselect closes the view of the selected mailbox, if there is one.
func (s *session) deselect() {
	if s.view != nil {
		s.view.Close()
		s.view = nil
	}
	s.saved = nil
	if s.state == imap.StateSelected {
		s.state = imap.StateAuthenticated
	}
}
