package server

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/server/auth"
)

// capability is one thing that the server may announce.
type capability struct {
	name string
	rfc  int
	when func(*session) bool // nil: always
}

// capabilities are all that the server announces, in the order of the response. Each has a probe in
// capability_test.go that fails when the code is missing.
var capabilities = []capability{
	{"IMAP4rev1", 3501, nil},
	{"IMAP4rev2", 9051, nil},
	{"LITERAL+", 7888, nil},
	{"ID", 2971, nil},
	{"SASL-IR", 4959, beforeLogin},
	{"STARTTLS", 9051, (*session).mayStartTLS},
	{"LOGINDISABLED", 9051, (*session).loginDisabled},
	{"ENABLE", 5161, nil}, // Python's imaplib asks before login only, and refuses what it did not see then; IDLE too
	{"NAMESPACE", 2342, afterLogin},
	{"IDLE", 2177, nil},
	{"UNSELECT", 3691, afterLogin},
	{"UIDPLUS", 4315, afterLogin},
	{"MOVE", 6851, afterLogin},
	{"ESEARCH", 4731, afterLogin},
	{"SEARCHRES", 5182, afterLogin},
	{"BINARY", 3516, afterLogin},
	{"CHILDREN", 3348, afterLogin},
	{"LIST-EXTENDED", 5258, afterLogin},
	{"LIST-STATUS", 5819, afterLogin},
	{"SPECIAL-USE", 6154, afterLogin},
	{"STATUS=SIZE", 8438, afterLogin},
}

// features are the extensions that the server announces, in some state or other: the syntax of no others is known to it.
var features = func() (on imap.Features) {
	for _, c := range capabilities {
		on |= imap.Feature(c.name)
	}
	return on
}()

func beforeLogin(s *session) bool { return s.state == imap.StateNotAuthenticated }

func afterLogin(s *session) bool { return s.state != imap.StateNotAuthenticated }

// Capability follows RFC 9051 section 6.1.1.
func (s *session) Capability(_ context.Context, _ *imap.Capability) error {
	return s.send(&imap.CapabilityData{Capabilities: s.capabilities()})
}

// capabilities are those that hold in the present state.
func (s *session) capabilities() []string {
	var names []string
	for _, c := range capabilities {
		if c.when == nil || c.when(s) {
			names = append(names, c.name)
		}
	}
	if beforeLogin(s) && !s.loginDisabled() {
		for _, mechanism := range auth.Mechanisms {
			names = append(names, "AUTH="+mechanism)
		}
	}
	return names
}

// loginDisabled tells whether a password would travel in the clear.
func (s *session) loginDisabled() bool {
	return beforeLogin(s) && !s.secure && !s.server.config.AllowCleartext && !s.loopback()
}

func (s *session) mayStartTLS() bool {
	return beforeLogin(s) && !s.secure && s.server.config.TLS != nil
}
