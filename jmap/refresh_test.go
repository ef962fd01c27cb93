package jmap

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// changing is a server whose session object changes.
type changing struct {
	state, apiState string // of the session object, and that which responses name
	methodError     string
	fetched         int
	down            bool
}

func (c *changing) RoundTrip(r *http.Request) (*http.Response, error) {
	response := answer(strings.Replace((&fake{}).sessionObject(), `"state":"s1"`, fmt.Sprintf(`"state":"%s"`, c.state), 1))
	switch {
	case strings.HasSuffix(r.URL.Path, "/api") && c.methodError != "":
		response = answer(fmt.Sprintf(`{"methodResponses":[["error",{"type":"%s"},"c0"]],"sessionState":"%s"}`, c.methodError, c.apiState))
	case strings.HasSuffix(r.URL.Path, "/api"):
		response = answer(fmt.Sprintf(`{"methodResponses":[["Core/echo",{},"c0"]],"sessionState":"%s"}`, c.apiState))
	default:
		c.fetched++
		if c.down {
			response = &http.Response{StatusCode: 503, Body: http.NoBody}
		}
	}
	response.Request = r
	return response, nil
}

// ask makes a request after some time and waits for what it begins.
func ask(t *testing.T, s *Session, after time.Duration) {
	t.Helper()
	time.Sleep(after)
	synctest.Wait()
	_, err := s.Do(t.Context(), call("Core/echo"))
	require.NoError(t, err)
	synctest.Wait()
}

func inChanging(t *testing.T, run func(*testing.T, *changing, *Session)) {
	synctest.Test(t, func(t *testing.T) {
		server := &changing{state: "s1", apiState: "s1"}
		client, err := New(Config{URL: "http://jmap.test/jmap", HTTPTransport: server})
		require.NoError(t, err)
		session, err := client.Login(t.Context(), ann)
		require.NoError(t, err)
		server.fetched = 0
		run(t, server, session)
	})
}

// A server such as Cyrus never says that its session object has changed.
func TestSessionIsRefreshedInTime(t *testing.T) {
	inChanging(t, func(t *testing.T, server *changing, s *Session) {
		ask(t, s, refreshAfter-time.Second)
		require.Zero(t, server.fetched)
		ask(t, s, time.Second)
		require.Equal(t, 1, server.fetched)
		ask(t, s, refreshAfter-time.Second)
		require.Equal(t, 1, server.fetched)
		server.down = true
		ask(t, s, time.Second)
		ask(t, s, time.Second)
		require.Equal(t, 2, server.fetched, "a failure is not repeated at once")
		server.down = false
		ask(t, s, refreshAfter)
		require.Equal(t, 3, server.fetched)
	})
}

func TestSessionIsRefreshedWhenItsStateChanges(t *testing.T) {
	inChanging(t, func(t *testing.T, server *changing, s *Session) {
		server.state, server.apiState = "s2", "s2"
		ask(t, s, time.Second)
		require.Zero(t, server.fetched)
		require.True(t, s.Stale())
		ask(t, s, refreshSoonest)
		require.Equal(t, 1, server.fetched)
		require.Equal(t, "s2", s.Info().State)
		require.False(t, s.Stale())
		ask(t, s, refreshSoonest)
		require.Equal(t, 1, server.fetched)

		// Where the two never agree, the object is not fetched all the time.
		server.apiState = "something else"
		for range 5 {
			ask(t, s, refreshSoonest)
		}
		require.Equal(t, 2, server.fetched)
	})
}

func TestSessionIsRefreshedWhenAnAccountIsUnknown(t *testing.T) {
	inChanging(t, func(t *testing.T, server *changing, s *Session) {
		server.methodError = "serverFail"
		ask(t, s, refreshSoonest)
		require.Zero(t, server.fetched)
		server.methodError = "accountNotFound"
		ask(t, s, 0)
		require.Equal(t, 1, server.fetched)
		ask(t, s, 0)
		require.Equal(t, 1, server.fetched)
		ask(t, s, refreshSoonest)
		require.Equal(t, 2, server.fetched)
	})
}
