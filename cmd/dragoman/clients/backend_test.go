package clients

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/cmd/dragoman/delivery"
	"github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/jmap/cyrustest"
	"github.com/dragoman-mail/dragoman/jmap/need"
)

// backend is where the program keeps mail.
type backend struct {
	url  string // of another JMAP server; empty for the embedded store
	user jmap.Credentials

	cyrus *cyrustest.Server // nil for the embedded store
}

// embedded has an account with the sample mail.
var embedded = backend{user: jmap.Credentials{User: "demo", Password: "demo"}}

// overEach runs a test over the embedded store, and over Cyrus with a new account that has the same mailboxes and no mail.
func overEach(t *testing.T, test func(t *testing.T, b backend)) {
	t.Run("embedded", func(t *testing.T) { test(t, embedded) })
	t.Run("Cyrus", func(t *testing.T) { test(t, overCyrus(t, cyrustest.Start(t))) })
}

func overCyrus(t *testing.T, cyrus *cyrustest.Server) backend {
	t.Helper()
	b := backend{url: cyrus.URL, user: cyrus.User(t).Credentials, cyrus: cyrus}
	require.NoError(t, delivery.Furnish(t.Context(), b.session(t)))
	return b
}

// session logs in to the backend itself.
func (b backend) session(t *testing.T) *jmap.Session {
	t.Helper()
	client, err := jmap.New(jmap.Config{URL: b.url})
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	session, err := client.Login(t.Context(), b.user)
	require.NoError(t, err)
	return session
}

// python runs a script whose first arguments are a user's name and password.
func python(t *testing.T, user jmap.Credentials, script string, args ...string) string {
	t.Helper()
	return run(t, need.Program(t, "python3"), append([]string{"-c", script, user.User, user.Password}, args...)...)
}
