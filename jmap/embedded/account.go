package embedded

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	bolt "github.com/boltdb/bolt"
)

// account is the mail of one user.
type account struct {
	id    string
	owner string
	store *Store
	db    *bolt.DB
	blobs *blobs
	push  hub
	// writing is held by the one writer.
	writing sync.Mutex
}

const (
	dirAccounts = "accounts"
	fileMail    = "mail.bolt"
)

// openAccount opens the account's files.
func (s *Store) openAccount(id, owner string) (*account, error) {
	path := filepath.Join(s.dir, dirAccounts, id, fileMail)
	if isVoid(path) {
		return nil, damaged(path, "it is missing or empty")
	}
	return s.makeAccount(id, owner)
}

// isVoid says whether a file is missing or empty.
func isVoid(path string) bool {
	info, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0
}

// makeAccount opens the account's files, or makes them with the usual mailboxes.
func (s *Store) makeAccount(id, owner string) (*account, error) {
	parent := filepath.Join(s.dir, dirAccounts)
	dir := filepath.Join(parent, id)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := errors.Join(syncDir(s.dir), syncDir(parent)); err != nil {
		return nil, err
	}
	store, err := openBlobs(dir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, fileMail)
	db, err := openBolt(path, accountBuckets...)
	if err != nil {
		return nil, err
	}
	a := &account{id: id, owner: owner, store: s, db: db, blobs: store}
	if err := errors.Join(syncDir(dir), a.furnish()); err != nil {
		return nil, errors.Join(inFile(path, err), a.close())
	}
	return a, nil
}

// furnish gives a new account its mailboxes.
func (a *account) furnish() error {
	return a.update(func(w *writer) error {
		boxes := w.bucket(bucketBoxes)
		if k, _ := boxes.Cursor().First(); k != nil || boxes.Sequence() > 0 {
			return nil
		}
		for i, box := range []struct{ name, role string }{
			{"Inbox", "inbox"}, {"Drafts", "drafts"}, {"Sent", "sent"},
			{"Archive", "archive"}, {"Junk", "junk"}, {"Trash", "trash"},
		} {
			err := w.insertMailbox(&mailboxRow{
				Name: box.name, Role: box.role, SortOrder: uint64(i+1) * 10, Subscribers: []string{a.id},
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *account) close() error {
	a.writing.Lock()
	defer a.writing.Unlock()
	return a.db.Close()
}

// view runs f on a snapshot, which is valid until f returns.
func (a *account) view(f func(*snapshot) error) error {
	return guard(func() error {
		return a.db.View(func(tx *bolt.Tx) error { return f(&snapshot{tx: tx, account: a}) })
	})
}

// update runs f in a transaction, which is durable when update returns nil, and then tells
// the push streams. When f fails, nothing has changed.
func (a *account) update(f func(*writer) error) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	var changed states
	err := guard(func() error {
		return a.db.Update(func(tx *bolt.Tx) error {
			w := newWriter(a, tx)
			if err := f(w); err != nil {
				return err
			}
			var err error
			changed, err = w.finish()
			return err
		})
	})
	if err == nil {
		a.push.send(a.id, changed)
	}
	return err
}
