package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dragoman-mail/dragoman/generated/imap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/server/auth"
)

// Login follows RFC 9051 section 6.2.3.
func (s *session) Login(ctx context.Context, c *imap.Login) error {
	if s.loginDisabled() {
		return no(imap.CodePrivacyRequired, "LOGIN is disabled without TLS")
	}
	login, err := s.server.config.Authenticator.Password(ctx, c.User, string(c.Password))
	return s.authenticated(ctx, attempt{"LOGIN", c.User}, login, err)
}

// attempt is a login for the log. The name is what the client claims.
type attempt struct{ mechanism, user string }

// authenticated takes the outcome of a login by whatever mechanism.
func (s *session) authenticated(ctx context.Context, tried attempt, login *auth.Login, err error) error {
	if err == nil {
		err = s.enter(ctx, login)
	}
	if err != nil {
		return s.refuseLogin(tried, err)
	}
	s.server.metrics.login("ok")
	s.log = s.log.With("user", login.User)
	s.log.Info("login", "mechanism", tried.mechanism, "tls", s.secure)
	s.completed(&imap.CodeCapability{Capabilities: s.capabilities()}, "Logged in")
	return nil
}

// enter opens the account and lifts the limits that hold for strangers.
func (s *session) enter(ctx context.Context, login *auth.Login) error {
	if !s.server.enter(login.ID()) {
		return no(imap.CodeLimit, "Too many connections of this user")
	}
	account, err := s.server.config.Registry.OpenAt(ctx, login.Server, login.Session, login.Account)
	if err != nil {
		s.server.leave(login.ID())
		return fmt.Errorf("opening the account: %w", err)
	}
	s.login, s.account, s.state = login, account, imap.StateAuthenticated
	s.input.SetDeadline(time.Time{})
	s.framer.SetLimits(s.server.limits.Input)
	return nil
}

// refuseLogin blames the credentials only when the JMAP server did, and logs a line that stays the same for those
// who ban by it.
func (s *session) refuseLogin(tried attempt, err error) error {
	result := "failed"
	switch {
	case errors.Is(err, jmapclient.ErrUnauthorized):
		result = "rejected"
		err = no(imap.CodeAuthenticationFailed, "The user name or the password is wrong")
		s.log.Warn("login rejected", "mechanism", tried.mechanism, "user", tried.user)
	case errors.Is(err, auth.ErrIdentity):
		err = no(imap.CodeAuthorizationFailed, "Acting for another user is not possible")
	case errors.Is(err, auth.ErrNoMail):
		err = no(imap.CodeAuthorizationFailed, "This user has no mail")
	case errors.Is(err, auth.ErrMalformed):
		err = bad("That is no response that the mechanism knows")
	}
	s.server.metrics.login(result)
	return err
}
