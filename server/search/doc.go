// Package search decides which messages a SEARCH finds (RFC 9051 section
// 6.4.4). A Query answers from what the replica knows as far as it can and asks
// for a message's header, and after that for its octets, only where the answer
// hangs on them.
package search
