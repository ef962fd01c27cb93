package mailbox

import "github.com/dragoman-mail/dragoman/server/store"

// batch is what a request brought to light, to be taken into the replica as one.
type batch struct {
	// The states of the replica when the request was made. Where it is elsewhere by now, that part is left for another round.
	emailBase, mailboxBase string
	// The states that the batch leads to; empty where that part was not asked or failed.
	emailState, mailboxState string
	more                     bool // the server has further changes
	told                     bool // the states and all that leads to them are what /changes told

	emails    []store.Email // as they are
	gone      []string      // Emails that are no more
	untracked bool          // no Emails were asked for, because no mailbox was loaded
	mailboxes []store.Mailbox
	goneBoxes []string
	allBoxes  bool            // mailboxes has all there are: others are gone
	extra     []store.Mailbox // mailboxes read besides, whatever the states

	order []string              // ids of Emails that get their UIDs last, and in this order
	fresh *touched              // with it, emails are no changes but may be older than what the replica has: ids in it are passed over
	after func(c *change) error // runs on the changed replica, before it is committed
}
