// Package mime reads Internet messages (RFC 5322) and their MIME structure
// (RFC 2045, 2046, 2047, 2231) with the octet offsets of every part, so that the
// JMAP store and the IMAP server can hand out any part of a message exactly as it
// was stored.
//
// Parse never fails: whatever is broken is read as far as it makes sense and the
// rest is kept as opaque octets. Time is linear in the size of the message, and
// memory is bounded by the limits in limits.go, whoever wrote the message.
//
// The functions over header values (ParseAddresses, ParseDate, Text, …) give the
// parsed forms of RFC 8621 section 4.1.2, and the parts of IMAP's ENVELOPE.
package mime
