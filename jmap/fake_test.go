package jmap

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/stretchr/testify/require"
)

const account = proto.ID("A1")

// fake is a JMAP server of which a test replaces what it wants to see fail.
type fake struct {
	*httptest.Server
	mux     *http.ServeMux
	core    string // members of the core capability
	api     http.HandlerFunc
	mu      sync.Mutex
	seen    []*http.Request
	session string // in place of the usual session object
}

var ann = Credentials{User: "ann", Password: "secret"}

func newFake(t *testing.T) *fake {
	f := &fake{mux: http.NewServeMux()}
	f.mux.HandleFunc("/.well-known/jmap", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/jmap")
		w.WriteHeader(http.StatusMovedPermanently)
	})
	f.mux.HandleFunc("/jmap", func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "ann" || password != "secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		io.WriteString(w, f.sessionObject())
	})
	f.mux.HandleFunc("/jmap/api", func(w http.ResponseWriter, r *http.Request) { f.api(w, r) })
	f.api = echo
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.seen = append(f.seen, r)
		f.mu.Unlock()
		f.mux.ServeHTTP(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) sessionObject() string {
	if f.session != "" {
		return f.session
	}
	return fmt.Sprintf(`{"capabilities":{"urn:ietf:params:jmap:core":{%s},"urn:ietf:params:jmap:mail":{},"x:y":{}},
		"accounts":{"A1":{"name":"ann","isPersonal":true,"isReadOnly":false,"accountCapabilities":{"urn:ietf:params:jmap:mail":{}}},
		"A2":{"name":"shared","isPersonal":false,"isReadOnly":true,"accountCapabilities":null}},
		"primaryAccounts":{"urn:ietf:params:jmap:mail":"A1"},"username":"ann",
		"apiUrl":"/jmap/api","uploadUrl":"/jmap/upload/{accountId}/",
		"downloadUrl":"/jmap/download/{accountId}/{blobId}/{name}?accept={type}",
		"eventSourceUrl":"/jmap/events?types={types}&closeafter={closeafter}&ping={ping}","state":"s1"}`, f.core)
}

func echo(w http.ResponseWriter, _ *http.Request) {
	io.WriteString(w, `{"methodResponses":[["Core/echo",{},"c0"]],"sessionState":"s1"}`)
}

// requests returns the requests to a path so far.
func (f *fake) requests(path string) []*http.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []*http.Request
	for _, r := range f.seen {
		if strings.HasPrefix(r.URL.Path, path) {
			found = append(found, r)
		}
	}
	return found
}

func (f *fake) client(t *testing.T, change func(*Config)) *Client {
	config := Config{URL: f.URL, Timeout: 10 * time.Second}
	if change != nil {
		change(&config)
	}
	client, err := New(config)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func (f *fake) login(t *testing.T, change func(*Config)) *Session {
	session, err := f.client(t, change).Login(t.Context(), ann)
	require.NoError(t, err)
	return session
}

func call(methods ...string) *proto.Request {
	request := &proto.Request{}
	for i, method := range methods {
		request.MethodCalls = append(request.MethodCalls, proto.Invocation{Name: method, Raw: []byte(`{}`), CallID: fmt.Sprint("c", i)})
	}
	return request
}

func status(code int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(code)
		io.WriteString(w, body)
	}
}

// replaceable is a handler that a test exchanges while requests may still run.
type replaceable struct{ atomic.Value }

func (r *replaceable) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r.Load().(http.HandlerFunc)(w, q)
}
