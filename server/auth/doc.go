// Package auth checks the credentials of IMAP clients with the JMAP server (RFC 9051 sections 6.2.2 and 6.2.3).
//
// A successful login is remembered for a short time under a keyed hash of its credentials, together with the JMAP session, so
// that clients that log in at every click cost the server nothing. Failures are answered late, and later
// each time.
package auth
