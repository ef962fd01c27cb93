package mailbox

import (
	"crypto/sha256"
	"time"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// StoreOp says how STORE combines flags (RFC 9051 section 6.4.6).
type StoreOp uint8

// The operations of STORE: FLAGS, +FLAGS and -FLAGS.
const (
	StoreReplace StoreOp = iota
	StoreAdd
	StoreRemove
)

// StoreRequest is a STORE command.
type StoreRequest struct {
	Seqs   []uint32 // sequence numbers in the view, as Resolve gives them
	Op     StoreOp
	Flags  []string // IMAP's spelling: \Seen, $Forwarded, …; \Recent is ignored
	Silent bool     // .SILENT: the client works out the new flags by itself
	// UnchangedSince, when HasUnchangedSince, leaves messages alone whose mod-sequence is above it (RFC 7162 section 3.1.3).
	UnchangedSince    uint64
	HasUnchangedSince bool
}

// StoreResult says what became of the messages of a StoreRequest, each in the order asked.
type StoreResult struct {
	// Stored are the messages that now have the flags asked for. The view shows them so already and Poll does
	// not tell them again: without .SILENT the server sends a FETCH for each, with it only the MODSEQ to
	// those who enabled CONDSTORE. With Silent, Poll tells a message that does not have the flags that the client
	// works out, because somebody else changed it too.
	Stored []uint32
	// Modified are those that UNCHANGEDSINCE kept from being changed (sequence numbers).
	Modified []uint32
	// Failed are those the server refused, with the reason. Vanished messages have ErrExpunged.
	Failed []Failure
}

// Failure is a message that an operation failed for.
type Failure struct {
	Seq uint32
	UID uint32
	Err error
}

// CopyResult is the outcome of COPY and MOVE.
type CopyResult struct {
	UIDValidity uint32   // of the target
	Source      []uint32 // UIDs in the source, in the order of the request; vanished messages are left out
	Dest        []uint32 // UIDs in the target, one for each of Source
	Failed      []Failure
}

// ExpungeResult is the outcome of EXPUNGE. Poll tells the sequence numbers.
type ExpungeResult struct {
	UIDs   []uint32 // what was removed, ascending
	Failed []Failure
}

// ImportItem is one message of an APPEND, uploaded already.
type ImportItem struct {
	BlobID     jmap.ID
	Flags      []string // IMAP's spelling; \Deleted is kept by the replica, \Recent ignored
	ReceivedAt time.Time
	// Digest is the SHA-256 of the octets, by which an Import that is repeated is known; zero where nobody computed it.
	Digest [sha256.Size]byte
}

// ImportResult is what APPENDUID needs.
type ImportResult struct {
	UIDValidity uint32
	UIDs        []uint32 // in the order of the items
}
