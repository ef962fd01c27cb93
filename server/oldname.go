package server

import (
	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/server/mailbox"
)

// named is the LIST response for a mailbox, with the name that the client wrote where that is another (RFC 9051 section 6.3.9.7).
func (s *session) named(asked, path string, attributes []string) *imap.ListData {
	data := &imap.ListData{Attributes: attributes, Delimiter: delimiter, Mailbox: s.nameOut(path)}
	if asked != data.Mailbox {
		data.Extended = []imap.ListExtendedItem{&imap.ListOldName{Mailbox: asked}}
	}
	return data
}

// tellName tells clients of IMAP4rev2 that a mailbox goes by another name than they wrote; others do not know OLDNAME.
func (s *session) tellName(asked string, box *mailbox.Box) error {
	if !s.rev2 || box == nil || asked == box.Path {
		return nil
	}
	return s.send(s.named(asked, box.Path, listed{node: node{path: box.Path, box: box}}.attributes(true)))
}
