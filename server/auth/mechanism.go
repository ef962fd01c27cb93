package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/emersion/go-sasl"
)

// ErrIdentity says that a user asked to act as somebody else (RFC 4616 section 2).
var ErrIdentity = errors.New("acting for another user is not supported")

// Mechanisms are the SASL mechanisms that Start knows.
var Mechanisms = []string{sasl.Plain}

// Exchange is one SASL exchange (RFC 4422 section 3).
type Exchange struct {
	User   string // whom the client claims to be, once it has said so
	server sasl.Server
	login  *Login
	failed error
}

// Start begins an exchange; ok is false for a mechanism that is not known.
func (a *Authenticator) Start(ctx context.Context, mechanism string) (e *Exchange, ok bool) {
	if mechanism != sasl.Plain {
		return nil, false
	}
	e = &Exchange{}
	e.server = sasl.NewPlainServer(func(identity, user, password string) error {
		e.User = user
		e.login, e.failed = a.plain(ctx, identity, user, password)
		return e.failed
	})
	return e, true
}

func (a *Authenticator) plain(ctx context.Context, identity, user, password string) (*Login, error) {
	if identity != "" && identity != user {
		return nil, ErrIdentity
	}
	return a.Password(ctx, user, password)
}

// ErrMalformed says that a response is not what the mechanism wants.
var ErrMalformed = errors.New("malformed SASL response")

// Next takes a response of the client, nil for none yet, and gives the next challenge, or the login at the end.
func (e *Exchange) Next(response []byte) (challenge []byte, login *Login, err error) {
	challenge, done, err := e.server.Next(response)
	switch {
	case e.failed != nil:
		return nil, nil, e.failed
	case err != nil:
		return nil, nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	case done:
		return nil, e.login, nil
	}
	return challenge, nil, nil
}
