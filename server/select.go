package server

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/server/mailbox"
)

// Select follows RFC 9051 section 6.3.2 and RFC 3501 section 6.3.1.
func (s *session) Select(ctx context.Context, c *imap.Select) error {
	return s.openMailbox(ctx, c.Mailbox, false)
}

// Examine follows RFC 9051 section 6.3.3.
func (s *session) Examine(ctx context.Context, c *imap.Examine) error {
	return s.openMailbox(ctx, c.Mailbox, true)
}

// openMailbox leaves no mailbox selected when it fails.
func (s *session) openMailbox(ctx context.Context, name string, readOnly bool) error {
	if s.selected() {
		s.deselect()
		if err := s.untagged(imap.OK, imap.CodeClosed, "Previous mailbox is closed"); err != nil {
			return err
		}
	}
	box, err := s.lookUp(ctx, name)
	if err != nil {
		return err
	}
	if !readable(box) {
		return mailbox.ErrNoPerm
	}
	readOnly = readOnly || !writable(box)
	view, err := patiently(ctx, s, func(ctx context.Context) (*mailbox.View, error) { return s.account.Select(ctx, box, readOnly) })
	if err != nil {
		return err
	}
	s.view, s.state = view, imap.StateSelected
	if readOnly {
		s.completed(imap.CodeReadOnly, "Mailbox is opened read-only")
	} else {
		s.completed(imap.CodeReadWrite, "Mailbox is open")
	}
	return s.describe(name, box)
}

// readable tells whether the user may see what is in a mailbox. A query of one that is not may give nothing, which must not look
// like an empty mailbox (RFC 8621 section 2).
func readable(box *mailbox.Box) bool { return box.Rights.MayReadItems }

// writable tells whether the user may change anything in a mailbox.
func writable(box *mailbox.Box) bool {
	r := box.Rights
	return r.MaySetSeen || r.MaySetKeywords || r.MayAddItems || r.MayRemoveItems
}

// describe sends the untagged responses that RFC 9051 section 6.3.2 demands, and those of RFC 3501 section 6.3.1 to clients of IMAP4rev1.
func (s *session) describe(name string, box *mailbox.Box) error {
	counters := s.view.Counters()
	flags, made := s.account.Keywords()
	s.keywords = made
	permanent := []string{}
	if !s.view.ReadOnly() {
		permanent = append(append(permanent, flags...), `\*`)
	}
	responses := []imap.Response{
		&imap.FlagsData{Flags: flags},
		&imap.ExistsData{Count: uint32(counters.Messages)},
	}
	if !s.rev2 {
		responses = append(responses, &imap.RecentData{Count: uint32(counters.Recent)})
		if unseen := s.view.FirstUnseen(); unseen > 0 {
			responses = append(responses, &imap.Cond{Code: &imap.CodeUnseen{Seq: unseen}, Text: "First message not seen"})
		}
	}
	responses = append(responses,
		&imap.Cond{Code: &imap.CodePermanentFlags{Flags: permanent}, Text: "Flags that stay"},
		&imap.Cond{Code: &imap.CodeUIDValidity{Value: counters.UIDValidity}, Text: "UIDs are valid"},
		&imap.Cond{Code: &imap.CodeUIDNext{UID: counters.UIDNext}, Text: "Predicted next UID"},
	)
	if s.rev2 {
		responses = append(responses, s.named(name, box.Path, attributesOf(box)))
	}
	for _, r := range responses {
		if err := s.send(r); err != nil {
			return err
		}
	}
	return nil
}
