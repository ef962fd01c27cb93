// Package mailbox is the account replica: what IMAP needs and JMAP does not have. It keeps UIDs, mod-sequences,
// \Deleted, \Recent and sequence numbers for each JMAP account, in step with the server by Email/changes and
// Mailbox/changes, durable in a store, and shared by all sessions of the account.
//
// A Registry holds the accounts of a process. A session opens its account, brings it into step with Sync before commands
// that look at the mailbox tree or at counters, and works on a mailbox through a View: a frozen state that moves on
// only in Poll, where the session may tell its client what changed.
//
//	account, err := registry.Open(ctx, session, accountID)
//	err = account.Sync(ctx)
//	box, ok := account.ByPath("INBOX")
//	view, err := account.Select(ctx, box, false)
//	seqs, err := view.Resolve(set, true)
//	events := view.Poll(true)
//
// Nothing is shown before it is durable. A failed Sync is an error and leaves the account stale: the next command
// that needs it in step tries again, and gets an error or the truth.
package mailbox
