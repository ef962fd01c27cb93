package auth

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/jmap"
)

// backend is a JMAP server that knows ann/secret and can be made to fail.
type backend struct {
	*httptest.Server
	asked  atomic.Int32
	status atomic.Int32
	moved  atomic.Bool // ann's mail is in another account now
	wait   chan struct{}
}

func newBackend(t *testing.T) *backend {
	b := &backend{}
	b.Server = httptest.NewServer(http.HandlerFunc(b.session))
	t.Cleanup(b.Close)
	return b
}

func (b *backend) session(w http.ResponseWriter, r *http.Request) {
	b.asked.Add(1)
	if b.wait != nil {
		<-b.wait
	}
	user, password, _ := r.BasicAuth()
	switch {
	case b.status.Load() != 0:
		w.WriteHeader(int(b.status.Load()))
	case user == "nomail":
		fmt.Fprint(w, `{"capabilities":{"urn:ietf:params:jmap:core":{}},"accounts":{"a":{"name":"x","isPersonal":true,"isReadOnly":false,"accountCapabilities":{}}},"primaryAccounts":{},"username":"nomail","apiUrl":"/api","downloadUrl":"/d","uploadUrl":"/u","eventSourceUrl":"/e","state":"1"}`)
	case user != "ann" || password != "secret":
		w.WriteHeader(http.StatusUnauthorized)
	default:
		session := `{"capabilities":{"urn:ietf:params:jmap:core":{},"urn:ietf:params:jmap:mail":{}},"accounts":{"a":{"name":"x","isPersonal":true,"isReadOnly":false,"accountCapabilities":{"urn:ietf:params:jmap:mail":{}}}},"primaryAccounts":{"urn:ietf:params:jmap:mail":"a"},"username":"ann","apiUrl":"/api","downloadUrl":"/d","uploadUrl":"/u","eventSourceUrl":"/e","state":"1"}`
		if b.moved.Load() {
			session = strings.ReplaceAll(session, `"a"`, `"b"`)
		}
		fmt.Fprint(w, session)
	}
}

func (b *backend) authenticator(t *testing.T, options Options) *Authenticator {
	client, err := jmap.New(jmap.Config{URL: b.URL, HTTPTransport: b.Client().Transport})
	require.NoError(t, err)
	return New(client, options)
}

func TestSuccessIsRemembered(t *testing.T) {
	b := newBackend(t)
	a := b.authenticator(t, Options{})
	first, err := a.Password(t.Context(), "ann", "secret")
	require.NoError(t, err)
	require.Equal(t, "ann", first.User)
	require.EqualValues(t, "a", first.Account)
	again, err := a.Password(t.Context(), "ann", "secret")
	require.NoError(t, err)
	require.Same(t, first, again)
	require.EqualValues(t, 1, b.asked.Load())

	a.Forget(first)
	_, err = a.Password(t.Context(), "ann", "secret")
	require.NoError(t, err)
	require.EqualValues(t, 2, b.asked.Load())
}

// The session object was refreshed meanwhile, and the user's mail is elsewhere.
func TestAnAccountThatMovedIsNotRemembered(t *testing.T) {
	b := newBackend(t)
	a := b.authenticator(t, Options{})
	login, err := a.Password(t.Context(), "ann", "secret")
	require.NoError(t, err)
	require.EqualValues(t, "a", login.Account)
	b.moved.Store(true)
	require.NoError(t, login.Session.Refresh(t.Context()))
	login, err = a.Password(t.Context(), "ann", "secret")
	require.NoError(t, err)
	require.EqualValues(t, "b", login.Account)
}

func TestOtherCredentialsAreNotThoseRemembered(t *testing.T) {
	b := newBackend(t)
	a := b.authenticator(t, Options{Delay: -1})
	_, err := a.Password(t.Context(), "ann", "secret")
	require.NoError(t, err)
	for _, c := range [][2]string{{"ann", "wrong"}, {"anns", "ecret"}, {"an", "nsecret"}, {"ann:sec", "ret"}, {"", ""}} {
		_, err := a.Password(t.Context(), c[0], c[1])
		require.ErrorIs(t, err, jmap.ErrUnauthorized, c)
	}
}

