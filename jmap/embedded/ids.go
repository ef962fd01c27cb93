package embedded

import (
	"strconv"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// Records have numbers within their account, which are never used twice; an id is a letter for
// the type and the number in base 36.
const (
	prefixEmail   = 'e'
	prefixMailbox = 'm'
	prefixThread  = 't'
)

func makeID(prefix byte, n uint64) jmap.ID {
	b := make([]byte, 1, 14)
	b[0] = prefix
	return jmap.ID(strconv.AppendUint(b, n, 36))
}

// parseID returns the number of an id, and whether it is one of that type as makeID writes it.
func parseID(prefix byte, id jmap.ID) (uint64, bool) {
	if len(id) < 2 || len(id) > 14 || id[0] != prefix || id[1] == '0' || id[1] == '+' {
		return 0, false
	}
	for _, c := range id[1:] {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(string(id[1:]), 36, 64)
	return n, err == nil
}

func emailID(n uint64) jmap.ID   { return makeID(prefixEmail, n) }
func mailboxID(n uint64) jmap.ID { return makeID(prefixMailbox, n) }
func threadID(n uint64) jmap.ID  { return makeID(prefixThread, n) }
