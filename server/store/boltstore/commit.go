package boltstore

import (
	"context"
	"errors"

	bolt "github.com/boltdb/bolt"

	"github.com/dragoman-mail/dragoman/server/store"
)

// Commit implements store.Store. The context is not looked at once the transaction has begun.
func (s *Store) Commit(ctx context.Context, key store.Key, change *store.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.update(func(tx *bolt.Tx) error {
		account, err := tx.Bucket(accountsBucket).CreateBucketIfNotExists(keyOf(key))
		if err != nil {
			return err
		}
		if err := putHead(account, change.Head); err != nil {
			return err
		}
		for _, put := range []func(*bolt.Bucket, *store.Change) error{putEmails, putMailboxes, putRows, dropMailboxes} {
			if err := put(account, change); err != nil {
				return err
			}
		}
		return nil
	})
}

// putHead checks the revision and writes the next one.
func putHead(account *bolt.Bucket, head store.Head) error {
	var revision uint64
	if stored := account.Get(headKey); stored != nil {
		now, err := decodeHead(stored)
		if err != nil {
			return err
		}
		revision = now.Revision
	}
	if revision != head.Revision {
		return store.ErrConflict
	}
	head.Revision++
	return account.Put(headKey, encodeHead(head))
}

// denseFill is how full bolt leaves the pages of a bucket whose keys come in ascending order; half full otherwise.
const denseFill = 0.9

func putEmails(account *bolt.Bucket, change *store.Change) error {
	if len(change.Emails)+len(change.DropEmails) == 0 {
		return nil
	}
	emails, err := account.CreateBucketIfNotExists(emailsBucket)
	if err != nil {
		return err
	}
	if len(change.Emails) > 100 {
		emails.FillPercent = denseFill // the first load of a mailbox brings them by ascending id
	}
	for i := range change.Emails {
		if err := emails.Put([]byte(change.Emails[i].ID), encodeEmail(&change.Emails[i])); err != nil {
			return err
		}
	}
	for _, id := range change.DropEmails {
		if err := emails.Delete([]byte(id)); err != nil {
			return err
		}
	}
	return nil
}

func putMailboxes(account *bolt.Bucket, change *store.Change) error {
	if len(change.Mailboxes) == 0 {
		return nil
	}
	mailboxes, err := account.CreateBucketIfNotExists(mailboxesBucket)
	if err != nil {
		return err
	}
	for i := range change.Mailboxes {
		if err := mailboxes.Put([]byte(change.Mailboxes[i].ID), encodeMailbox(&change.Mailboxes[i])); err != nil {
			return err
		}
	}
	return nil
}

// nested returns the bucket of a mailbox in one of the account's buckets, making it where it is missing.
func nested(account *bolt.Bucket, name []byte, mailbox string) (*bolt.Bucket, error) {
	b, err := account.CreateBucketIfNotExists(name)
	if err != nil {
		return nil, err
	}
	return b.CreateBucketIfNotExists([]byte(mailbox))
}

func putRows(account *bolt.Bucket, change *store.Change) error {
	for i := range change.Rows {
		if err := putBoxRows(account, &change.Rows[i]); err != nil {
			return err
		}
	}
	return nil
}

func putBoxRows(account *bolt.Bucket, part *store.RowChange) error {
	if part.Clear {
		if err := clearRows(account, part.Mailbox); err != nil {
			return err
		}
	}
	rows, err := nested(account, rowsBucket, part.Mailbox)
	if err != nil {
		return err
	}
	rows.FillPercent = denseFill // UIDs ascend
	for i := range part.Put {
		if err := rows.Put(number32(part.Put[i].UID), encodeRow(&part.Put[i])); err != nil {
			return err
		}
	}
	if len(part.Expunge) == 0 {
		return nil
	}
	history, err := nested(account, expungedBucket, part.Mailbox)
	if err != nil {
		return err
	}
	for _, e := range part.Expunge {
		if err := rows.Delete(number32(e.UID)); err != nil {
			return err
		}
		if err := history.Put(append(number64(e.ModSeq), number32(e.UID)...), nil); err != nil {
			return err
		}
	}
	return nil
}

func dropMailboxes(account *bolt.Bucket, change *store.Change) error {
	for _, id := range change.DropMailboxes {
		if mailboxes := account.Bucket(mailboxesBucket); mailboxes != nil {
			if err := mailboxes.Delete([]byte(id)); err != nil {
				return err
			}
		}
		if err := clearRows(account, id); err != nil {
			return err
		}
	}
	return nil
}

// clearRows forgets rows and history of a mailbox.
func clearRows(account *bolt.Bucket, mailbox string) error {
	for _, name := range [][]byte{rowsBucket, expungedBucket} {
		parent := account.Bucket(name)
		if parent == nil {
			continue
		}
		if err := parent.DeleteBucket([]byte(mailbox)); err != nil && !errors.Is(err, bolt.ErrBucketNotFound) {
			return err
		}
	}
	return nil
}
