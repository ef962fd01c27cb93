package jmap_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/jmap/embedded"
)

// A server that talks HTTP/2 takes WebSockets on connections of their own, which have to be HTTP/1.1.
func TestSocketBesideHTTP2(t *testing.T) {
	store, err := embedded.Open(embedded.Options{Dir: t.TempDir(), HashIterations: 1})
	require.NoError(t, err)
	defer store.Close()
	require.NoError(t, store.AddAccount("ann", "secret"))
	var mu sync.Mutex
	seen := map[string]string{}
	web := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen[r.URL.Path] = r.Proto
		mu.Unlock()
		store.ServeHTTP(w, r)
	}))
	web.EnableHTTP2 = true
	web.StartTLS()
	defer web.Close()
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	client, err := jmap.New(jmap.Config{URL: web.URL, HTTPTransport: jmap.NewTransport(&tls.Config{RootCAs: roots})})
	require.NoError(t, err)
	defer client.CloseIdleConnections()
	session, err := client.Login(t.Context(), jmap.Credentials{User: "ann", Password: "secret"})
	require.NoError(t, err)

	alive := make(chan struct{})
	ended := make(chan error)
	go func() {
		options := jmap.EventOptions{Alive: func() { close(alive) }}
		ended <- session.SocketEvents(t.Context(), options, func(jmap.Event) {})
	}()
	select {
	case <-alive:
	case err := <-ended:
		require.NoError(t, err)
	}
	require.NoError(t, store.Close())
	require.ErrorIs(t, <-ended, jmap.ErrUnavailable)
	mu.Lock()
	defer mu.Unlock()
	require.Equal(t, map[string]string{"/.well-known/jmap": "HTTP/2.0", "/jmap/ws": "HTTP/1.1"}, seen)
}
