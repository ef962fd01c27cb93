package mailbox

// DRAFT: signatures to compile against; bodies follow, file by file.

import (
	"context"
	"iter"
	"log/slog"
	"time"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/server/store"
)

// Options configure a Registry. Only Server is required.
type Options struct {
	Server   string        // names the JMAP server in the store, so that accounts of two servers never mix; "embedded" or its URL
	Poll     time.Duration // how often to ask for changes while a session listens and no push stream vouches; default 5 s
	SafePoll time.Duration // the same while a push stream is up; default 1 min
	Linger   time.Duration // how long an account stays in memory after its last session; default 5 min, negative for not at all
	Logger   *slog.Logger  // default: none
}

// Registry holds the accounts that are open in this process. All sessions of an account share one replica.
type Registry struct{}

// NewRegistry returns a registry whose accounts live in s. Closing s is left to the caller.
func NewRegistry(s store.Store, o Options) *Registry { panic("draft") }

// Open returns the account for a session, to be closed by it. It reads the store but sends no request.
// Personal accounts are shared by all who log in to them; other people's accounts by the sessions of one user,
// because servers show different mailboxes to different users.
func (r *Registry) Open(ctx context.Context, session Session, account jmap.ID) (*Account, error) {
	panic("draft")
}

// Close closes all accounts, whoever uses them.
func (r *Registry) Close() error { panic("draft") }

// Account is one session's hold on an account replica.
type Account struct{}

// Close gives the account back. Views of it must be closed before.
func (a *Account) Close() { panic("draft") }

// ID returns the JMAP account id.
func (a *Account) ID() jmap.ID { panic("draft") }

// Session returns the JMAP session that the account was opened with.
func (a *Account) Session() Session { panic("draft") }

// Key returns the key of the account in the store, for its cache.
func (a *Account) Key() store.Key { panic("draft") }

// Sync brings the replica into step with the server: one request with Email/changes and Mailbox/changes, none
// while a push stream vouches for the replica. Sessions that ask at the same time share it.
func (a *Account) Sync(ctx context.Context) error { panic("draft") }

// SyncSubscriptions is Sync, but asks for all mailboxes: servers do not report changes of isSubscribed.
func (a *Account) SyncSubscriptions(ctx context.Context) error { panic("draft") }

// Mailboxes returns all mailboxes, sorted by path, INBOX first.
func (a *Account) Mailboxes() []*Box { panic("draft") }

// ByPath finds a mailbox. INBOX is found in any case, other names as they are after normalisation to NFC.
func (a *Account) ByPath(path string) (*Box, bool) { panic("draft") }

// ByID finds a mailbox by its JMAP id.
func (a *Account) ByID(id jmap.ID) (*Box, bool) { panic("draft") }

// Keywords returns the flags that messages of the account have or had, in IMAP's spelling, for FLAGS and PERMANENTFLAGS:
// the system flags of JMAP's keywords, \Deleted, and all others seen.
func (a *Account) Keywords() []string { panic("draft") }

// Status returns the mailbox with its counters, loading it the first time.
func (a *Account) Status(ctx context.Context, box *Box) (*Box, error) { panic("draft") }

// Select opens a view of a mailbox, loading it the first time. The replica should be in step: call Sync before.
func (a *Account) Select(ctx context.Context, box *Box, readOnly bool) (*View, error) { panic("draft") }

// Create makes a mailbox, and its parents where they are missing (RFC 9051 section 6.3.4).
func (a *Account) Create(ctx context.Context, path string) (*Box, error) { panic("draft") }

// Delete destroys a mailbox with the messages that are in no other (RFC 9051 section 6.3.5).
func (a *Account) Delete(ctx context.Context, path string) error { panic("draft") }

// Rename renames or moves a mailbox with its children, making missing parents (RFC 9051 section 6.3.6).
// Renaming INBOX moves its messages to a new mailbox.
func (a *Account) Rename(ctx context.Context, from, to string) error { panic("draft") }

