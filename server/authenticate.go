package server

import (
	"context"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/imap/parser"
)

// Authenticate follows RFC 9051 section 6.2.2, with an initial response or without (RFC 4959).
func (s *session) Authenticate(ctx context.Context, c *imap.Authenticate) error {
	mechanism := strings.ToUpper(c.Mechanism)
	exchange, ok := s.server.config.Authenticator.Start(ctx, mechanism)
	if !ok {
		return no(nil, "Unsupported authentication mechanism")
	}
	if s.loginDisabled() {
		return no(imap.CodePrivacyRequired, "AUTHENTICATE is disabled without TLS")
	}
	var response []byte
	if c.Initial != nil {
		response = []byte(*c.Initial)
		if response == nil {
			response = []byte{}
		}
	}
	for {
		challenge, login, err := exchange.Next(response)
		if err != nil || login != nil {
			return s.authenticated(ctx, attempt{mechanism, exchange.User}, login, err)
		}
		if response, err = s.challenge(challenge); err != nil {
			return err
		}
	}
}

// challenge sends a challenge and reads the response; "*" gives the exchange up.
func (s *session) challenge(challenge []byte) ([]byte, error) {
	if err := s.continueWith(imap.Continue{Base64: append([]byte{}, challenge...)}); err != nil {
		return nil, err
	}
	line, err := s.framer.ReadLine()
	if err != nil {
		return nil, orHangUp(err)
	}
	response, cancelled, err := parser.AuthContinue(line)
	switch {
	case cancelled:
		return nil, bad("Authentication was cancelled")
	case err != nil:
		return nil, err
	case response == nil:
		response = []byte{}
	}
	return response, nil
}
