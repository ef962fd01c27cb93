package server

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// delimiter separates the levels of mailbox names.
const delimiter = '/'

// Namespace follows RFC 9051 section 6.3.10: the user's own mailboxes, without a prefix.
func (s *session) Namespace(_ context.Context, _ *imap.Namespace) error {
	return s.send(&imap.NamespaceData{Personal: []imap.NamespaceDescr{{Prefix: "", Delimiter: delimiter}}})
}
