// Package content gives the octets of messages to the server: each is
// downloaded once, kept within a budget, and shared by all connections. What is
// parsed from them is small, never changes, and is kept for good.
package content
