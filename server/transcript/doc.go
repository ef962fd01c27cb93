// Package transcript reads, runs and rewrites golden transcripts: what a client
// sends, what the server answers, and which JMAP requests each command caused.
//
// A transcript is a txtar file. The text on top says what it shows. Its entries:
//
//	-- options --
//	mail: sample            start with the sample mail instead of an empty store
//	user: alice secret      an account beside demo/demo (may be repeated)
//
//	-- INBOX/1.eml \Seen $work 2024-02-03T10:00:00Z --
//	a message that is in that mailbox at the start, with its keywords and its
//	internal date; entries are delivered in order. Line ends become CRLF.
//
//	-- name --
//	any other entry is a text that C: lines can send: {@name} stands for {n+}
//	and the n octets of the entry, {@@name} for the synchronising form {n},
//	whose octets follow after the server's continuation.
//
//	-- session --
//	C: a1 LOGIN demo demo
//	S: a1 OK LOGIN completed
//	J: Email/changes Mailbox/changes
//
// In the session, C: is a line of the client and S: one of the server, CRLF not
// shown. C2: and S2: belong to a second connection; a connection is opened when
// it is first named. J: lists the methods of one JMAP request that the command
// above it caused; "J: upload" and "J: download" are transfers. No J: line means
// that there was none. "S: [closed]" means that the server closed the
// connection; "!tls" (or "!tls2") turns the connection to TLS. Empty lines and
// lines that begin with # are kept and mean nothing.
//
// After its C: lines a connection is read until the commands in flight are
// answered, or until the continuation that the client waits for. S: lines of a
// connection that has sent nothing before them are awaited one by one.
//
// Octets that are not printable are written <hh> in hexadecimal. $name in an S:
// line stands for a value that differs between runs: it matches anything but
// blanks and brackets the first time and the same text from then on.
package transcript
