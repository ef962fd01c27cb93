package jmap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// kinds are the requests that are to fail.
var kinds = map[string]func(context.Context, *Session) error{
	"read": func(ctx context.Context, s *Session) error {
		_, err := s.Do(ctx, call("Email/get"))
		return err
	},
	"write": func(ctx context.Context, s *Session) error {
		_, err := s.Do(ctx, call("Email/set"))
		return err
	},
	"upload": func(ctx context.Context, s *Session) error {
		_, err := s.Upload(ctx, account, "text/plain", strings.NewReader("x"), 1)
		return err
	},
	"large upload": func(ctx context.Context, s *Session) error {
		const size = keptOfUpload + 1
		_, err := s.Upload(ctx, account, "text/plain", strings.NewReader(strings.Repeat("x", size)), size)
		return err
	},
	"download": func(ctx context.Context, s *Session) error {
		body, _, err := s.Download(ctx, account, "B1", "text/plain", "x")
		if err != nil {
			return err
		}
		defer body.Close()
		_, err = io.ReadAll(body)
		return err
	},
}

// TestFailures is the table of what is tried where: "ac" is an API call to a.test, "bs" a fetch of the session object of b.test, u and d are
// uploads and downloads. The first line of a pair is for one endpoint, the second for two.
func TestFailures(t *testing.T) {
	const (
		ok   = ""
		away = "unavailable"
		full = "limit"
	)
	type row struct{ failure, kind, alone, aloneEnds, two, twoEnds string }
	for _, r := range []row{
		// Nothing was sent: everything may be tried elsewhere, and again.
		{"refused", "read", "ac ac ac", away, "ac bs bc", ok},
		{"refused", "write", "ac ac ac", away, "ac bs bc", ok},
		{"refused", "upload", "au au au", away, "au bs bu", ok},
		{"refused", "large upload", "au au au", away, "au bs bu", ok},
		{"refused", "download", "ad ad ad", away, "ad bs bd", ok},
		{"no such host", "read", "ac ac ac", away, "ac bs bc", ok},
		{"no such host", "write", "ac ac ac", away, "ac bs bc", ok},
		{"refused once", "write", "ac ac", ok, "ac bs bc", ok},
		// The server, or what is before it, says that it is away: reads and what can be uploaded again go elsewhere, writes may have been done.
		{"502", "read", "ac ac ac", away, "ac bs bc", ok},
		{"502", "write", "ac", away, "ac", away},
		{"503", "read", "ac ac ac", away, "ac bs bc", ok},
		{"503", "write", "ac", away, "ac", away},
		{"503", "upload", "au au au", away, "au bs bu", ok},
		{"503", "large upload", "au", away, "au", away},
		{"503", "download", "ad ad ad", away, "ad bs bd", ok},
		{"504", "read", "ac ac ac", away, "ac bs bc", ok},
		{"504", "write", "ac", away, "ac", away},
		{"503 for 3 s, once", "read", "ac ac", ok, "ac bs bc", ok},
		{"503 for 60 s", "read", "ac", away, "ac bs bc", ok},
		// The server says that it did nothing, and is there: wait, when it is short.
		{"429", "read", "ac", full, "ac", full},
		{"429 for 3 s, once", "read", "ac ac", ok, "ac ac", ok},
		{"429 for 3 s, once", "write", "ac ac", ok, "ac ac", ok},
		{"429 for 3 s, once", "upload", "au au", ok, "au au", ok},
		{"429 for 3 s, once", "large upload", "au", full, "au", full},
		{"429 for 60 s", "read", "ac", full, "ac", full},
		{"429 for 60 s", "write", "ac", full, "ac", full},
		// The server may be at it.
		{"broken", "read", "ac ac ac", away, "ac ac bs bc", ok},
		{"broken once", "read", "ac ac", ok, "ac ac", ok},
		{"broken", "write", "ac", away, "ac", away},
		{"broken", "upload", "au au au", away, "au au bs bu", ok},
		{"broken", "large upload", "au", away, "au", away},
		{"broken", "download", "ad ad ad", away, "ad ad bs bd", ok},
		// The server is there and cannot do this.
		{"500", "read", "ac", away, "ac", away},
		{"500", "write", "ac", away, "ac", away},
		{"401", "read", "ac", "unauthorized", "ac", "unauthorized"},
	} {
		t.Run(r.kind+" "+r.failure, func(t *testing.T) {
			for _, names := range [][]string{{"a.test"}, {"a.test", "b.test"}} {
				w := newWorld(names...)
				session := w.login(t, nil)
				w.fails("a.test", nil, failureNamed(r.failure))
				err := kinds[r.kind](t.Context(), session)
				tried, ends := r.alone, r.aloneEnds
				if len(names) == 2 {
					tried, ends = r.two, r.twoEnds
				}
				require.Equal(t, tried, w.take(), names)
				require.Equal(t, ends, classOf(err), "%v: %v", names, err)
			}
		})
	}
}

