package boltstore

import (
	"context"
	"encoding/binary"
	"fmt"

	bolt "github.com/boltdb/bolt"

	"github.com/dragoman-mail/dragoman/server/store"
)

// Account implements store.Store.
func (s *Store) Account(ctx context.Context, key store.Key) (head store.Head, list []store.Mailbox, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) (err error) {
		account := bucket(tx, keyOf(key))
		if account == nil {
			return nil
		}
		if head, err = decodeHead(account.Get(headKey)); err != nil {
			return fmt.Errorf("account %q: %w", key.Account, err)
		}
		return walk(account.Bucket(mailboxesBucket), nil, func(k, v []byte) (bool, error) {
			m, err := decodeMailbox(string(k), v)
			if err != nil {
				return false, fmt.Errorf("mailbox %q: %w", k, err)
			}
			list = append(list, m)
			return true, nil
		})
	})
	return head, list, err
}

// Emails implements store.Store.
func (s *Store) Emails(ctx context.Context, key store.Key, yield func(store.Email) bool) error {
	return s.view(ctx, func(tx *bolt.Tx) error {
		return walk(bucket(tx, keyOf(key), emailsBucket), nil, func(k, v []byte) (bool, error) {
			e, err := decodeEmail(string(k), v)
			if err != nil {
				return false, fmt.Errorf("reading Email %q: %w", k, err)
			}
			return yield(e), nil
		})
	})
}

// Rows implements store.Store.
func (s *Store) Rows(ctx context.Context, key store.Key, mailbox string, yield func(store.Row) bool) error {
	return s.view(ctx, func(tx *bolt.Tx) error {
		return walk(bucket(tx, keyOf(key), rowsBucket, []byte(mailbox)), nil, func(k, v []byte) (bool, error) {
			if len(k) != 4 {
				return false, fmt.Errorf("%w: a UID of mailbox %q", store.ErrDamaged, mailbox)
			}
			row, err := decodeRow(binary.BigEndian.Uint32(k), v)
			if err != nil {
				return false, fmt.Errorf("mailbox %q: %w", mailbox, err)
			}
			return yield(row), nil
		})
	})
}

// Expunged implements store.Store.
func (s *Store) Expunged(ctx context.Context, key store.Key, mailbox string, since uint64, yield func(store.Expunged) bool) error {
	return s.view(ctx, func(tx *bolt.Tx) error {
		from := number64(since + 1)
		return walk(bucket(tx, keyOf(key), expungedBucket, []byte(mailbox)), from, func(k, _ []byte) (bool, error) {
			if len(k) != 12 {
				return false, fmt.Errorf("%w: the history of mailbox %q", store.ErrDamaged, mailbox)
			}
			return yield(store.Expunged{ModSeq: binary.BigEndian.Uint64(k), UID: binary.BigEndian.Uint32(k[8:])}), nil
		})
	})
}

// walk calls visit for each key from from on, until it returns false or an error. A nil bucket has none.
func walk(b *bolt.Bucket, from []byte, visit func(k, v []byte) (bool, error)) error {
	if b == nil {
		return nil
	}
	cursor := b.Cursor()
	k, v := cursor.First()
	if from != nil {
		k, v = cursor.Seek(from)
	}
	for ; k != nil; k, v = cursor.Next() {
		if more, err := visit(k, v); err != nil || !more {
			return err
		}
	}
	return nil
}
