package mailbox

import "github.com/dragoman-mail/dragoman/generated/jmap"

// Box is a mailbox as it was at one moment. It never changes: ask the Account again for a newer one.
type Box struct {
	ID          jmap.ID
	Path        string // UTF-8 in NFC, parts joined by "/"; INBOX for the one with that role
	Role        string // lower case: inbox, sent, trash…; empty for none
	ParentID    jmap.ID
	Subscribed  bool
	HasChildren bool
	Rights      jmap.MailboxRights
	TotalEmails int // what the JMAP server counts, known without loading

	// Loaded says that the mailbox has UIDs, and that what follows is known. Status and Select load it.
	Loaded bool
	Counters
}

// Counters are what STATUS tells of a loaded mailbox.
type Counters struct {
	Messages      int
	Unseen        int
	Deleted       int // messages with \Deleted
	Recent        int
	Size          int64 // sum of RFC822.SIZE, octets
	UIDNext       uint32
	UIDValidity   uint32
	HighestModSeq uint64
}
