package jmap

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/stretchr/testify/require"
)

func TestLoginFindsTheSession(t *testing.T) {
	for _, path := range []string{"", "/", "/jmap", "/.well-known/jmap", "/no/such/path", "/problem"} {
		f := newFake(t)
		f.mux.HandleFunc("/problem", status(404, "application/problem+json", `{"type":"about:blank"}`))
		session := f.login(t, func(c *Config) { c.URL += path })
		id, ok := session.MailAccount()
		require.True(t, ok, path)
		require.Equal(t, account, id)
		require.Equal(t, []string{proto.CapabilityCore, proto.CapabilityMail}, session.Using())
		require.Equal(t, fallbackLimits, session.Limits())
		require.Nil(t, session.Info().Accounts["A2"].AccountCapabilities)
	}
}

func TestLoginFailures(t *testing.T) {
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    error
		text    string
	}{
		"401":         {status(401, "text/plain", ""), ErrUnauthorized, ""},
		"403":         {status(403, "text/plain", ""), ErrUnauthorized, ""},
		"500":         {status(500, "text/plain", "Fatal error: assertion failed"), ErrUnavailable, "HTTP 500: Fatal error: assertion failed"},
		"503":         {status(503, "text/html", "<h1>Down</h1>"), ErrUnavailable, "HTTP 503: Down"},
		"404":         {status(404, "text/html", "<title>No</title>"), ErrUnavailable, "HTTP 404: No"},
		"html":        {status(200, "text/html", "<html><b>Welcome</b> to\n the hotel</html>"), ErrUnavailable, "Welcome to the hotel"},
		"other JSON":  {status(200, "application/json", `{"ok":true}`), ErrUnavailable, "no session object"},
		"cut JSON":    {status(200, "application/json", `{"capabilities":{"urn`), ErrUnavailable, "no session object"},
		"no accounts": {status(200, "application/json", `{"capabilities":{},"accounts":{},"username":"x","apiUrl":"/"}`), ErrUnauthorized, "no account"},
		"no user":     {status(200, "application/json", `{"capabilities":{},"accounts":{"a":{}},"username":"","apiUrl":"/"}`), ErrUnauthorized, "no user"},
		"no apiUrl":   {status(200, "application/json", `{"capabilities":{},"accounts":{"a":{}},"username":"u"}`), ErrUnavailable, "apiUrl"},
		"bad template": {status(200, "application/json",
			`{"capabilities":{},"accounts":{"a":{}},"username":"u","apiUrl":"/","uploadUrl":"/{"}`), ErrUnavailable, "uploadUrl"},
		"loop": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/jmap", http.StatusFound) }, ErrUnavailable, "redirects"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(test.handler)
			defer server.Close()
			client, err := New(Config{URL: server.URL})
			require.NoError(t, err)
			_, err = client.Login(t.Context(), ann)
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.text)
			require.False(t, errors.Is(err, ErrUnauthorized) && errors.Is(err, ErrUnavailable))
			require.NotContains(t, err.Error(), "secret")
		})
	}
}

func TestLoginAtAClosedPort(t *testing.T) {
	client, err := New(Config{URL: "http://127.0.0.1:1"})
	require.NoError(t, err)
	_, err = client.Login(t.Context(), ann)
	require.ErrorIs(t, err, ErrUnavailable)
}

func TestLoginTooManyRequests(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "17")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer server.Close()
	client, err := New(Config{URL: server.URL})
	require.NoError(t, err)
	_, err = client.Login(t.Context(), ann)
	var limit *LimitError
	require.ErrorAs(t, err, &limit)
	require.Equal(t, 17*time.Second, limit.RetryAfter)
}

func TestLoginTimesOut(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	client, err := New(Config{URL: server.URL, Timeout: 20 * time.Millisecond})
	require.NoError(t, err)
	_, err = client.Login(t.Context(), ann)
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorIs(t, err, errTimeout)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = client.Login(ctx, ann)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, ErrUnavailable)
}

// Cyrus redirects to http:// and its own Host header even behind a proxy that speaks TLS.
func TestRedirectKeepsTLS(t *testing.T) {
	f := newFake(t)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == wellKnown {
			w.Header().Set("Location", "http://"+r.Host+"/jmap")
			w.WriteHeader(http.StatusMovedPermanently)
			return
		}
		f.mux.ServeHTTP(w, r)
	}))
	defer server.Close()
	client, err := New(Config{URL: server.URL, HTTPTransport: server.Client().Transport})
	require.NoError(t, err)
	session, err := client.Login(t.Context(), ann)
	require.NoError(t, err)
	require.Equal(t, server.URL+"/jmap/api", session.current.Load().api.String())
}

