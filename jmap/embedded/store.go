package embedded

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	bolt "github.com/boltdb/bolt"
)

// Store is a JMAP server over a directory. It is safe for concurrent use.
type Store struct {
	dir     string
	limits  Limits
	now     func() time.Time
	log     *slog.Logger
	baseURL string
	hashing hashing

	db *bolt.DB // users; its lock guards the directory

	mu       sync.RWMutex
	users    map[string]*user    // by name
	accounts map[string]*account // by id
	state    uint64              // counts the changes of users and accounts

	gates   gates
	memory  messageMemory
	closing chan struct{}
	once    sync.Once
	tasks   sync.WaitGroup
}

const fileStore = "store.bolt"

var bucketUsers = []byte("users")

// Open opens the data directory, or makes it. It fails with ErrInUse, ErrCorrupt or ErrVersion
// (and then says which file and what to do), or with the error of the file system.
func Open(o Options) (*Store, error) {
	if o.Dir == "" {
		return nil, fmt.Errorf("opening the store: no directory given")
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the data directory: %w", err)
	}
	path := filepath.Join(o.Dir, fileStore)
	if accounts, err := os.ReadDir(filepath.Join(o.Dir, dirAccounts)); err == nil && len(accounts) > 0 && isVoid(path) {
		return nil, damaged(path, "it is missing or empty, but there are accounts")
	}
	db, err := openBolt(path, bucketUsers)
	if err != nil {
		return nil, err
	}
	s := newStore(o, db)
	if err := s.load(); err != nil {
		s.Close()
		return nil, err
	}
	s.tasks.Go(s.collectForever)
	return s, nil
}

func newStore(o Options, db *bolt.DB) *Store {
	s := &Store{
		dir: o.Dir, limits: o.Limits.withDefaults(), now: o.Now, log: o.Logger, baseURL: o.BaseURL, db: db,
		users: map[string]*user{}, accounts: map[string]*account{}, closing: make(chan struct{}), memory: newMessageMemory(),
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	s.hashing.setup(o.HashIterations)
	return s
}

// load reads the users and opens their accounts.
func (s *Store) load() error {
	users, err := readUsers(s.db)
	if err != nil {
		return inFile(s.db.Path(), err)
	}
	for _, u := range users {
		s.users[u.Name] = u
		s.state = max(s.state, u.Version)
		a, err := s.openAccount(u.Account, u.Name)
		if err != nil {
			return err
		}
		s.accounts[u.Account] = a
	}
	return nil
}

// Close ends the push streams, waits for writers and closes the files. Requests that come
// later are refused.
func (s *Store) Close() error {
	var err error
	s.once.Do(func() {
		close(s.closing)
		s.tasks.Wait()
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, a := range s.accounts {
			if e := a.close(); e != nil && err == nil {
				err = e
			}
		}
		if e := s.db.Close(); e != nil && err == nil {
			err = e
		}
	})
	return err
}

// isClosed says whether Close was called.
func (s *Store) isClosed() bool {
	select {
	case <-s.closing:
		return true
	default:
		return false
	}
}
