// Package server speaks IMAP4rev1 and IMAP4rev2 to clients (RFC 3501, RFC 9051) and turns every command into work
// on the account replica of server/mailbox, and so into JMAP requests.
//
// A Server owns the listeners' connections. Each connection has one goroutine that frames, parses and runs
// commands in the order sent, and one that reads ahead. A session holds the state of a connection and has
// one method per command, each in a file of the command's name:
//
//	func (s *session) Noop(ctx context.Context, c *imap.Noop) error
//
// A handler checks, calls the replica and writes untagged responses with s.send. What it returns becomes the tagged
// response: nil is OK, with what s.completed was given; errors are mapped in one place, errors.go. The context
// ends when the client goes away.
package server
