// Package compose writes RFC 5322 messages with MIME bodies: what Email/set makes
// of an Email object (RFC 8621 section 4.6). Header values come from the functions in
// values.go, one for each form of RFC 8621 section 4.1.2; Assemble makes the usual tree of
// parts from bodies and attachments; Write streams the octets.
package compose
