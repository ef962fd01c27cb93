package embedded

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// mailboxRow is a Mailbox (RFC 8621 section 2).
type mailboxRow struct {
	ID            uint64 `json:"-"`
	Name          string
	Parent        uint64 // 0 at the top
	Role          string
	SortOrder     uint64
	Subscribers   []string // ids of the users' own accounts
	Total, Unread uint64
	// Threads and UnreadThreads are totalThreads and unreadThreads.
	Threads, UnreadThreads uint64
}

func (m *mailboxRow) encode() ([]byte, error) { return json.Marshal(m) }

func decodeMailboxRow(id uint64, b []byte) (*mailboxRow, error) {
	m := &mailboxRow{ID: id}
	if err := json.Unmarshal(b, m); err != nil {
		return nil, fmt.Errorf("reading Mailbox %d: %w", id, ErrCorrupt)
	}
	return m, nil
}

// allRights are what every user of an account may do with its Mailboxes.
var allRights = jmap.MailboxRights{
	MayReadItems: true, MayAddItems: true, MayRemoveItems: true, MaySetSeen: true, MaySetKeywords: true,
	MayCreateChild: true, MayRename: true, MayDelete: true,
}

// subscribed says whether a user is; each has their own subscriptions.
func (m *mailboxRow) subscribed(u *user) bool { return slices.Contains(m.Subscribers, u.Account) }

func (m *mailboxRow) subscribe(u *user, on bool) {
	rest := slices.DeleteFunc(slices.Clone(m.Subscribers), func(a string) bool { return a == u.Account })
	if on {
		rest = append(rest, u.Account)
	}
	slices.Sort(rest)
	m.Subscribers = rest
}

func (m *mailboxRow) record(u *user) *jmap.Mailbox {
	box := &jmap.Mailbox{
		Has: jmap.MailboxAll, ID: mailboxID(m.ID), Name: m.Name, SortOrder: m.SortOrder,
		TotalEmails: m.Total, UnreadEmails: m.Unread, TotalThreads: m.Threads, UnreadThreads: m.UnreadThreads,
		MyRights: &allRights, IsSubscribed: m.subscribed(u),
	}
	if m.Parent != 0 {
		parent := mailboxID(m.Parent)
		box.ParentID = &parent
	}
	if m.Role != "" {
		role := m.Role
		box.Role = &role
	}
	return box
}
