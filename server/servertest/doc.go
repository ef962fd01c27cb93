// Package servertest runs a whole server inside a test: a fresh embedded JMAP store, the replica over it and an IMAP server, on
// loopback. Every line that the server sends is held against the strict response grammar, and a line that is not
// of it fails the test, as does a panic in a command.
//
//	server := servertest.New(t, servertest.Options{})
//	client := server.Dial()
//	client.OK("LOGIN demo demo")
//	lines := client.OK("SELECT INBOX")
package servertest
