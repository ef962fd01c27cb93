package server

import (
	"errors"
	"runtime/debug"
	"time"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/imap/parser"
	"github.com/dragoman-mail/dragoman/server/wire"
)

func newSession(c *conn) *session {
	s := &session{conn: c, state: imap.StateNotAuthenticated, log: c.log}
	s.loginBy = time.Now().Add(c.server.limits.LoginTime)
	s.input.SetDeadline(s.loginBy)
	return s
}

// serve greets and runs commands until one side has enough.
func (s *session) serve() {
	defer s.end()
	defer s.recover()
	if err := s.greet(); err != nil {
		return
	}
	for !s.closing {
		if err := s.next(); err != nil {
			s.part(err)
			return
		}
	}
}

// greet follows RFC 9051 section 7.1: the capabilities spare the client a command. No version: nobody has logged in.
func (s *session) greet() error {
	err := s.untagged(imap.OK, &imap.CodeCapability{Capabilities: s.capabilities()}, "IMAP server ready")
	if err != nil {
		return err
	}
	return s.encoder.Flush()
}

// next waits for a command and runs it. An error ends the connection.
func (s *session) next() error {
	if !s.input.HasLine() {
		if err := s.encoder.Flush(); err != nil {
			return err
		}
	}
	s.input.SetTimeout(s.server.limits.IdleTime)
	if err := s.input.Wait(s.server.draining); err != nil {
		return err
	}
	s.input.SetTimeout(s.server.limits.PieceTime)
	run := s.begin()
	defer run.cancel()
	// What a client has begun to write but not sent keeps nobody from shutting down, a message on its way does.
	s.input.SetStop(s.server.draining)
	defer s.input.SetStop(nil)
	for {
		outcome, err := s.framer.Next()
		switch {
		case err != nil:
			return err
		case outcome == wire.LiteralWanted:
			if err := s.literal(run); err != nil {
				return err
			}
		case outcome == wire.Blank:
			return nil
		case outcome == wire.Bad:
			return s.finish(run, s.framer.Tag(), s.refused(), s.framer.Fault())
		default:
			s.input.SetStop(nil)
			return s.parsed(run)
		}
	}
}

// refused is the command that was given up before it was whole, as far as that is known.
func (s *session) refused() imap.Command {
	if s.appending {
		return &imap.Append{}
	}
	return nil
}

// parsed hands a whole command line to the grammar, and the command to its handler.
func (s *session) parsed(run *running) error {
	command, err := parser.Command(s.framer.Line(), s.framer.Literals(), features)
	if err != nil {
		tag := s.framer.Tag()
		var syntax *parser.Error
		if errors.As(err, &syntax) && syntax.Tag != "" {
			tag = syntax.Tag
		}
		return s.finish(run, tag, nil, err)
	}
	s.failures = 0
	s.tag = command.Tag
	return s.finish(run, command.Tag, command.Command, s.execute(run, command.Command))
}

// literal decides what becomes of an announced literal.
func (s *session) literal(run *running) error {
	start, isMessage := s.message()
	switch {
	case isMessage && s.state != imap.StateNotAuthenticated:
		s.input.SetStop(s.server.hurrying)
		return s.receive(run, start)
	case s.framer.TooBig():
		s.framer.Reject(wire.ErrLiteralTooBig)
		return nil
	}
	if err := s.permit(); err != nil {
		return err
	}
	return s.framer.Store()
}

// permit gives the client leave to send the literal that it announced, if it waits for that.
func (s *session) permit() error {
	if s.framer.Wanted().NonSync {
		return s.encoder.Flush()
	}
	return s.continueWith(imap.Continue{Text: "Ready for the literal"})
}

// recover ends a connection whose command panicked, and counts it: tests hold the count at zero.
func (s *session) recover() {
	cause := recover()
	if cause == nil {
		return
	}
	s.server.metrics.panicked()
	s.log.Error("panic in a command", "cause", cause, "stack", string(debug.Stack()))
	if s.tag != "" {
		_ = s.send(&imap.Cond{Tag: s.tag, Status: imap.No, Code: imap.CodeServerBug, Text: "Internal server error"})
	}
	_ = s.untagged(imap.Bye, nil, "Internal server error")
}
