package server_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/server"
	"github.com/dragoman-mail/dragoman/server/servertest"
)

// heldQueries holds the requests up that list a mailbox until released is closed.
type heldQueries struct {
	next     http.RoundTripper
	released chan struct{}
}

func (h *heldQueries) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost && strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if bytes.Contains(body, []byte(`"Email/query"`)) {
			select {
			case <-h.released:
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	return h.next.RoundTrip(r)
}

// While a mailbox is loaded the first time the client hears that the server is there, other mailboxes and connections work, and a client
// that went away finds the mailbox when it comes back.
func TestFirstLoadIsNotSilentAndHoldsNobodyUp(t *testing.T) {
	released := make(chan struct{})
	s := servertest.New(t, servertest.Options{
		Configure: func(c *server.Config) { c.Limits.Progress = 5 * time.Millisecond },
		Transport: func(next http.RoundTripper) http.RoundTripper { return &heldQueries{next, released} },
	})
	waiting, away, other := s.Login(), s.Login(), s.Login()
	tag := waiting.Start("SELECT INBOX")
	require.Equal(t, "* OK Still working", waiting.Next().Text)
	require.Equal(t, "* OK Still working", waiting.Next().Text)
	away.Start("SELECT INBOX")
	away.Next()
	require.NoError(t, away.Conn.Close())
	other.OK("NOOP")
	other.OK("LIST \"\" *")
	close(released)
	reply := waiting.Await(tag)
	require.True(t, strings.HasPrefix(reply.Tagged.Text, "OK [READ-WRITE]"), reply.Tagged.Text)
	require.Contains(t, reply.Lines(), "* 0 EXISTS")
	other.OK("SELECT INBOX")
}
