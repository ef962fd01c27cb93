// Package name writes JMAP mailbox names as parts of an IMAP path, and reads them back.
package name
