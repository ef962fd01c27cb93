package mailbox

import (
	"errors"
	"fmt"
)

// What can be wrong with a request, for the server to map to response codes. They come wrapped, with detail.
var (
	// ErrUnavailable says that the JMAP server could not be asked, or did not do what it should: NO [UNAVAILABLE].
	ErrUnavailable = errors.New("the mail store is unavailable")
	// ErrFailed says that the JMAP server was there, but failed at one thing for reasons of its own (RFC 8620 section 3.6.2, serverFail).
	ErrFailed = fmt.Errorf("%w: it failed", ErrUnavailable)
	// ErrUnknownOutcome says that the JMAP server failed in a write, and that it cannot be found out whether the write took effect. It is
	// an ErrUnavailable.
	ErrUnknownOutcome = fmt.Errorf("%w: whether it was done is not known", ErrUnavailable)
	// ErrTurnedAway says that the JMAP server has more requests than it wants at the moment (HTTP 429, or RFC 8620 section 3.6.1, limit). It is an
	// ErrUnavailable: nothing was done.
	ErrTurnedAway = fmt.Errorf("%w: it turns requests away", ErrUnavailable)
	// ErrNoAccount says that the JMAP server does not know the account (RFC 8620 section 3.6.2, accountNotFound), as Cyrus does not before a
	// user's first login to its own IMAP. It is an ErrUnavailable.
	ErrNoAccount = fmt.Errorf("%w: it does not know the account", ErrUnavailable)
	// ErrUnauthorized says that the JMAP server no longer takes the credentials of the session.
	ErrUnauthorized = errors.New("the mail store rejected the credentials")
	// ErrNoSuchMailbox says that there is no mailbox of that name: NO [NONEXISTENT], or [TRYCREATE] for a target.
	ErrNoSuchMailbox = errors.New("no such mailbox")
	// ErrExists says that there is a mailbox of that name: NO [ALREADYEXISTS].
	ErrExists = errors.New("mailbox exists")
	// ErrHasChildren says that a mailbox with children cannot be deleted: NO [HASCHILDREN].
	ErrHasChildren = errors.New("mailbox has children")
	// ErrCannot says that the operation can never succeed: NO [CANNOT].
	ErrCannot = errors.New("not possible")
	// ErrInboxStays says that INBOX was to be deleted.
	ErrInboxStays = fmt.Errorf("%w: INBOX cannot be deleted", ErrCannot)
	// ErrEmptyLevel says that a mailbox name has nothing between two delimiters, or at its beginning.
	ErrEmptyLevel = fmt.Errorf("%w: a level of the name is empty", ErrCannot)
	// ErrIntoItself says that a mailbox was to be moved to a place below itself.
	ErrIntoItself = fmt.Errorf("%w: a mailbox into itself", ErrCannot)
	// ErrNoPerm says that the user may not do that: NO [NOPERM].
	ErrNoPerm = errors.New("permission denied")
	// ErrOverQuota says that it does not fit into the user's quota: NO [OVERQUOTA].
	ErrOverQuota = errors.New("over quota")
	// ErrTooBig says that a message is larger than the server takes: NO [TOOBIG].
	ErrTooBig = errors.New("message too big")
	// ErrLimit says that a limit of the server or of IMAP is reached: NO [LIMIT].
	ErrLimit = errors.New("limit reached")
	// ErrKeyword says that a flag is none that can be stored: NO [CANNOT] or BAD.
	ErrKeyword = errors.New("flag cannot be stored")
	// ErrInvalidMessage says that the server does not take the octets for a message: NO [CANNOT].
	ErrInvalidMessage = errors.New("not a valid message")
	// ErrBlobGone says that the server does not have the uploaded blob: upload again.
	ErrBlobGone = errors.New("uploaded blob is gone")
	// ErrExpunged says that some of the messages are gone: NO [EXPUNGEISSUED].
	ErrExpunged = errors.New("message is expunged")
	// ErrSequence says that a message sequence number is not in the mailbox: BAD.
	ErrSequence = errors.New("no such message sequence number")
	// ErrReadOnly says that the mailbox was opened with EXAMINE: NO [READ-ONLY].
	ErrReadOnly = errors.New("mailbox is read-only")
	// ErrConflict says that others changed the same messages faster than the change could be made: NO [INUSE].
	ErrConflict = errors.New("changed by others at the same time")
	// ErrClosed says that the account, or the registry, was closed.
	ErrClosed = errors.New("account is closed")
)
