package server

import (
	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/server/mailbox"
)

// report tells the client what changed in the selected mailbox, at the end of a command (RFC 9051 section 7).
func (s *session) report(command imap.Command) error {
	if s.view == nil {
		return nil
	}
	return s.sendEvents(s.view.Poll(mayExpunge(command)))
}

// mayExpunge follows RFC 9051 section 7.5.1: sequence numbers must not move while the client uses them.
func mayExpunge(command imap.Command) bool {
	switch c := command.(type) {
	case *imap.Fetch:
		return c.UID
	case *imap.Store:
		return c.UID
	case *imap.Search:
		return c.UID
	}
	return true
}

func (s *session) sendEvents(events []mailbox.Event) error {
	if len(events) > 0 {
		if err := s.tellKeywords(); err != nil {
			return err
		}
	}
	for _, event := range events {
		response := s.responseTo(event)
		if response == nil {
			continue
		}
		if err := s.send(response); err != nil {
			return err
		}
	}
	return nil
}

// tellKeywords sends FLAGS when there are flags that the client has not heard of (RFC 9051 section 7.3.5).
func (s *session) tellKeywords() error {
	if s.account.KeywordsMade() == s.keywords {
		return nil
	}
	flags, made := s.account.Keywords()
	s.keywords = made
	return s.send(&imap.FlagsData{Flags: flags})
}

func (s *session) responseTo(event mailbox.Event) imap.Response {
	switch event.Kind {
	case mailbox.EventExpunge:
		return &imap.ExpungeData{Seq: event.Seq}
	case mailbox.EventExists:
		return &imap.ExistsData{Count: uint32(event.N)}
	case mailbox.EventRecent:
		if s.rev2 {
			return nil
		}
		return &imap.RecentData{Count: uint32(event.N)}
	}
	message, ok := s.view.Message(event.Seq)
	if !ok {
		return nil
	}
	return &imap.FetchData{Seq: event.Seq, Items: []imap.MsgAtt{
		&imap.MsgUID{UID: message.UID}, &imap.MsgFlags{Flags: s.flagsOf(message)},
	}}
}

// flagsOf is what FLAGS shows of a message: \Recent is not part of IMAP4rev2.
func (s *session) flagsOf(message mailbox.Message) []string {
	if s.rev2 {
		message.Recent = false
	}
	return message.Flags()
}
