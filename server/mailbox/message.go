package mailbox

import (
	"time"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// Message is what the replica knows of one message of a mailbox: all but its octets.
type Message struct {
	UID        uint32
	ModSeq     uint64
	EmailID    jmap.ID // unique in the account; EMAILID of RFC 8474
	BlobID     jmap.ID // the key of everything that never changes about the message
	ThreadID   jmap.ID
	Size       int64 // Email.size, octets
	ReceivedAt time.Time
	Deleted    bool // \Deleted, which is of this mailbox only
	Recent     bool // \Recent in the view that it came from
	keywords   *keywordSet
}

// Flags returns the flags in IMAP's spelling, \Deleted and \Recent among them. The caller may keep the slice.
func (m Message) Flags() []string {
	flags := m.keywords.flags()
	if m.Deleted {
		flags = append(flags, FlagDeleted)
	}
	if m.Recent {
		flags = append(flags, FlagRecent)
	}
	return flags
}

// Has reports whether the message has a flag, in IMAP's spelling and in any case: \Seen, \Deleted, $Forwarded.
func (m Message) Has(flag string) bool {
	switch folded := foldFlag(flag); folded {
	case deletedKeyword:
		return m.Deleted
	case recentKeyword:
		return m.Recent
	default:
		return m.keywords.has(folded)
	}
}
