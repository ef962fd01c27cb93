// Package message builds from a message's octets what IMAP shows of it: ENVELOPE,
// BODYSTRUCTURE, the sections of FETCH BODY[…] and the decoded parts of BINARY
// (RFC 9051 sections 6.4.5 and 7.5.2, RFC 3516). A Digest holds all of it that does
// not need the body, in a form that can be stored for good, since a blob never changes.
//
// Everything here accepts any octets, and gives strings that fit IMAP's grammar:
// without NUL and line breaks, and 7-bit where the client did not ask for UTF-8.
package message
