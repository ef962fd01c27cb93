package store

// Head is what the store keeps once per account.
type Head struct {
	Revision        uint64 // counts commits; 0 for an account never seen
	EmailState      string // Email state that the rows are in step with; empty before the first load
	MailboxState    string
	LastUIDValidity uint32            // the highest ever given out, also to mailboxes that are gone
	Spelling        map[string]string // keyword in lower case → as a client first wrote it
}

// Mailbox is what is known of one JMAP mailbox.
type Mailbox struct {
	ID          string
	Name        string
	ParentID    string // empty at the top
	Role        string
	SortOrder   uint64
	Subscribed  bool
	Rights      uint16 // bits in the order of RFC 8621 section 2
	TotalEmails uint64
	Suffix      string // keeps it apart from a sibling of the same name; stays as long as the name

	Loading     bool // its Emails are being listed; those stored are in step
	Loaded      bool // it has UIDs
	UIDValidity uint32
	UIDNext     uint32
	ModSeq      uint64 // highest mod-sequence given out
	RecentBase  uint32 // messages with a UID above it have not been shown to any session
}

// Email is the metadata of a JMAP Email.
type Email struct {
	ID         string
	BlobID     string
	ThreadID   string
	Size       int64
	ReceivedAt int64 // Unix seconds
	Keywords   []string
	Mailboxes  []string // ids of all mailboxes it is in
}

// Row is one message of a mailbox.
type Row struct {
	UID     uint32
	ModSeq  uint64
	Deleted bool
	EmailID string
}

// Expunged is a message that is no more.
type Expunged struct {
	UID    uint32
	ModSeq uint64 // of its removal
}

// Change is what one commit writes.
type Change struct {
	Head          Head // the new head; its Revision is the one that the change was made for, and one higher after
	Emails        []Email
	DropEmails    []string
	Mailboxes     []Mailbox
	DropMailboxes []string // with their rows and history
	Rows          []RowChange
}

// RowChange is the part of a Change that is in one mailbox.
type RowChange struct {
	Mailbox string
	Clear   bool // forget rows and history first
	Put     []Row
	Expunge []Expunged // rows to remove and to keep in the history
}