func failureNamed(name string) failure {
	return map[string]failure{
		"refused": closedPort, "no such host": nameless, "refused once": first(1, closedPort), "broken": broken, "broken once": first(1, broken),
		"502": answers(502, ""), "503": answers(503, ""), "504": answers(504, ""), "500": answers(500, ""), "401": answers(401, ""),
		"503 for 3 s, once": first(1, answers(503, "3")), "503 for 60 s": answers(503, "60"),
		"429": answers(429, ""), "429 for 3 s, once": first(1, answers(429, "3")), "429 for 60 s": answers(429, "60"),
	}[name]
}

// classOf names the class of an error.
func classOf(err error) string {
	var limit *LimitError
	switch {
	case err == nil:
		return ""
	case errors.Is(err, ErrUnauthorized):
		return "unauthorized"
	case errors.Is(err, ErrUnavailable):
		return "unavailable"
	case errors.As(err, &limit):
		return "limit"
	}
	return err.Error()
}

func TestWaitsGrowAndHeedRetryAfter(t *testing.T) {
	w := newWorld("a.test")
	session := w.login(t, func(c *Config) { c.Retry = RetryPolicy{Tries: 5, FirstWait: time.Second, LongestWait: 3 * time.Second} })
	w.fails("a.test", nil, answers(503, ""))
	require.Error(t, kinds["read"](t.Context(), session))
	require.Len(t, w.slept, 4)
	for i, most := range []time.Duration{1, 2, 3, 3} {
		require.LessOrEqual(t, w.slept[i], most*time.Second)
		require.GreaterOrEqual(t, w.slept[i], most*time.Second/2)
	}
	w.take()
	w.fails("a.test", nil, answers(429, "7"))
	err := kinds["write"](t.Context(), session)
	var limit *LimitError
	require.ErrorAs(t, err, &limit)
	require.Equal(t, 7*time.Second, limit.RetryAfter)
	require.Len(t, w.slept, 1, "a second wait of 7 s would end after the time for repetitions")
	require.GreaterOrEqual(t, w.slept[0], 7*time.Second)
}

func TestRetryEndsWithTheContext(t *testing.T) {
	w := newWorld("a.test")
	session := w.login(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	w.fails("a.test", nil, func(r *http.Request) (*http.Response, error) {
		cancel()
		return answers(503, "")(r)
	})
	require.Error(t, kinds["read"](ctx, session))
	require.Equal(t, "ac", w.take())
}

func TestTimeOutIsNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("a.test", "b.test")
		session := w.login(t, nil)
		w.fails("a.test", nil, hung)
		start := time.Now()
		err := kinds["read"](t.Context(), session)
		require.ErrorIs(t, err, ErrUnavailable)
		require.ErrorIs(t, err, errTimeout)
		require.Equal(t, 10*time.Second, time.Since(start))
		require.Equal(t, "ac", w.take())
	})
}