func TestOnlyRejectionIsUnauthorized(t *testing.T) {
	b := newBackend(t)
	a := b.authenticator(t, Options{Delay: time.Hour})
	for _, status := range []int32{http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusTooManyRequests, http.StatusNotFound} {
		b.status.Store(status)
		_, err := a.Password(t.Context(), "ann", "secret")
		require.Error(t, err)
		require.NotErrorIs(t, err, jmap.ErrUnauthorized)
	}
	b.status.Store(0)
	_, err := a.Password(t.Context(), "nomail", "x")
	require.Error(t, err)
}

func TestRejectionComesLateAndLater(t *testing.T) {
	b := newBackend(t)
	const delay = 20 * time.Millisecond
	a := b.authenticator(t, Options{Delay: delay})
	for i := range 3 {
		start := time.Now()
		_, err := a.Password(t.Context(), "ann", "wrong")
		require.ErrorIs(t, err, jmap.ErrUnauthorized)
		require.GreaterOrEqual(t, time.Since(start), delay<<i)
	}
	start := time.Now()
	_, err := a.Password(t.Context(), "ann", "secret")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = b.authenticator(t, Options{Delay: time.Hour}).Password(ctx, "ann", "wrong")
	require.Error(t, err)
	require.Less(t, time.Since(start), time.Minute)
}

func TestSameLoginAtTheSameTimeIsOneRequest(t *testing.T) {
	b := newBackend(t)
	b.wait = make(chan struct{})
	a := b.authenticator(t, Options{})
	var all sync.WaitGroup
	var begun atomic.Int32
	for range 10 {
		all.Add(1)
		go func() {
			defer all.Done()
			begun.Add(1)
			_, err := a.Password(t.Context(), "ann", "secret")
			assert.NoError(t, err)
		}()
	}
	require.Eventually(t, func() bool { return begun.Load() == 10 && b.asked.Load() == 1 }, 5*time.Second, time.Millisecond)
	close(b.wait)
	all.Wait()
	require.EqualValues(t, 1, b.asked.Load())
}

func TestPlain(t *testing.T) {
	b := newBackend(t)
	a := b.authenticator(t, Options{Delay: -1})
	_, ok := a.Start(t.Context(), "CRAM-MD5")
	require.False(t, ok)
	for _, c := range []struct {
		response string
		err      error
	}{
		{"\x00ann\x00secret", nil},
		{"ann\x00ann\x00secret", nil},
		{"bob\x00ann\x00secret", ErrIdentity},
		{"\x00ann\x00wrong", jmap.ErrUnauthorized},
		{"ann\x00secret", ErrMalformed},
		{"", ErrMalformed},
	} {
		e, ok := a.Start(t.Context(), "PLAIN")
		require.True(t, ok)
		challenge, login, err := e.Next(nil)
		require.NoError(t, err)
		require.Nil(t, login)
		require.Empty(t, challenge)
		_, login, err = e.Next([]byte(c.response))
		require.ErrorIs(t, err, c.err)
		require.Equal(t, c.err == nil, login != nil)
	}
}

func TestRouting(t *testing.T) {
	one, two := newBackend(t), newBackend(t)
	servers := map[string]Server{}
	for name, b := range map[string]*backend{"one": one, "two": two} {
		client, err := jmap.New(jmap.Config{URL: b.URL})
		require.NoError(t, err)
		servers[name] = Server{Name: name, Client: client}
	}
	const delay = 20 * time.Millisecond
	a := NewRouted(func(user string) (Server, bool) {
		switch user {
		case "ann":
			return servers["one"], true
		case "bob":
			return servers["two"], true
		}
		return Server{}, false
	}, Options{Delay: delay})
	login, err := a.Password(t.Context(), "ann", "secret")
	require.NoError(t, err)
	require.Equal(t, "one", login.Server)
	require.Zero(t, two.asked.Load())
	_, err = a.Password(t.Context(), "bob", "secret")
	require.ErrorIs(t, err, jmap.ErrUnauthorized)
	require.EqualValues(t, 1, two.asked.Load())

	start := time.Now()
	_, err = a.Password(t.Context(), "eve", "secret")
	require.ErrorIs(t, err, jmap.ErrUnauthorized)
	require.GreaterOrEqual(t, time.Since(start), delay)
	require.EqualValues(t, 2, one.asked.Load()+two.asked.Load(), "nobody is told the password of a stranger")
}
