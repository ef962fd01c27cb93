package boltstore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	bolt "github.com/boltdb/bolt"

	"github.com/dragoman-mail/dragoman/server/store"
)

// schema is the layout of the file. A file of an older one is brought up to date when it is opened; one of a newer is refused.
const schema = 1

var (
	metaBucket      = []byte("meta")
	schemaKey       = []byte("schema")
	accountsBucket  = []byte("accounts")
	headKey         = []byte("head")
	mailboxesBucket = []byte("mailboxes")
	emailsBucket    = []byte("emails")
	rowsBucket      = []byte("rows")
	expungedBucket  = []byte("expunged")
)

// Store keeps replicas in one bolt file. Each commit is on the disk (fsync) when it returns, so counters never go back: after a
// crash the file is as the last commit that returned left it.
type Store struct {
	db   *bolt.DB
	path string
}

var _ store.Store = (*Store)(nil)

// Open opens the store in a file, making it and its folder where they are missing. The error names the path: store.ErrInUse,
// store.ErrDamaged, store.ErrNewer, or that of the system.
func Open(path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	db, err := openFile(path, bolt.Options{})
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, path: path}
	if err := s.update(prepare); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

func prepare(tx *bolt.Tx) error {
	meta, err := tx.CreateBucketIfNotExists(metaBucket)
	if err != nil {
		return err
	}
	if _, err := tx.CreateBucketIfNotExists(accountsBucket); err != nil {
		return err
	}
	switch value := meta.Get(schemaKey); {
	case value == nil:
		return meta.Put(schemaKey, number32(schema))
	case len(value) != 4:
		return fmt.Errorf("%w: the schema number", store.ErrDamaged)
	case binary.BigEndian.Uint32(value) > schema:
		return fmt.Errorf("%w: schema %d, this one knows %d", store.ErrNewer, binary.BigEndian.Uint32(value), schema)
	}
	return nil
}

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }

func (s *Store) update(work func(*bolt.Tx) error) error {
	return s.wrap(guard(func() error { return s.db.Update(work) }))
}

func (s *Store) view(ctx context.Context, work func(*bolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.wrap(guard(func() error { return s.db.View(work) }))
}

func (s *Store) wrap(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, bolt.ErrDatabaseNotOpen):
		return fmt.Errorf("%s: %w", s.path, store.ErrClosed)
	}
	return fmt.Errorf("%s: %w", s.path, err)
}

// keyOf writes the parts with their lengths, so that no two accounts have the same key.
func keyOf(k store.Key) []byte {
	w := &writer{}
	w.text(k.Server)
	w.text(k.Account)
	w.text(k.Viewer)
	return w.b
}

// Servers implements store.Store. It goes from one server to the next, past all the accounts between.
func (s *Store) Servers(ctx context.Context) (names []string, err error) {
	err = s.view(ctx, func(tx *bolt.Tx) error {
		accounts := tx.Bucket(accountsBucket).Cursor()
		for key, _ := accounts.First(); key != nil; {
			r := &reader{b: key, text: string(key)}
			name := r.string()
			if r.err != nil {
				return r.err
			}
			names = append(names, name)
			w := &writer{}
			w.text(name)
			key, _ = accounts.Seek(append(w.b, 0xff, 0xff, 0xff)) // behind the longest account id
		}
		return nil
	})
	slices.Sort(names)
	return names, err
}

func number32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

func number64(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// bucket walks down nested buckets; nil when one is missing.
func bucket(tx *bolt.Tx, path ...[]byte) *bolt.Bucket {
	b := tx.Bucket(accountsBucket)
	for _, name := range path {
		if b == nil {
			return nil
		}
		b = b.Bucket(name)
	}
	return b
}
