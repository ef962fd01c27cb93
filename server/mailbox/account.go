package mailbox

import (
	"context"
	"time"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/server/store"
)

// Account is one session's hold on an account replica.
type Account struct {
	replica *replica
	session Session
	close   func()

	mute time.Time // no push with this session before that; belongs to the follower

	expired chan struct{}
	expire  func()
}

// Expired is closed when the JMAP server has refused the credentials of the session while the replica followed the server by itself, as it does for
// View.Listen. Who waits for news would wait for ever.
func (a *Account) Expired() <-chan struct{} { return a.expired }

// Close gives the account back. Views of it must be closed before.
func (a *Account) Close() { a.close() }

// ID returns the JMAP account id.
func (a *Account) ID() jmap.ID { return a.replica.id }

// Session returns the JMAP session that the account was opened with.
func (a *Account) Session() Session { return a.session }

// Key returns the key of the account in the store, for its cache.
func (a *Account) Key() store.Key { return a.replica.key }

func (a *Account) link() link { return link{r: a.replica, session: a.session} }

// Mailboxes returns all mailboxes, sorted by path, INBOX first.
func (a *Account) Mailboxes() []*Box {
	t := a.replica.tree.Load()
	boxes := make([]*Box, len(t.nodes))
	for i, n := range t.nodes {
		boxes[i] = a.replica.info(n)
	}
	return boxes
}

// ByPath finds a mailbox. INBOX is found in any case, other names as they are after normalisation to NFC.
func (a *Account) ByPath(path string) (*Box, bool) {
	n, ok := a.replica.tree.Load().find(path)
	if !ok {
		return nil, false
	}
	return a.replica.info(n), true
}

// ByID finds a mailbox by its JMAP id.
func (a *Account) ByID(id jmap.ID) (*Box, bool) {
	n, ok := a.replica.tree.Load().byID[string(id)]
	if !ok {
		return nil, false
	}
	return a.replica.info(n), true
}

// Keywords returns the flags that messages of the account have or had, in IMAP's spelling, for FLAGS and PERMANENTFLAGS:
// the system flags, \Deleted, and all others seen. made changes when there is one more.
func (a *Account) Keywords() (flags []string, made uint64) {
	flags, made = a.replica.words.all()
	return append(flags, FlagDeleted), made
}

// KeywordsMade returns what Keywords returns besides the flags.
func (a *Account) KeywordsMade() uint64 { return a.replica.words.count() }

// Status returns the mailbox with its counters, loading it the first time. The replica should be in step: call Sync before.
func (a *Account) Status(ctx context.Context, box *Box) (*Box, error) {
	if _, err := a.load(ctx, box.ID); err != nil {
		return nil, err
	}
	fresh, ok := a.ByID(box.ID)
	if !ok {
		return nil, ErrNoSuchMailbox
	}
	return fresh, nil
}

// Select opens a view of a mailbox, loading it the first time. The replica should be in step: call Sync before.
func (a *Account) Select(ctx context.Context, box *Box, readOnly bool) (*View, error) {
	b, err := a.load(ctx, box.ID)
	if err != nil {
		return nil, err
	}
	return newView(a, b, readOnly)
}
