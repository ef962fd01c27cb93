// Package importer brings messages from files into a JMAP account: Email/import of uploaded blobs, in batches
// (RFC 8621 section 4.8).
//
// # Resuming
//
// A run keeps a journal. A message is known in it by the mailbox it goes to, the SHA-256 of its octets, and, when the same
// octets come more than once, a count: moving or renaming files between runs changes nothing, and two messages
// with the same octets stay two. Before a batch is sent, the journal says durably what is in it and
// which state the account's Emails were in; after the answer it says what became of each message.
//
// So a run that was killed at any point leaves at most one batch whose outcome is unknown. The next run asks the server which
// Emails came since the state noted for that batch, and recognises those of the batch by their blob id or, where a server gives Emails
// other blob ids than uploads, by size and SHA-256 of what it has. What is found counts as imported, the rest is imported. The
// same is done within a run when the answer to a batch is lost. A server that changes messages as it stores them, and
// their blob ids as well, defeats this: a batch in doubt is then imported again.
package importer
