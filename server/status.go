package server

import (
	"context"
	"errors"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/server/mailbox"
)

// Status follows RFC 9051 section 6.3.11.
func (s *session) Status(ctx context.Context, c *imap.Status) error {
	box, err := s.lookUp(ctx, c.Mailbox)
	if err != nil {
		return err
	}
	if box, err = s.counted(ctx, box); err != nil {
		return err
	}
	return s.send(s.statusData(box, c.Items))
}

// counted is a mailbox with its counters.
func (s *session) counted(ctx context.Context, box *mailbox.Box) (*mailbox.Box, error) {
	if !readable(box) {
		return nil, mailbox.ErrNoPerm
	}
	return patiently(ctx, s, func(ctx context.Context) (*mailbox.Box, error) { return s.account.Status(ctx, box) })
}

func (s *session) statusData(box *mailbox.Box, items []imap.StatusAtt) *imap.StatusData {
	data := &imap.StatusData{Mailbox: s.nameOut(box.Path)}
	seen := map[imap.StatusAtt]bool{}
	for _, item := range items {
		if !seen[item] {
			seen[item] = true
			data.Values = append(data.Values, imap.StatusValue{Att: item, Value: statusValue(box, item)})
		}
	}
	return data
}

func statusValue(box *mailbox.Box, item imap.StatusAtt) uint64 {
	switch item {
	case imap.StatusMessages:
		return uint64(box.Messages)
	case imap.StatusUIDNext:
		return uint64(box.UIDNext)
	case imap.StatusUIDValidity:
		return uint64(box.UIDValidity)
	case imap.StatusUnseen:
		return uint64(box.Unseen)
	case imap.StatusDeleted:
		return uint64(box.Deleted)
	case imap.StatusSize:
		return uint64(box.Size)
	case imap.StatusRecent:
		return uint64(box.Recent)
	}
	panic("status item without a value")
}

// hidden tells whether a mailbox cannot be opened, or has just gone, while the mail store works.
func hidden(err error) bool {
	return errors.Is(err, mailbox.ErrNoSuchMailbox) || errors.Is(err, mailbox.ErrNoPerm)
}
