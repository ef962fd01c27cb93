package server

import (
	"slices"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// resolve gives the sequence numbers of the messages that a set names, ascending. "$" in it are the messages of the
// saved search result that are still there (RFC 9051 section 6.4.4.1).
func (s *session) resolve(set imap.SequenceSet, uid bool) ([]uint32, error) {
	if !set.Saved {
		return s.view.Resolve(set, uid)
	}
	var seqs []uint32
	if len(set.Ranges) > 0 {
		var err error
		if seqs, err = s.view.Resolve(imap.SequenceSet{Ranges: set.Ranges}, uid); err != nil {
			return nil, err
		}
	}
	for _, uid := range s.saved {
		if seq, ok := s.view.SeqOf(uid); ok {
			seqs = append(seqs, seq)
		}
	}
	slices.Sort(seqs)
	return slices.Compact(seqs), nil
}
