package mailbox

import (
	"sync/atomic"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// box is one mailbox of a replica. There is one for every mailbox id that was ever heard of, also from an Email alone.
type box struct {
	id      jmap.ID
	state   atomic.Pointer[boxState] // nil until loaded
	loading atomic.Bool              // its Emails are followed, but have no UIDs yet

	// What follows is guarded by replica.mu.
	views      map[*View]struct{}
	recentBase uint32 // messages with a higher UID were not shown to any session yet
	loader     *loader
	suspect    int // by how much the server's count differed after the last sync
	mismatch   int // the same, where a comparison did not explain it
}

// gone reports whether the mailbox, once loaded, is no more.
func (b *box) gone() bool {
	state := b.state.Load()
	return state != nil && state.gone
}

// tracked reports whether the replica follows the Emails of the mailbox.
func (b *box) tracked() bool {
	state := b.state.Load()
	return b.loading.Load() || state != nil && !state.gone
}

// boxState is a mailbox at one moment. It never changes.
type boxState struct {
	table       *table
	uidValidity uint32
	uidNext     uint32
	modseq      uint64
	gone        bool // the mailbox was deleted
}

func (s *boxState) counters(recentBase uint32) Counters {
	unseen, deleted, size := s.table.totals()
	return Counters{
		Messages: s.table.length, Unseen: unseen, Deleted: deleted, Size: size,
		Recent:  s.table.length - s.table.rank(recentBase+1),
		UIDNext: s.uidNext, UIDValidity: s.uidValidity, HighestModSeq: s.modseq,
	}
}
