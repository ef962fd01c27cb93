package embedded

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Large messages wait for memory, small ones do not.
func TestMessageMemory(t *testing.T) {
	c := newClient(t, Limits{})
	inbox := c.mailbox("inbox")
	large := message("large", "a@example.org", strings.Repeat("0123456789abcdef", smallMessage/16))
	require.NoError(t, c.store.memory.Acquire(t.Context(), maxMessageMemory))
	done := make(chan string)
	go func() { done <- c.importMail(large, inbox, "") }()
	c.importMail(message("small", "a@example.org", "x"), inbox, "")
	select {
	case <-done:
		require.Fail(t, "the large message did not wait")
	default:
	}
	c.store.memory.Release(maxMessageMemory)
	require.Equal(t, "large", c.email(<-done, `["subject"]`)["subject"])
}