func TestLoginFailsOver(t *testing.T) {
	for name, down := range map[string]failure{"refused": closedPort, "no such host": nameless, "503": answers(503, "600"), "hung": hung} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld("a.test", "b.test")
				w.fails("a.test", down, nil)
				client := w.client(t, nil)
				_, err := client.Login(t.Context(), ann)
				require.NoError(t, err)
				require.Equal(t, "as bs", w.take())
				_, err = client.Login(t.Context(), ann)
				require.NoError(t, err)
				require.Equal(t, "bs", w.take(), "it stays with what works")
				w.fails("a.test", nil, nil)
				w.fails("b.test", down, nil)
				_, err = client.Login(t.Context(), ann)
				require.NoError(t, err)
				require.Equal(t, "bs as", w.take())
			})
		})
	}
	w := newWorld("a.test", "b.test")
	_, err := w.client(t, nil).Login(t.Context(), Credentials{User: "ann", Password: "wrong"})
	require.ErrorIs(t, err, ErrUnauthorized)
	require.Equal(t, "as", w.take(), "what a server says holds for all endpoints")

	w.fails("a.test", closedPort, nil)
	w.fails("b.test", answers(503, ""), nil)
	_, err = w.client(t, nil).Login(t.Context(), ann)
	require.ErrorIs(t, err, ErrUnavailable)
	require.Equal(t, "as bs as bs as bs", w.take())
}

// A session that has moved asks the other endpoint from then on, by the URLs of that one, and comes back when that fails.
func TestSessionMoves(t *testing.T) {
	w := newWorld("a.test", "b.test")
	w.hosts["b.test"].session = strings.Replace(w.hosts["b.test"].session, `"/jmap/upload/`, `"https://b.test/elsewhere/upload/`, 1)
	w.hosts["b.test"].session = strings.Replace(w.hosts["b.test"].session, `"x:y"`, `"urn:ietf:params:jmap:quota"`, 1)
	session := w.login(t, nil)
	w.fails("a.test", closedPort, nil)
	require.NoError(t, kinds["read"](t.Context(), session))
	require.Equal(t, "ac bs bc", w.take())
	for _, kind := range []string{"write", "upload", "download"} {
		require.NoError(t, kinds[kind](t.Context(), session))
	}
	require.NoError(t, session.Refresh(t.Context()))
	require.Equal(t, "bc bu bd bs", w.take())
	require.Len(t, session.Using(), 2, "using never varies within a session")
	w.fails("a.test", nil, nil)
	w.fails("b.test", closedPort, nil)
	require.NoError(t, session.Refresh(t.Context()))
	require.Equal(t, "bs as as", w.take())
	require.NoError(t, kinds["write"](t.Context(), session))
	require.Equal(t, "ac", w.take())
}

func TestOtherEndpointKnowsTheUserDifferently(t *testing.T) {
	usual := (&fake{}).sessionObject()
	for name, change := range map[string][2]string{
		"user":    {`"username":"ann"`, `"username":"anna"`},
		"account": {`"A1"`, `"A9"`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld("a.test", "b.test")
			w.hosts["b.test"].session = strings.ReplaceAll(usual, change[0], change[1])
			session := w.login(t, nil)
			w.fails("a.test", closedPort, nil)
			for _, kind := range []string{"read", "write", "upload", "download"} {
				err := kinds[kind](t.Context(), session)
				require.ErrorIs(t, err, ErrOtherAccount)
				require.ErrorIs(t, err, ErrUnavailable)
			}
			require.NotContains(t, strings.Join(w.seen, "\n"), "b.test /jmap/")
			require.Equal(t, "ann", session.Info().Username)
		})
	}
	w := newWorld("a.test", "b.test")
	w.hosts["a.test"].session = strings.Replace(usual, `"x:y"`, `"urn:ietf:params:jmap:quota"`, 1)
	session := w.login(t, nil)
	w.fails("a.test", closedPort, nil)
	require.ErrorIs(t, kinds["read"](t.Context(), session), ErrOtherAccount, "requests name the capability")

	w = newWorld("a.test")
	session = w.login(t, nil)
	w.hosts["a.test"].session = strings.Replace(usual, `"username":"ann"`, `"username":"eve"`, 1)
	require.ErrorIs(t, session.Refresh(t.Context()), ErrUnauthorized)
}

