package imaptest

import (
	"strconv"
	"strings"
)

// variables are the values that a script has given to its names, or met.
type variables struct {
	values  map[string]string
	journal []string // the names in the order of their setting
}

func newVariables() *variables { return &variables{values: map[string]string{}} }

func (v *variables) get(name string) (string, bool) {
	value, ok := v.values[name]
	return value, ok
}

// set gives a value, or another one.
func (v *variables) set(name, value string) { v.values[name] = value }

// unset takes the value away.
func (v *variables) unset(name string) { delete(v.values, name) }

// meet gives a value to a name that has none; it fails for a mod-sequence that is too small or too big.
func (v *variables) meet(name, value string) bool {
	if name == "" {
		return true
	}
	if n, ok := modseqIndex(name); ok && !v.fits(n, value) {
		return false
	}
	v.values[name] = value
	v.journal = append(v.journal, name)
	return true
}

// mark is for rollback.
func (v *variables) mark() int { return len(v.journal) }

// rollback forgets what has been met since the mark.
func (v *variables) rollback(mark int) {
	for _, name := range v.journal[mark:] {
		delete(v.values, name)
	}
	v.journal = v.journal[:mark]
}

// modseqIndex is N of $modseqN.
func modseqIndex(name string) (uint64, bool) {
	digits, ok := strings.CutPrefix(name, "modseq")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	return n, err == nil
}

// fits compares the value of $modseqN with those of the others.
func (v *variables) fits(n uint64, text string) bool {
	value, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return false
	}
	for name, other := range v.values {
		m, ok := modseqIndex(name)
		if !ok {
			continue
		}
		known, err := strconv.ParseUint(other, 10, 64)
		if err != nil {
			return false
		}
		if n > m && (value < known || value-known < n-m) || n < m && (known < value || known-value < m-n) {
			return false
		}
	}
	return true
}

// sequences follow the messages that had numbers at the start of a command.
type sequences struct {
	expunged []uint32 // in the order of the replies
	lost     bool     // more than that are not followed
}

// maxExpunged is how many expunges of one command are followed.
const maxExpunged = 1 << 20

// expunge takes note of an EXPUNGE.
func (s *sequences) expunge(seq uint32) {
	if s.lost = s.lost || len(s.expunged) == maxExpunged; !s.lost {
		s.expunged = append(s.expunged, seq)
	}
}

// now is the present number of the message that had this one at the start.
func (s *sequences) now(seq uint32) string {
	for _, gone := range s.expunged {
		switch {
		case gone == seq:
			return "(expunged)"
		case gone < seq:
			seq--
		}
	}
	return strconv.FormatUint(uint64(seq), 10)
}
