package servertest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/jmap/embedded"
	"github.com/dragoman-mail/dragoman/server"
	"github.com/dragoman-mail/dragoman/server/auth"
	"github.com/dragoman-mail/dragoman/server/mailbox"
	"github.com/dragoman-mail/dragoman/server/selfsigned"
	"github.com/dragoman-mail/dragoman/server/store/boltstore"
)

// TB is what the package needs of a *testing.T or *testing.B.
type TB interface {
	Helper()
	Cleanup(func())
	TempDir() string
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Options vary the server. The zero value has one account, demo with the password demo, and no TLS.
type Options struct {
	// Users are further accounts: names and passwords.
	Users map[string]string
	// TLS gives the server a self-signed certificate.
	TLS bool
	// Store, when not nil, is the store of another Server, which takes the place of a new one. Users and Embedded mean nothing then.
	Store *embedded.Store
	// Embedded changes the options of the store.
	Embedded func(*embedded.Options)
	// Replica changes the options of the account replicas.
	Replica func(*mailbox.Options)
	// Configure changes the configuration of the server last.
	Configure func(*server.Config)
	// Backend, when not nil, is a JMAP server elsewhere that takes the place of the store. Users and Embedded mean nothing then.
	Backend *Backend
	// Transport, when not nil, stands between the JMAP client and the store.
	Transport func(http.RoundTripper) http.RoundTripper
	// Unchecked leaves the responses unparsed, for benchmarks.
	Unchecked bool
}

// Server is a running server.
type Server struct {
	*server.Server
	Store    *embedded.Store // nil over a Backend
	Addr     string          // where clients connect
	Metrics  *prometheus.Registry
	TLS      *tls.Config // for clients
	tb       TB
	mu       sync.Mutex
	requests []string
}

// New starts a server that stops at the end of the test.
func New(tb TB, options Options) *Server {
	tb.Helper()
	s := &Server{tb: tb, Metrics: prometheus.NewRegistry(), Store: options.Store}
	dir := tb.TempDir()
	if options.Backend == nil && options.Store == nil {
		s.openStore(dir, options)
	}
	config := server.Config{
		Metrics: s.Metrics,
		Logger:  slog.New(slog.DiscardHandler),
		Observe: s.observe,
	}
	if !options.Unchecked {
		config.Tap = func() io.Writer { return NewChecker(func(err error) { tb.Errorf("%v", err) }) }
	}
	s.backend(dir, options, &config)
	if options.TLS {
		s.certify(dir, &config)
	}
	if options.Configure != nil {
		options.Configure(&config)
	}
	var err error
	if s.Server, err = server.New(config); err != nil {
		tb.Fatalf("making the server: %v", err)
	}
	s.listen()
	return s
}

func (s *Server) openStore(dir string, options Options) {
	o := embedded.Options{Dir: filepath.Join(dir, "mail"), HashIterations: 1}
	if options.Embedded != nil {
		options.Embedded(&o)
	}
	opened, err := embedded.Open(o)
	if err != nil {
		s.tb.Fatalf("opening the store: %v", err)
	}
	s.Store = opened
	s.tb.Cleanup(func() { opened.Close() })
	users := map[string]string{"demo": "demo"}
	for name, password := range options.Users {
		users[name] = password
	}
	for name, password := range users {
		if err := opened.AddAccount(name, password); err != nil {
			s.tb.Fatalf("adding %s: %v", name, err)
		}
	}
}

// backend puts client and replica over the store, or over the server elsewhere.
func (s *Server) backend(dir string, options Options, config *server.Config) {
	name, url, transport := "embedded", "http://embedded.invalid/", http.RoundTripper(nil)
	if b := options.Backend; b != nil {
		name, url, transport = b.URL, b.URL, &renaming{backend: b, next: jmap.NewTransport(nil)}
	} else {
		transport = s.Store.Transport()
	}
	if options.Transport != nil {
		transport = options.Transport(transport)
	}
	client, err := jmap.New(jmap.Config{
		URL: url, HTTPTransport: transport,
		// A test that makes the store fail and work again does not wait for what only shields a server on the network.
		Retry: jmap.RetryPolicy{FirstWait: time.Millisecond, LongestRetryAfter: time.Millisecond}, Breaker: jmap.BreakerPolicy{Failures: -1},
	})
	if err != nil {
		s.tb.Fatalf("making the JMAP client: %v", err)
	}
	s.tb.Cleanup(client.CloseIdleConnections)
	state, err := boltstore.Open(filepath.Join(dir, "state.bolt"))
	if err != nil {
		s.tb.Fatalf("opening the replica's store: %v", err)
	}
	s.tb.Cleanup(func() { state.Close() })
	replica := mailbox.Options{
		Server: name, Logger: config.Logger,
		PushPatience: patience, // so that the number of requests does not depend on which of two goroutines is faster
	}
	if options.Replica != nil {
		options.Replica(&replica)
	}
	registry := mailbox.NewRegistry(state, replica)
	s.tb.Cleanup(func() { registry.Close() })
	config.Registry = registry
	config.Authenticator = auth.New(client, auth.Options{Delay: -1})
}

func (s *Server) certify(dir string, config *server.Config) {
	certificate, err := selfsigned.Load(dir, time.Now())
	if err != nil {
		s.tb.Fatalf("%v", err)
	}
	config.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	roots := x509.NewCertPool()
	roots.AddCert(certificate.Leaf)
	s.TLS = &tls.Config{RootCAs: roots, ServerName: "localhost"}
}

func (s *Server) listen() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.tb.Fatalf("%v", err)
	}
	s.Addr = listener.Addr().String()
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.Serve(listener)
	}()
	s.tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			s.tb.Errorf("shutting down: %v", err)
		}
		<-served
		if n := s.Value("dragoman_imap_panics_total"); n != 0 {
			s.tb.Errorf("%v commands panicked", n)
		}
	})
}

