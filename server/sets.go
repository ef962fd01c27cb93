package server

import "github.com/dragoman-mail/dragoman/generated/imap"

// setOf writes numbers as a sequence-set in their order; neighbours that ascend by one become ranges.
func setOf(numbers []uint32) imap.SequenceSet {
	var set imap.SequenceSet
	for _, n := range numbers {
		last := len(set.Ranges) - 1
		if last >= 0 && set.Ranges[last].Stop+1 == n {
			set.Ranges[last].Stop = n
		} else {
			set.Ranges = append(set.Ranges, imap.SeqRange{Start: n, Stop: n})
		}
	}
	return set
}

// uidsOf gives the UIDs of messages by their sequence numbers.
func (s *session) uidsOf(seqs []uint32) []uint32 {
	uids := make([]uint32, 0, len(seqs))
	for _, seq := range seqs {
		if message, ok := s.view.Message(seq); ok {
			uids = append(uids, message.UID)
		}
	}
	return uids
}
