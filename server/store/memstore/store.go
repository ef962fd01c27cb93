// Package memstore keeps account replicas in memory: for tests, and as the plainest statement of what a store does.
package memstore

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/dragoman-mail/dragoman/server/store"
)

// Store is a store.Store that forgets everything with the process.
type Store struct {
	mu       sync.Mutex
	accounts map[store.Key]*account
}

type account struct {
	head      store.Head
	mailboxes map[string]store.Mailbox
	emails    map[string]store.Email
	rows      map[string]map[uint32]store.Row
	expunged  map[string][]store.Expunged
}

var _ store.Store = (*Store)(nil)

// New returns an empty store.
func New() *Store { return &Store{accounts: map[store.Key]*account{}} }

// account returns a copy of what is stored, or nothing.
func (s *Store) account(key store.Key) account {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.accounts[key]
	if !ok {
		return account{}
	}
	return a.clone()
}

func (a *account) clone() account {
	c := account{
		head: a.head, mailboxes: maps.Clone(a.mailboxes), emails: maps.Clone(a.emails), rows: map[string]map[uint32]store.Row{},
		expunged: maps.Clone(a.expunged),
	}
	for mailbox, rows := range a.rows {
		c.rows[mailbox] = maps.Clone(rows)
	}
	return c
}

// Servers implements store.Store.
func (s *Store) Servers(context.Context) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for key := range s.accounts {
		names = append(names, key.Server)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Account implements store.Store.
func (s *Store) Account(_ context.Context, key store.Key) (store.Head, []store.Mailbox, error) {
	a := s.account(key)
	return a.head, slices.Collect(maps.Values(a.mailboxes)), nil
}

// Emails implements store.Store.
func (s *Store) Emails(_ context.Context, key store.Key, yield func(store.Email) bool) error {
	for _, e := range s.account(key).emails {
		if !yield(e) {
			break
		}
	}
	return nil
}

// Rows implements store.Store.
func (s *Store) Rows(_ context.Context, key store.Key, mailbox string, yield func(store.Row) bool) error {
	rows := s.account(key).rows[mailbox]
	for _, uid := range slices.Sorted(maps.Keys(rows)) {
		if !yield(rows[uid]) {
			break
		}
	}
	return nil
}

// Expunged implements store.Store.
func (s *Store) Expunged(_ context.Context, key store.Key, mailbox string, since uint64, yield func(store.Expunged) bool) error {
	for _, e := range s.account(key).expunged[mailbox] {
		if e.ModSeq > since && !yield(e) {
			break
		}
	}
	return nil
}

// Commit implements store.Store.
func (s *Store) Commit(_ context.Context, key store.Key, change *store.Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.accounts[key]
	if !ok {
		a = &account{
			mailboxes: map[string]store.Mailbox{}, emails: map[string]store.Email{}, rows: map[string]map[uint32]store.Row{},
			expunged: map[string][]store.Expunged{},
		}
	}
	if a.head.Revision != change.Head.Revision {
		return store.ErrConflict
	}
	s.accounts[key] = a
	a.head = change.Head
	a.head.Spelling = maps.Clone(change.Head.Spelling)
	a.head.Revision++
	for _, e := range change.Emails {
		a.emails[e.ID] = e
	}
	for _, id := range change.DropEmails {
		delete(a.emails, id)
	}
	for _, m := range change.Mailboxes {
		a.mailboxes[m.ID] = m
	}
	for _, part := range change.Rows {
		a.commitRows(part)
	}
	for _, id := range change.DropMailboxes {
		delete(a.mailboxes, id)
		delete(a.rows, id)
		delete(a.expunged, id)
	}
	return nil
}

func (a *account) commitRows(part store.RowChange) {
	if part.Clear {
		delete(a.rows, part.Mailbox)
		delete(a.expunged, part.Mailbox)
	}
	rows := a.rows[part.Mailbox]
	if rows == nil {
		rows = map[uint32]store.Row{}
		a.rows[part.Mailbox] = rows
	}
	for _, row := range part.Put {
		rows[row.UID] = row
	}
	history := slices.Clone(a.expunged[part.Mailbox])
	for _, e := range part.Expunge {
		delete(rows, e.UID)
		history = append(history, e)
	}
	slices.SortFunc(history, func(x, y store.Expunged) int {
		if x.ModSeq != y.ModSeq {
			return int(int64(x.ModSeq) - int64(y.ModSeq))
		}
		return int(int64(x.UID) - int64(y.UID))
	})
	a.expunged[part.Mailbox] = history
}

// Close implements store.Store.
func (s *Store) Close() error { return nil }
