package embedded

import (
	"encoding/binary"
	"fmt"
	"strconv"

	bolt "github.com/boltdb/bolt"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// changeKind is what happened to a record.
type changeKind byte

const (
	changeCreated changeKind = iota + 1
	changeUpdated
	changeDestroyed
	// changeCounts is an update of nothing but the counts of a Mailbox.
	changeCounts
)

// change is an entry of a log. Each has a sequence number, which is the state of the type
// after it, so that /changes can stop anywhere (RFC 8620 section 5.2).
type change struct {
	seq    uint64
	kind   changeKind
	id     uint64
	thread uint64 // of an Email
}

func appendChange(log *bolt.Bucket, c change) error {
	seq, err := log.NextSequence()
	if err != nil {
		return err
	}
	b := binary.AppendUvarint([]byte{byte(c.kind)}, c.id)
	log.FillPercent = 0.9
	return log.Put(numberKey(seq), binary.AppendUvarint(b, c.thread))
}

// trimLog forgets the oldest changes.
func trimLog(log *bolt.Bucket, keep int) error {
	if log.Sequence() <= uint64(keep) {
		return nil
	}
	end := log.Sequence() - uint64(keep)
	c := log.Cursor()
	for k, _ := c.First(); k != nil && binary.BigEndian.Uint64(k) <= end; k, _ = c.First() {
		if err := c.Delete(); err != nil {
			return err
		}
	}
	return nil
}

// state returns the state string of the type whose log it is.
func (s *snapshot) state(log []byte) string {
	return strconv.FormatUint(s.bucket(log).Sequence(), 10)
}

// errNoHistory becomes cannotCalculateChanges.
var errNoHistory = &jmap.MethodError{
	Type: jmap.MethodErrorCannotCalculateChanges, Description: "the state is unknown or too old",
}

// since calls each for the changes after a state, in order, until it returns false.
func (s *snapshot) since(log []byte, state string, each func(change) bool) error {
	from, err := strconv.ParseUint(state, 10, 64)
	b := s.bucket(log)
	if err != nil || strconv.FormatUint(from, 10) != state || from > b.Sequence() {
		return errNoHistory
	}
	c := b.Cursor()
	first := from
	for k, v := c.Seek(numberKey(from + 1)); k != nil; k, v = c.Next() {
		seq := binary.BigEndian.Uint64(k)
		if seq != first+1 {
			return errNoHistory
		}
		first = seq
		r := rowReader{b: v}
		e := change{seq: seq, kind: changeKind(r.octet()), id: r.uvarint(), thread: r.uvarint()}
		if r.bad {
			return fmt.Errorf("reading change %d: %w", seq, ErrCorrupt)
		}
		if !each(e) {
			return nil
		}
	}
	if first != b.Sequence() {
		return errNoHistory
	}
	return nil
}
