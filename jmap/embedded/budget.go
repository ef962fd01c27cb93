package embedded

import (
	"strings"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// What one request may cost is bounded as a whole: a limit of each call would be multiplied by their number, and results grow when
// later calls refer to them.
const (
	// maxReferences is how many result references one call may have.
	maxReferences = 64
	// maxStepped is the size of a response up to which a reference may lead into its arrays, as the elements are taken apart for it.
	maxStepped = 4 << 20
	// steppedWeight is how much more it costs to take a response apart than to look through it.
	steppedWeight = 16
	// maxContainers is how many objects and arrays a request may have. Each becomes a record, of which most are far larger than the
	// two octets that an empty one takes.
	maxContainers = 100_000
)

// errTooMuch is what a call answers that would exceed the budget. A client that asks for less at a time gets it
// (RFC 8620 section 5.1).
func errTooMuch(what string) error { return methodError(jmap.MethodErrorRequestTooLarge, what) }

// spend counts octets that are about to be read, of messages or of earlier responses.
func (b *batch) spend(octets int64) error {
	if b.spent += octets; b.spent > b.store.limits.MaxSizeRead {
		return errTooMuch("the request would have to read too much")
	}
	return nil
}

// room is how many octets the responses may still have.
func (b *batch) room() int { return b.store.limits.MaxSizeResponse - b.size }

// containers counts the objects and arrays in valid JSON text.
func containers(text []byte) int {
	n := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			n++
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		}
	}
	return n
}

// jsonSize is how many octets a text has as a JSON string.
func jsonSize(s string) int {
	n := len(s) + 2
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"', c == '\\', c == '\n', c == '\r', c == '\t':
			n++
		case c < ' ':
			n += len(`\u0000`) - 1
		}
	}
	return n
}

// stepsInto says whether a path of a result reference leads further than to a property.
func stepsInto(path string) bool { return strings.Count(path, "/") > 1 }
