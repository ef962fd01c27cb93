package embedded

import (
	"encoding/binary"
	"errors"
	"fmt"

	bolt "github.com/boltdb/bolt"
)

// snapshot reads an account as it was at one moment.
type snapshot struct {
	tx      *bolt.Tx
	account *account
	boxes   map[uint64]*mailboxRow
	absent  []digest // blobs that were looked for and not found
}

// viewMessages is view for an f that looks into messages. Without those of Emails that were destroyed meanwhile the answer is
// right; without one that was lost there is none.
func (a *account) viewMessages(f func(*snapshot) error) error {
	var absent []digest
	err := a.view(func(s *snapshot) error {
		err := f(s)
		absent = s.absent
		return err
	})
	for _, d := range absent {
		if err == nil {
			if err = a.explain(errNoBlob, d); errors.Is(err, errNoBlob) {
				err = nil
			}
		}
	}
	return err
}

// found notes a blob that there is no file of, and gives other errors on.
func (s *snapshot) found(err error, d digest) error {
	if errors.Is(err, errNoBlob) {
		s.absent = append(s.absent, d)
		return nil
	}
	return err
}

func (s *snapshot) bucket(name []byte) *bolt.Bucket {
	b := s.tx.Bucket(name)
	if b == nil {
		panic(fmt.Sprintf("bucket %s is missing", name))
	}
	return b
}

// email returns nil when there is no such Email.
func (s *snapshot) email(n uint64) (*emailRow, error) {
	v := s.bucket(bucketEmails).Get(numberKey(n))
	if v == nil {
		return nil, nil
	}
	return decodeEmailRow(n, v)
}

// mailboxes returns all Mailboxes by number. They must not be changed.
func (s *snapshot) mailboxes() (map[uint64]*mailboxRow, error) {
	if s.boxes != nil {
		return s.boxes, nil
	}
	boxes := map[uint64]*mailboxRow{}
	err := s.bucket(bucketBoxes).ForEach(func(k, v []byte) error {
		n := binary.BigEndian.Uint64(k)
		m, err := decodeMailboxRow(n, v)
		boxes[n] = m
		return err
	})
	if err != nil {
		return nil, err
	}
	s.boxes = boxes
	return boxes, nil
}

// thread lists the Emails of a Thread, oldest first; none means that it does not exist.
func (s *snapshot) thread(n uint64) []uint64 {
	v := s.bucket(bucketThreads).Get(numberKey(n))
	list := make([]uint64, len(v)/8)
	for i := range list {
		list[i] = binary.BigEndian.Uint64(v[i*8:])
	}
	return list
}

// threadRows returns the Emails of a Thread, oldest first.
func (s *snapshot) threadRows(n uint64) ([]*emailRow, error) {
	list := s.thread(n)
	rows := make([]*emailRow, 0, len(list))
	for _, id := range list {
		e, err := s.email(id)
		if err != nil {
			return nil, err
		}
		if e == nil {
			return nil, fmt.Errorf("reading Thread %d: %w", n, ErrCorrupt)
		}
		rows = append(rows, e)
	}
	return rows, nil
}

// blobCount is how many Emails have a blob.
func (s *snapshot) blobCount(d digest) uint64 {
	n, _ := binary.Uvarint(s.bucket(bucketBlobs).Get(d[:]))
	return n
}

// withRole returns the number of the Mailbox that has the role, or 0.
func (s *snapshot) withRole(role string) (uint64, error) {
	boxes, err := s.mailboxes()
	if err != nil {
		return 0, err
	}
	for n, m := range boxes {
		if m.Role == role {
			return n, nil
		}
	}
	return 0, nil
}
