package server

import (
	"context"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// Enable follows RFC 9051 section 6.3.1: what is not known, or on already, is passed over.
func (s *session) Enable(_ context.Context, c *imap.Enable) error {
	enabled := []string{}
	for _, name := range c.Capabilities {
		if strings.EqualFold(name, "IMAP4rev2") && !s.rev2 {
			s.rev2, s.encoder.UTF8 = true, true
			enabled = append(enabled, "IMAP4rev2")
		}
	}
	return s.send(&imap.EnabledData{Capabilities: enabled})
}
