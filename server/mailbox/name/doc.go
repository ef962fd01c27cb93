// Package name writes mailbox names: the modified UTF-7 of RFC 3501, and JMAP names as parts of an IMAP path.
package name