func TestCredentialsStayWithTrustedHosts(t *testing.T) {
	other := newFake(t)
	first := httptest.NewServer(http.RedirectHandler(other.URL+"/jmap", http.StatusFound))
	defer first.Close()

	client, err := New(Config{URL: first.URL})
	require.NoError(t, err)
	_, err = client.Login(t.Context(), ann)
	require.ErrorIs(t, err, ErrUntrustedHost)
	require.ErrorIs(t, err, ErrUnavailable)
	require.Empty(t, other.requests("/"))

	trusted := strings.TrimPrefix(other.URL, "http://")
	client, err = New(Config{URL: first.URL, TrustedHosts: []string{trusted}})
	require.NoError(t, err)
	_, err = client.Login(t.Context(), ann)
	require.NoError(t, err)
}

func TestSessionURLOfAnotherHost(t *testing.T) {
	f := newFake(t)
	usual := f.sessionObject()
	f.session = strings.Replace(usual, `"/jmap/api"`, `"http://localhost/jmap/api"`, 1)
	_, err := f.client(t, nil).Login(t.Context(), ann)
	require.ErrorIs(t, err, ErrUntrustedHost)
	require.ErrorContains(t, err, "apiUrl")

	session := f.login(t, func(c *Config) { c.SameOrigin = true })
	_, err = session.Do(t.Context(), call("Core/echo"))
	require.NoError(t, err)
}

func TestResolve(t *testing.T) {
	client, err := New(Config{URL: "https://mail.example.org/", TrustedHosts: []string{"cdn.example.net", "api.example.net:8443"}})
	require.NoError(t, err)
	for text, want := range map[string]string{
		"/jmap/":                         "https://mail.example.org/jmap/",
		"https://MAIL.example.org:443/x": "https://MAIL.example.org:443/x",
		"http://mail.example.org/x":      "https://mail.example.org/x",
		"http://mail.example.org:8080/x": "https://mail.example.org/x",
		"https://cdn.example.net:99/x":   "https://cdn.example.net:99/x",
		"https://api.example.net:8443/":  "https://api.example.net:8443/",
		"https://api.example.net/":       "",
		"https://mail.example.org:444/":  "",
		"http://cdn.example.net/":        "",
		"https://example.org/":           "",
		"//evil.example/":                "",
		"ftp://mail.example.org/":        "",
		"wss:/jmap/ws":                   "",
	} {
		got, err := client.resolve(client.addresses[0].url, text)
		if want == "" {
			require.ErrorIs(t, err, ErrUntrustedHost, text)
			continue
		}
		require.NoError(t, err, text)
		require.Equal(t, want, got.String())
	}
}

func TestBearer(t *testing.T) {
	f := newFake(t)
	_, err := f.client(t, nil).Login(t.Context(), Credentials{User: "ann", Bearer: "tok"})
	require.ErrorIs(t, err, ErrUnauthorized)
	require.Equal(t, "Bearer tok", f.requests("/jmap")[0].Header.Get("Authorization"))
}

func TestRefresh(t *testing.T) {
	f := newFake(t)
	f.api = func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"methodResponses":[],"sessionState":"s2"}`)
	}
	session := f.login(t, nil)
	require.False(t, session.Stale())
	_, err := session.Do(t.Context(), call("Core/echo"))
	require.NoError(t, err)
	require.True(t, session.Stale())
	f.core = `"maxCallsInRequest":3`
	f.session = strings.Replace(strings.Replace(f.sessionObject(), `"s1"`, `"s2"`, 1), `"x:y"`, `"urn:ietf:params:jmap:quota"`, 1)
	require.NoError(t, session.Refresh(t.Context()))
	require.False(t, session.Stale())
	require.Equal(t, 3, session.Limits().MaxCallsInRequest)
	require.True(t, session.Has("urn:ietf:params:jmap:quota"))
	require.Len(t, session.Using(), 2, "using never varies within a session")
}

func TestMailAccount(t *testing.T) {
	f := newFake(t)
	usual := f.sessionObject()
	for _, test := range []struct {
		old, new string
		want     proto.ID
	}{
		{`"primaryAccounts":{"urn:ietf:params:jmap:mail":"A1"}`, `"primaryAccounts":{}`, "A1"},
		{`"accountCapabilities":{"urn:ietf:params:jmap:mail":{}}}`, `"accountCapabilities":null}`, "A1"},
	} {
		f.session = strings.Replace(usual, test.old, test.new, 1)
		id, ok := f.login(t, nil).MailAccount()
		require.True(t, ok)
		require.Equal(t, test.want, id)
	}
	f.session = strings.NewReplacer(`{"urn:ietf:params:jmap:mail":"A1"}`, `null`, `{"urn:ietf:params:jmap:mail":{}}}`, `null}`).Replace(usual)
	_, ok := f.login(t, nil).MailAccount()
	require.False(t, ok)
}
