package embedded

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	bolt "github.com/boltdb/bolt"
)

// user is who may log in. Each has an account of their own.
type user struct {
	Name     string
	Account  string   // id of the account that is theirs
	Shared   []string // ids of other accounts they may use
	Password passwordHash
	Version  uint64 // Store.state when this was written
}

// may says whether the user has access to an account.
func (u *user) may(account string) bool {
	return u.Account == account || slices.Contains(u.Shared, account)
}

func readUsers(db *bolt.DB) ([]*user, error) {
	var list []*user
	err := guard(func() error {
		return db.View(func(tx *bolt.Tx) error {
			return tx.Bucket(bucketUsers).ForEach(func(_, v []byte) error {
				u := new(user)
				if err := json.Unmarshal(v, u); err != nil {
					return fmt.Errorf("%w: %w", ErrCorrupt, err)
				}
				list = append(list, u)
				return nil
			})
		})
	})
	return list, err
}

// saveUser makes the change durable; s.mu must be held.
func (s *Store) saveUser(u *user) error {
	u.Version = s.state + 1
	text, err := json.Marshal(u)
	if err != nil {
		return err
	}
	err = guard(func() error {
		return s.db.Update(func(tx *bolt.Tx) error { return tx.Bucket(bucketUsers).Put([]byte(u.Name), text) })
	})
	if err != nil {
		return fmt.Errorf("saving user %s: %w", u.Name, err)
	}
	s.users[u.Name] = u
	s.state = u.Version
	return nil
}

// AddAccount makes a user with an account that has the usual mailboxes. It fails with
// ErrAccountExists when the name is taken.
func (s *Store) AddAccount(name, password string) error {
	if name == "" || strings.ContainsAny(name, ":\x00\r\n") {
		return fmt.Errorf("adding account %q: a name has at least one character, and no colon or line break", name)
	}
	hash, err := s.hashing.hash(password)
	if err != nil {
		return fmt.Errorf("adding account %q: %w", name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed() {
		return os.ErrClosed
	}
	if s.users[name] != nil {
		return fmt.Errorf("adding account %q: %w", name, ErrAccountExists)
	}
	id := newAccountID()
	a, err := s.makeAccount(id, name)
	if err != nil {
		return fmt.Errorf("adding account %q: %w", name, err)
	}
	if err := s.saveUser(&user{Name: name, Account: id, Password: hash}); err != nil {
		return errors.Join(err, a.close())
	}
	s.accounts[id] = a
	return nil
}

// newAccountID is random, so that ids and states of a store that was made anew are not taken
// for those of the old one.
func newAccountID() string {
	var b [10]byte
	rand.Read(b[:])
	return "a" + strings.ToLower(base32.HexEncoding.EncodeToString(b[:]))
}

// SetPassword changes the password of a user. It fails with ErrNoAccount when there is none.
func (s *Store) SetPassword(name, password string) error {
	hash, err := s.hashing.hash(password)
	if err != nil {
		return fmt.Errorf("setting the password of %q: %w", name, err)
	}
	err = s.changeUser(name, func(u *user) { u.Password = hash })
	s.hashing.forget()
	return err
}

// Share lets a user work in the account of another, with all rights. It fails with
// ErrNoAccount when either does not exist.
func (s *Store) Share(owner, with string) error {
	s.mu.RLock()
	o := s.users[owner]
	s.mu.RUnlock()
	if o == nil {
		return fmt.Errorf("sharing the account of %q: %w", owner, ErrNoAccount)
	}
	return s.changeUser(with, func(u *user) {
		if !u.may(o.Account) {
			u.Shared = append(slices.Clone(u.Shared), o.Account)
		}
	})
}

func (s *Store) changeUser(name string, change func(*user)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed() {
		return os.ErrClosed
	}
	old := s.users[name]
	if old == nil {
		return fmt.Errorf("changing user %q: %w", name, ErrNoAccount)
	}
	u := *old
	change(&u)
	return s.saveUser(&u)
}

// Accounts lists the names of the users, sorted.
func (s *Store) Accounts() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := make([]string, 0, len(s.users))
	for name := range s.users {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// AccountID returns the JMAP account id of a user's own account (RFC 8620 section 1.6.2).
func (s *Store) AccountID(name string) (string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	u := s.users[name]
	if u == nil {
		return "", fmt.Errorf("looking up %q: %w", name, ErrNoAccount)
	}
	return u.Account, nil
}
