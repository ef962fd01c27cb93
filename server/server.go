package server

import (
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"
)

// ErrClosed is what Serve returns after Shutdown.
var ErrClosed = errors.New("server is shut down")

// Server serves IMAP clients. It may be used by many goroutines.
type Server struct {
	config   Config
	limits   Limits
	metrics  *metrics
	draining chan struct{} // closed by Shutdown
	hurrying chan struct{} // closed when Shutdown waits no longer for messages to come
	hurry    sync.Once

	mu        sync.Mutex
	listeners map[net.Listener]struct{}
	conns     map[*conn]struct{}
	users     map[string]int // logged-in connections
	idle      sync.WaitGroup // one per connection
}

// New checks the configuration and registers the metrics.
func New(config Config) (*Server, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	m, err := newMetrics(config.Metrics)
	if err != nil {
		return nil, err
	}
	return &Server{
		config:    config,
		limits:    config.Limits,
		metrics:   m,
		draining:  make(chan struct{}),
		hurrying:  make(chan struct{}),
		listeners: map[net.Listener]struct{}{},
		conns:     map[*conn]struct{}{},
		users:     map[string]int{},
	}, nil
}

// Serve accepts clients that begin in cleartext until the listener fails or Shutdown is called, which closes it.
func (s *Server) Serve(l net.Listener) error { return s.serve(l, nil) }

// ServeTLS is Serve for clients that begin with TLS (RFC 8314 section 3).
func (s *Server) ServeTLS(l net.Listener) error {
	if s.config.TLS == nil {
		return errors.New("serving TLS: no TLS configuration")
	}
	return s.serve(l, s.config.TLS)
}

func (s *Server) serve(l net.Listener, config *tls.Config) error {
	if !s.track(l) {
		l.Close()
		return ErrClosed
	}
	defer s.untrack(l)
	pause := time.Duration(0)
	for {
		nc, err := l.Accept()
		switch {
		case err == nil:
			pause = 0
			s.ServeConn(nc, config)
		case s.closed():
			return ErrClosed
		case temporary(err):
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			s.config.Logger.Warn("cannot accept a client, will try again", "error", err, "pause", pause)
			time.Sleep(pause)
		default:
			return err
		}
	}
}

// temporary tells whether accepting may work again: the process is out of file descriptors, say.
func temporary(err error) bool {
	var e interface{ Temporary() bool }
	return errors.As(err, &e) && e.Temporary()
}

// ServeConn serves one client in a goroutine of its own; config is nil for a client that begins in cleartext.
func (s *Server) ServeConn(nc net.Conn, config *tls.Config) {
	c := newConn(s, nc, config)
	if !s.admit(c) {
		c.turnAway()
		return
	}
	go func() {
		defer s.release(c)
		c.serve()
	}()
}

func (s *Server) admit(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed() || len(s.conns) >= s.limits.Connections {
		return false
	}
	s.conns[c] = struct{}{}
	s.idle.Add(1)
	s.metrics.opened()
	return true
}

func (s *Server) release(c *conn) {
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	s.metrics.closed()
	s.idle.Done()
}

// enter counts a login; it is false when the user has too many connections.
func (s *Server) enter(user string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users[user] >= s.limits.ConnectionsPerUser {
		return false
	}
	s.users[user]++
	return true
}

func (s *Server) leave(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users[user]--; s.users[user] == 0 {
		delete(s.users, user)
	}
}

func (s *Server) track(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed() {
		return false
	}
	s.listeners[l] = struct{}{}
	return true
}

func (s *Server) untrack(l net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, l)
}

func (s *Server) closed() bool {
	select {
	case <-s.draining:
		return true
	default:
		return false
	}
}
