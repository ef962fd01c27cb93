// Package content gives the octets of messages to the server: each is
// fetched once, kept within a budget, and shared by all connections. What is
// parsed from them is small, never changes, and is kept for good.
//
// Many messages are asked for together: HeadersOf, DigestsOf and OctetsOf get
// them in few requests where the JMAP server has Blob/get (RFC 9404 section 4.2),
// and what does not come that way as downloads. HeadersOf fetches no more of a
// message than its header block, if that is not much less than the whole.
package content
