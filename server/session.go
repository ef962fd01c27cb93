package server

import (
	"log/slog"
	"time"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/server/auth"
	"github.com/dragoman-mail/dragoman/server/mailbox"
)

// session is the state of one connection and implements imap.Handler. It belongs to the connection's goroutine.
type session struct {
	*conn
	state imap.States // exactly one of them
	rev2  bool        // ENABLE IMAP4rev2 was given
	log   *slog.Logger

	login    *auth.Login      // nil before login
	account  *mailbox.Account // nil before login
	view     *mailbox.View    // nil unless a mailbox is selected
	keywords uint64           // how many flags had been made when the client was told of them in FLAGS
	saved    []uint32         // the UIDs that "$" stands for (SEARCHRES), ascending; RFC 9051 section 6.4.4.1

	tag       string         // of the command that runs
	done      imap.Cond      // its tagged OK; see completed
	upload    *pendingUpload // the message of the APPEND that runs
	appending bool           // the command that runs is an APPEND whose message came
	arguments int            // its literals that are no message; see message
	failures  int            // syntax errors in a row
	orphan    string         // tag of a command that came where DONE was due
	upgrade   bool           // TLS begins after this command
	closing   bool           // the connection ends after this command
	loginBy   time.Time      // when a client that has not logged in is sent away
}

var _ imap.Handler = (*session)(nil)

// completed sets code and text of the tagged OK that the server sends when the handler returns nil.
func (s *session) completed(code imap.RespCode, text string) {
	s.done.Code, s.done.Text = code, text
}

// selected tells whether a mailbox is open.
func (s *session) selected() bool { return s.state == imap.StateSelected }
