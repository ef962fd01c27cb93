package server

import (
	"context"
	"fmt"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// StartTLS follows RFC 9051 section 6.2.1. What the client sent behind the command in the clear is dropped: somebody on the
// way may have put it there.
func (s *session) StartTLS(_ context.Context, _ *imap.StartTLS) error {
	if s.secure {
		return bad("TLS is active already")
	}
	if !s.mayStartTLS() {
		return bad("TLS is not available")
	}
	s.upgrade = true
	s.completed(nil, "Begin TLS negotiation now")
	return nil
}

// startTLS turns the connection to TLS once the tagged OK is written.
func (s *session) startTLS() error {
	s.upgrade = false
	dropped := s.input.Stop()
	if dropped > 0 {
		s.log.Warn("dropped what a client sent between STARTTLS and TLS", "octets", dropped)
	}
	if err := s.encoder.Flush(); err != nil {
		return err
	}
	s.server.metrics.wrote(s.output.Written())
	secured, err := s.handshake(s.net, s.server.config.TLS)
	if err != nil {
		return fmt.Errorf("negotiating TLS: %w", err)
	}
	s.open(secured, s.server.limits.LoginInput)
	s.input.SetDeadline(s.loginBy)
	return nil
}
