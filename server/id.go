package server

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// ID follows RFC 2971. The version is for those who have logged in.
func (s *session) ID(_ context.Context, c *imap.ID) error {
	s.noteClient(c.Params)
	params := []imap.IDParam{{Key: "name", Value: imap.String("Dragoman")}}
	if version := s.server.config.Version; version != "" && afterLogin(s) {
		params = append(params, imap.IDParam{Key: "version", Value: imap.String(version)})
	}
	return s.send(&imap.IDData{Params: params})
}

// maxNoted is how much of what a client says of itself goes into every line of the log.
const maxNoted = 64

// noteClient puts into the log which program it is.
func (s *session) noteClient(params []imap.IDParam) {
	for _, p := range params {
		if (p.Key == "name" || p.Key == "version") && p.Value.Valid {
			s.log = s.log.With("id."+p.Key, p.Value.Value[:min(len(p.Value.Value), maxNoted)])
		}
	}
	if len(params) > 0 {
		s.log.Debug("client identified itself")
	}
}