// When every endpoint fails, each is asked once in a round; and not at all when it leads to the same host.
func TestFailoverIsBounded(t *testing.T) {
	w := newWorld("a.test", "b.test")
	session := w.login(t, nil)
	w.fails("a.test", nil, answers(503, ""))
	w.fails("b.test", nil, answers(503, ""))
	require.ErrorIs(t, kinds["read"](t.Context(), session), ErrUnavailable)
	require.Equal(t, "ac bs bc bc as ac ac bs bc", w.take())

	w = newWorld("a.test", "b.test", "c.test")
	for _, name := range []string{"a.test", "b.test"} {
		w.hosts[name].session = strings.Replace(w.hosts[name].session, `"/jmap/api"`, `"https://c.test/jmap/api"`, 1)
	}
	session = w.login(t, func(c *Config) { c.TrustedHosts = []string{"c.test"} })
	w.fails("c.test", closedPort, nil)
	require.ErrorIs(t, kinds["read"](t.Context(), session), ErrUnavailable)
	require.Equal(t, "cc bs cc bs cc bs", w.take())
}

// The streams of a session that has moved end: what the endpoint before says is no longer to be relied upon.
func TestMoveEndsStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("a.test", "b.test")
		session := w.login(t, nil)
		open := func(r *http.Request) (*http.Response, error) {
			if r.URL.Path != "/jmap/events" {
				return nil, nil
			}
			response, _ := feed(r)
			return response, nil
		}
		w.fails("a.test", nil, open)
		w.fails("b.test", nil, open)
		opened := make(chan string, 3)
		go session.Watch(t.Context(), WatchOptions{EventOptions: EventOptions{Opened: func() {
			opened <- session.current.Load().from.Host
		}}}, func(Event) {})
		require.Equal(t, "a.test", <-opened)
		w.fails("a.test", closedPort, nil)
		require.NoError(t, kinds["read"](t.Context(), session))
		require.Equal(t, "b.test", <-opened)
	})
}

// On a real network: a port where nobody listens, a name in the certificate that is not the host's, a server that ends
// connections in the handshake.
func TestFailoverOverTheNetwork(t *testing.T) {
	good := newFake(t)
	secure := httptest.NewUnstartedServer(good.mux)
	secure.EnableHTTP2 = true
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	roots := x509.NewCertPool()
	roots.AddCert(secure.Certificate())

	hangUp, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { hangUp.Close() })
	go func() {
		for {
			conn, err := hangUp.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	closed := httptest.NewServer(nil)
	closed.Close()
	for name, url := range map[string]string{
		"nobody listens":    strings.Replace(closed.URL, "http:", "https:", 1),
		"wrong certificate": strings.Replace(secure.URL, "127.0.0.1", "localhost", 1),
		"hangs up":          "https://" + hangUp.Addr().String(),
		"no TLS":            strings.Replace(good.URL, "http:", "https:", 1),
	} {
		t.Run(name, func(t *testing.T) {
			config := Config{URL: url, URLs: []string{secure.URL}, TLS: &tls.Config{RootCAs: roots}}
			client, err := New(config)
			require.NoError(t, err)
			t.Cleanup(client.CloseIdleConnections)
			session, err := client.Login(t.Context(), ann)
			require.NoError(t, err)

			// Everything may go elsewhere, as nothing was sent.
			here := session.current.Load()
			bad := *here
			bad.endpoint = client.addresses[0].url
			at := *here.api
			at.Host = bad.endpoint.Host
			bad.api = &at
			session.current.Store(&bad)
			_, err = session.Do(t.Context(), call("Email/set"))
			require.NoError(t, err)
			require.Equal(t, here.api.Host, session.current.Load().api.Host)

			alone, err := New(Config{URL: url, TLS: config.TLS, Retry: RetryPolicy{Tries: 1}})
			require.NoError(t, err)
			t.Cleanup(alone.CloseIdleConnections)
			_, err = alone.Login(t.Context(), ann)
			var unavailable *UnavailableError
			require.ErrorAs(t, err, &unavailable)
			require.True(t, unavailable.Unsent(), err)
		})
	}
}