// Subscribe sets or clears isSubscribed.
func (a *Account) Subscribe(ctx context.Context, path string, on bool) error { panic("draft") }

// Import puts uploaded messages into a mailbox: all or none (RFC 3502, RFC 4315).
func (a *Account) Import(ctx context.Context, box *Box, items []ImportItem) (*ImportResult, error) {
	panic("draft")
}

// StoreFlags changes flags (RFC 9051 section 6.4.6). Nothing is sent where nothing changes, or only \Deleted.
func (a *Account) StoreFlags(ctx context.Context, view *View, request StoreRequest) (*StoreResult, error) {
	panic("draft")
}

// Copy copies messages, given by sequence numbers in the view (RFC 9051 section 6.4.7).
func (a *Account) Copy(ctx context.Context, view *View, seqs []uint32, to *Box) (*CopyResult, error) {
	panic("draft")
}

// Move moves messages (RFC 9051 section 6.4.8). Poll tells what left the view.
func (a *Account) Move(ctx context.Context, view *View, seqs []uint32, to *Box) (*CopyResult, error) {
	panic("draft")
}

// Expunge removes the messages with \Deleted from the view's mailbox; with uids, only those of them that are in uids (not nil).
func (a *Account) Expunge(ctx context.Context, view *View, uids []uint32) (*ExpungeResult, error) {
	panic("draft")
}

// View is a session's frozen state of a selected mailbox. Only Poll, and StoreFlags for the messages it stored,
// move it on. Its methods may be called by several goroutines.
type View struct{}

// Close ends the view.
func (v *View) Close() { panic("draft") }

// Box returns the mailbox as it is now, which may be newer than the view.
func (v *View) Box() *Box { panic("draft") }

// ReadOnly reports whether the view was opened with EXAMINE.
func (v *View) ReadOnly() bool { panic("draft") }

// Gone reports whether the mailbox was deleted: Poll expunges all its messages, and none will ever come.
func (v *View) Gone() bool { panic("draft") }

// Counters returns what SELECT announces, all of one moment: that of the view.
func (v *View) Counters() Counters { panic("draft") }

// FirstUnseen returns the sequence number of the first message without \Seen, or 0.
func (v *View) FirstUnseen() uint32 { panic("draft") }

// Len returns the number of messages.
func (v *View) Len() int { panic("draft") }

// Message returns the message with a sequence number, counted from 1.
func (v *View) Message(seq uint32) (Message, bool) { panic("draft") }

// Messages runs over all messages in order, of the state the view had at the start.
func (v *View) Messages() iter.Seq2[uint32, Message] { panic("draft") }

// SeqOf returns the sequence number of a UID.
func (v *View) SeqOf(uid uint32) (uint32, bool) { panic("draft") }

// Resolve returns the sequence numbers of the messages in a set, ascending and each once. With uid the set holds UIDs, and those
// that do not exist are passed over; without, a number above Len is ErrSequence (RFC 9051 section 9). The cost depends on
// the messages found, not on the numbers in the set. A saved result in the set is for the caller to replace.
func (v *View) Resolve(set imap.SequenceSet, uid bool) ([]uint32, error) { panic("draft") }

// Poll moves the view on to the newest state of the replica and returns what to tell the client. Without allowExpunge, messages that are
// gone stay in the view, with their last state.
func (v *View) Poll(allowExpunge bool) []Event { panic("draft") }

// Changed receives when there may be something to Poll, also if it happened before.
func (v *View) Changed() <-chan struct{} { panic("draft") }

// Listen makes the replica follow the server by itself, by push or by polling, until stop is called: for IDLE.
func (v *View) Listen() (stop func()) { panic("draft") }

// VanishedSince returns the UIDs expunged after a mod-sequence, as ranges in ascending order. Where the history does not reach back
// so far, they are all the UIDs that are in no message (RFC 7162 section 3.2.5).
func (v *View) VanishedSince(modseq uint64) []imap.SeqRange { panic("draft") }
