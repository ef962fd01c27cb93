package server

import (
	"context"
	"errors"
	"time"

	"github.com/dragoman-mail/dragoman/generated/imap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
)

// running is a command from its first octet to its tagged response.
type running struct {
	ctx      context.Context // ends with the command and with the connection
	cancel   context.CancelFunc
	recorder *jmapclient.Recorder
	started  time.Time
}

func (s *session) begin() *running {
	run := &running{recorder: jmapclient.NewRecorder(s.server.config.Bodies), started: time.Now()}
	run.ctx, run.cancel = context.WithCancel(jmapclient.WithRecorder(s.ctx, run.recorder))
	s.tag, s.upload, s.appending, s.arguments = "", nil, false, 0
	s.done = imap.Cond{Status: imap.OK}
	return run
}

// execute checks the state and calls the handler.
func (s *session) execute(run *running, command imap.Command) error {
	if allowed := imap.CommandStates(command); allowed&s.state == 0 {
		return bad("%s", wrongState(imap.CommandName(command), allowed, s.state))
	}
	return imap.Dispatch(run.ctx, s, command)
}

func wrongState(name string, allowed, state imap.States) string {
	switch {
	case state == imap.StateNotAuthenticated:
		return name + " is not possible before login"
	case allowed == imap.StateNotAuthenticated:
		return name + " is not possible after login"
	default:
		return name + " needs a selected mailbox"
	}
}

// finish answers a command; command is nil when it could not be read. An error means that the client is gone.
func (s *session) finish(run *running, tag string, command imap.Command, failed error) error {
	var ended *hangUp
	switch {
	case s.output.Err() != nil:
		return s.output.Err()
	case errors.As(failed, &ended):
		return ended.reason
	}
	if command != nil {
		if err := s.report(command); err != nil && failed == nil {
			failed = err
		}
	}
	if s.output.Err() != nil {
		return s.output.Err()
	}
	cond := s.conclude(command, failed)
	cond.Tag = tag
	s.observe(run, command, cond)
	if err := s.send(&cond); err != nil {
		return err
	}
	return s.afterwards(command, failed)
}

// conclude turns the outcome into the tagged response. Where the tag could not be read an untagged one stands in for it.
func (s *session) conclude(command imap.Command, failed error) imap.Cond {
	if failed == nil {
		if s.done.Text == "" {
			s.done.Text = imap.CommandName(command) + " completed"
		}
		return s.done
	}
	cond, level := condOf(failed)
	s.log.Log(s.ctx, level, "command failed", "command", nameOf(command), "answer", statusNames[cond.Status], "error", failed)
	return cond
}

func nameOf(command imap.Command) string {
	if command == nil {
		return ""
	}
	return imap.CommandName(command)
}

var statusNames = map[imap.CondStatus]string{imap.OK: "OK", imap.No: "NO", imap.Bad: "BAD", imap.Bye: "BYE"}

func (s *session) observe(run *running, command imap.Command, cond imap.Cond) {
	seen := Observation{
		Command:   nameOf(command),
		Result:    statusNames[cond.Status],
		Duration:  time.Since(run.started),
		Exchanges: run.recorder.Take(),
	}
	s.server.metrics.command(seen)
	if s.server.config.Observe != nil {
		s.server.config.Observe(seen)
	}
}
