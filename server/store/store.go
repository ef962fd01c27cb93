package store

import "context"

// Key names an account: the JMAP server, the account there and, for accounts of other people, who looks at it.
type Key struct {
	Server  string
	Account string
	Viewer  string // empty for personal accounts
}

// Store keeps the replicas of accounts. Its methods may be called by many goroutines. What Commit has returned from
// survives a crash.
//
// Several processes may share a store: Commit tells by the revision when another one was faster.
type Store interface {
	// Servers returns the names of the JMAP servers that accounts of the store are on (Key.Server), sorted.
	Servers(ctx context.Context) ([]string, error)
	// Account returns the head of an account and its mailboxes; a zero Head and none for an account never seen.
	Account(ctx context.Context, key Key) (Head, []Mailbox, error)
	// Emails calls yield for each Email of the account until it returns false, in no order.
	Emails(ctx context.Context, key Key, yield func(Email) bool) error
	// Rows calls yield for each message of a mailbox, by ascending UID.
	Rows(ctx context.Context, key Key, mailbox string, yield func(Row) bool) error
	// Expunged calls yield for what was expunged with a mod-sequence above since, by ascending mod-sequence.
	Expunged(ctx context.Context, key Key, mailbox string, since uint64, yield func(Expunged) bool) error
	// Commit makes a change durable, whole or not at all. It is ErrConflict when the account has another
	// revision than the change was made for.
	Commit(ctx context.Context, key Key, change *Change) error
	// Close releases the store.
	Close() error
}

// Cache keeps octets that can be fetched again, within a budget: the oldest go first. Losing it loses nothing.
type Cache interface {
	// Get returns what Put stored last for an id, or false.
	Get(ctx context.Context, key Key, kind string, id string) ([]byte, bool)
	// Put stores octets under a kind, such as "header", and an id, such as a blobId. It may forget them at once.
	Put(ctx context.Context, key Key, kind string, id string, data []byte)
	// PutAll is Put for many ids at once, which costs less.
	PutAll(ctx context.Context, key Key, kind string, data map[string][]byte)
}
