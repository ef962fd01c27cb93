package mailbox

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
)

// Every error of a request becomes one that a client can be told, with its cause in it.
func TestErrorsOfRequests(t *testing.T) {
	for _, c := range []struct{ err, want error }{
		{&jmapclient.LimitError{RetryAfter: time.Second}, ErrTurnedAway},
		{&jmapclient.LimitError{Limit: "maxConcurrentRequests"}, ErrTurnedAway},
		{&jmapclient.LimitError{Limit: "maxSizeRequest"}, ErrLimit},
		{&jmap.MethodError{Type: jmap.MethodErrorRequestTooLarge}, ErrLimit},
		{&jmap.MethodError{Type: jmap.MethodErrorAccountNotFound}, ErrNoAccount},
		{&jmap.MethodError{Type: jmap.MethodErrorForbidden}, ErrNoPerm},
		{&jmap.MethodError{Type: jmap.MethodErrorServerUnavailable}, ErrUnavailable},
		{jmapclient.ErrUnauthorized, ErrUnauthorized},
		{errors.New("anything else"), ErrUnavailable},
		{ErrExpunged, ErrExpunged},
	} {
		got := mapError(c.err)
		require.ErrorIs(t, got, c.want)
		require.ErrorIs(t, got, c.err)
		require.Equal(t, got, mapError(got), "mapped once")
	}
	for _, special := range []error{ErrTurnedAway, ErrNoAccount} {
		require.ErrorIs(t, special, ErrUnavailable, "the replica goes by that")
	}
	require.NoError(t, mapError(nil))
}
