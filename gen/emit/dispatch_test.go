package emit_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// recorder is a Handler that notes which methods were called. Its embedded nil
// interface makes any other call a panic.
type recorder struct {
	imap.Handler
	called string
}

var errCalled = errors.New("called")

func (r *recorder) Fetch(context.Context, *imap.Fetch) error {
	r.called = "Fetch"
	return errCalled
}

func (r *recorder) Noop(context.Context, *imap.Noop) error {
	r.called = "Noop"
	return nil
}

func TestDispatch(t *testing.T) {
	r := &recorder{}
	require.ErrorIs(t, imap.Dispatch(t.Context(), r, &imap.Fetch{}), errCalled)
	require.Equal(t, "Fetch", r.called)
	require.NoError(t, imap.Dispatch(t.Context(), r, &imap.Noop{}))
	require.Equal(t, "Noop", r.called)
	require.Error(t, imap.Dispatch(t.Context(), r, nil))
}

func TestCommandStates(t *testing.T) {
	const auth = imap.StateAuthenticated | imap.StateSelected
	for _, c := range []struct {
		command imap.Command
		states  imap.States
	}{
		{&imap.Capability{}, imap.StateAny}, {&imap.ID{}, imap.StateAny}, {&imap.Logout{}, imap.StateAny},
		{&imap.Login{}, imap.StateNotAuthenticated}, {&imap.StartTLS{}, imap.StateNotAuthenticated},
		{&imap.Authenticate{}, imap.StateNotAuthenticated},
		{&imap.Select{}, auth}, {&imap.LSub{}, auth}, {&imap.Idle{}, auth}, {&imap.Enable{}, auth}, {&imap.Append{}, auth},
		{&imap.Fetch{UID: true}, imap.StateSelected}, {&imap.Check{}, imap.StateSelected}, {&imap.Expunge{UID: true}, imap.StateSelected},
	} {
		require.Equal(t, c.states, imap.CommandStates(c.command), "%T", c.command)
	}
	for _, make := range commandMakers {
		rapid.Check(t, func(t *rapid.T) {
			c := make(t)
			require.NotZero(t, imap.CommandStates(c), "%T", c)
			require.Contains(t, imap.CommandNames, imap.CommandName(c))
		})
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	c := imap.Login{User: "joe", Password: "hunter2"}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		require.NotContains(t, fmt.Sprintf(format, c), "hunter2")
	}
}
