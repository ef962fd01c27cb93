package probe_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/cmd/dragoman/probe"
	"github.com/dragoman-mail/dragoman/jmap/cyrustest"
)

func TestMain(m *testing.M) { os.Exit(cyrustest.Main(m)) }

// cyrusLacks is what Debian's Cyrus is known not to have, with a part of what the probe says of it. A user who has just been made has no folders.
var cyrusLacks = map[string]string{
	"mailbox roles":         "no mailbox is archive, drafts, junk, sent, trash",
	"download of a range":   "the whole blob came back",
	"push":                  "HTTP 204",
	"push over a WebSocket": "not announced",
	"capability sharing":    "not announced",
}

func TestCyrus(t *testing.T) {
	cyrus := cyrustest.Start(t)
	user := cyrus.User(t)
	o := options(cyrus.URL)
	o.Credentials = user.Credentials
	report, err := probe.Run(t.Context(), o)
	require.NoError(t, err)
	for _, c := range report.Checks {
		detail, lacks := cyrusLacks[c.Name]
		if !lacks {
			require.Equal(t, probe.OK, c.Status, "%+v", c)
			continue
		}
		require.Equal(t, probe.Missing, c.Status, "%+v", c)
		require.Equal(t, probe.Optional, c.Severity, "%+v", c)
		require.Contains(t, c.Detail, detail)
	}
	require.Equal(t, "33 ok, 5 missing, 0 broken, 0 skipped: the gateway works there", report.Summary())
	require.Equal(t, 0, report.ExitStatus())
	require.Contains(t, find(t, report, "Blob/get").Detail, "cyrusimap.org")
	requireUntouched(t, cyrus.URL, user.Credentials)
}

// Interrupted after any of its checks, the probe leaves nothing on Cyrus.
func TestInterruptOverCyrus(t *testing.T) {
	cyrus := cyrustest.Start(t)
	for _, after := range []string{"scratch mailbox", "scratch mailbox inside it", "upload", "Email/import", "Email/set mailboxIds: copy", "push"} {
		t.Run(after, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			o := options(cyrus.URL)
			o.Credentials = cyrus.User(t).Credentials
			o.Done = func(c probe.Check) {
				if c.Name == after {
					cancel()
				}
			}
			report, err := probe.Run(ctx, o)
			require.NoError(t, err)
			require.Equal(t, probe.OK, find(t, report, "scratch mailbox removed").Status)
			requireUntouched(t, cyrus.URL, o.Credentials)
		})
	}
}

// When an answer of Cyrus is lost after it has done what it was asked for, nothing stays there either.
func TestLostAnswersOfCyrus(t *testing.T) {
	cyrus := cyrustest.Start(t)
	backend, err := url.Parse(cyrus.URL)
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(backend)
	for _, method := range []string{"Mailbox/set", "Email/import", "Email/set"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			lost := false
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(bytes.NewReader(body))
				if lost || !bytes.Contains(body, []byte(`"`+method+`"`)) {
					proxy.ServeHTTP(w, r)
					return
				}
				lost = true
				proxy.ServeHTTP(httptest.NewRecorder(), r)
				http.Error(w, "lost", http.StatusBadGateway)
			}))
			defer server.Close()
			o := options(server.URL)
			o.Credentials = cyrus.User(t).Credentials
			report, err := probe.Run(t.Context(), o)
			require.NoError(t, err)
			require.True(t, lost)
			require.Equal(t, 1, report.ExitStatus())
			require.Equal(t, probe.OK, find(t, report, "scratch mailbox removed").Status)
			requireUntouched(t, cyrus.URL, o.Credentials)
		})
	}
}