// Connect opens a connection and leaves the greeting to the caller.
func (s *Server) Connect() net.Conn {
	s.tb.Helper()
	conn, err := net.Dial("tcp", s.Addr)
	if err != nil {
		s.tb.Fatalf("%v", err)
	}
	s.tb.Cleanup(func() { conn.Close() })
	return conn
}

// Dial opens a connection and reads the greeting.
func (s *Server) Dial() *Client {
	s.tb.Helper()
	client := NewClient(s.tb, s.Connect())
	if greeting := client.Next().Text; !strings.HasPrefix(greeting, "* OK ") {
		s.tb.Fatalf("greeting %q", greeting)
	}
	return client
}

// Login is Dial and LOGIN as demo.
func (s *Server) Login() *Client {
	s.tb.Helper()
	client := s.Dial()
	client.OK("LOGIN demo demo")
	return client
}

// Select is Login and SELECT INBOX.
func (s *Server) Select() *Client {
	s.tb.Helper()
	client := s.Login()
	client.OK("SELECT INBOX")
	return client
}

func (s *Server) observe(seen server.Observation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, exchange := range seen.Exchanges {
		text := strings.Join(exchange.Methods, " ")
		if exchange.Kind != jmap.KindCall {
			text = exchange.Kind.String()
		}
		s.requests = append(s.requests, text)
	}
}

// Requests returns the JMAP requests that commands have caused since the last call: the method names of each, or "upload",
// "download" and "session".
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.requests
	s.requests = nil
	return taken
}

// Value is the sum of a counter or gauge over all labels.
func (s *Server) Value(name string) float64 {
	families, err := s.Metrics.Gather()
	if err != nil {
		s.tb.Fatalf("%v", err)
	}
	sum := 0.0
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, metric := range family.GetMetric() {
			sum += metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
		}
	}
	return sum
}
