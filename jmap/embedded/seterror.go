package embedded

import (
	"fmt"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

func setError(kind jmap.SetErrorType, format string, args ...any) *jmap.SetError {
	return &jmap.SetError{Type: kind, Description: fmt.Sprintf(format, args...)}
}

// invalidProperties names the properties at fault (RFC 8620 section 5.3).
func invalidProperties(description string, properties ...string) *jmap.SetError {
	return &jmap.SetError{Type: jmap.SetErrorInvalidProperties, Description: description, Properties: properties}
}

// put adds an entry to a map of a response, which is null while it is empty.
func put[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[k] = v
}

// checkSet bounds the number of records that a call changes.
func (b *batch) checkSet(n int) error {
	if n > b.store.limits.MaxObjectsInSet {
		return methodError(jmap.MethodErrorRequestTooLarge, "more records than maxObjectsInSet")
	}
	return nil
}

// checkState compares the state with ifInState, when that is given.
func (s *snapshot) checkState(log []byte, want *string) error {
	if want != nil && *want != s.state(log) {
		return methodError(jmap.MethodErrorStateMismatch, "the state is now "+s.state(log))
	}
	return nil
}
