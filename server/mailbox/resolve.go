package mailbox

import (
	"fmt"
	"slices"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// Resolve returns the sequence numbers of the messages in a set, ascending and each once. With uid the set holds UIDs, and those
// that do not exist are passed over; without, a number above Len is ErrSequence (RFC 9051 section 9). The cost depends on
// the messages found, not on the numbers in the set. A saved result in the set is for the caller to replace.
func (v *View) Resolve(set imap.SequenceSet, uid bool) ([]uint32, error) {
	t, _ := v.frozen()
	spans := make([]span, 0, len(set.Ranges))
	for _, r := range set.Ranges {
		s, err := t.span(r, uid)
		if err != nil {
			return nil, err
		}
		if s.from < s.to {
			spans = append(spans, s)
		}
	}
	return expand(spans), nil
}

// span is the indexes from from up to but not including to.
type span struct{ from, to int }

func (t *table) span(r imap.SeqRange, uid bool) (span, error) {
	if uid {
		low, high := ordered(r, t.last())
		if t.length == 0 {
			return span{}, nil
		}
		to := t.length
		if high < t.last() {
			to = t.rank(high + 1)
		}
		return span{t.rank(low), to}, nil
	}
	low, high := ordered(r, uint32(t.length))
	if low == 0 || int64(high) > int64(t.length) {
		return span{}, fmt.Errorf("%w: %d of %d", ErrSequence, high, t.length)
	}
	return span{int(low) - 1, int(high)}, nil
}

// ordered returns the ends of a range, the lower first; 0, which is "*", stands for star.
func ordered(r imap.SeqRange, star uint32) (uint32, uint32) {
	low, high := r.Start, r.Stop
	if low == 0 {
		low = star
	}
	if high == 0 {
		high = star
	}
	return min(low, high), max(low, high)
}

// expand lists the sequence numbers in spans.
func expand(spans []span) []uint32 {
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	total := 0
	for i := range spans {
		if i > 0 {
			spans[i].from = max(spans[i].from, spans[i-1].to)
			spans[i].to = max(spans[i].to, spans[i].from)
		}
		total += spans[i].to - spans[i].from
	}
	seqs := make([]uint32, 0, total)
	for _, s := range spans {
		for i := s.from; i < s.to; i++ {
			seqs = append(seqs, uint32(i)+1)
		}
	}
	return seqs
}

// rangesOf joins UIDs into ranges.
func rangesOf(uids []uint32) []imap.SeqRange {
	slices.Sort(uids)
	var ranges []imap.SeqRange
	for _, uid := range uids {
		if n := len(ranges); n > 0 && uid-ranges[n-1].Stop <= 1 {
			ranges[n-1].Stop = uid
			continue
		}
		ranges = append(ranges, imap.SeqRange{Start: uid, Stop: uid})
	}
	return ranges
}
