package server

import (
	"context"
	"time"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/imap/parser"
	"github.com/dragoman-mail/dragoman/server/mailbox"
	"github.com/dragoman-mail/dragoman/server/wire"
)

// Idle follows RFC 9051 section 6.3.13: it tells what changes in the selected mailbox until the client sends DONE.
// Every two minutes it says something, so that nobody on the way forgets the connection. A client stays while the JMAP server cannot be reached, and
// hears afterwards what it missed; when that refuses its credentials, it is sent away to log in again.
func (s *session) Idle(ctx context.Context, _ *imap.Idle) error {
	var changed <-chan struct{}
	if s.view != nil {
		stop := s.view.Listen()
		defer stop()
		changed = s.view.Changed()
	}
	s.server.metrics.idling.Inc()
	defer s.server.metrics.idling.Dec()
	if err := s.continueWith(imap.Continue{Text: "idling"}); err != nil {
		return err
	}
	alive := time.NewTicker(s.server.limits.KeepAlive)
	defer alive.Stop()
	for {
		if err := s.report(&imap.Idle{}); err != nil {
			return err
		}
		if s.input.HasLine() {
			return s.idleDone()
		}
		if err := s.encoder.Flush(); err != nil {
			return err
		}
		select {
		case <-s.input.Arrived():
		case <-changed:
		case <-alive.C:
			if err := s.untagged(imap.OK, nil, "Still here"); err != nil {
				return err
			}
		case <-s.account.Expired():
			s.server.config.Authenticator.Forget(s.login)
			return &hangUp{mailbox.ErrUnauthorized}
		case <-s.server.draining:
			return &hangUp{wire.ErrStopped}
		}
	}
}

// idleDone reads the line that ends IDLE. Some clients send the next command in place of DONE: it is answered too, or they
// would wait for ever.
func (s *session) idleDone() error {
	line, err := s.framer.ReadLine()
	if err != nil {
		return orHangUp(err)
	}
	if err = parser.IdleDone(line); err == nil {
		return nil
	}
	s.orphan = s.framer.Tag()
	return bad("IDLE ends with DONE")
}
