package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/dragoman-mail/dragoman/server"
	"github.com/dragoman-mail/dragoman/server/auth"
	"github.com/dragoman-mail/dragoman/server/content"
	"github.com/dragoman-mail/dragoman/server/mailbox"
	"github.com/dragoman-mail/dragoman/server/selfsigned"
	"github.com/dragoman-mail/dragoman/server/store"
	"github.com/dragoman-mail/dragoman/server/store/boltstore"
)

// grace is how long clients have to hear BYE and go.
const grace = 10 * time.Second

// stack is everything that serves, from the listeners down to the files.
type stack struct {
	backends  *backends
	log       *slog.Logger
	imap      *server.Server
	listeners []listener
	closers   []func() error // run in reverse
}

// newStack opens files and listeners, and serves nobody yet. What was opened is closed again when something fails.
func newStack(ctx context.Context, o *serveOptions, io streams) (_ *stack, err error) {
	logger := slog.New(slog.NewTextHandler(io.err, nil))
	s := &stack{log: logger}
	defer func() {
		if err != nil {
			_ = s.close()
		}
	}()
	if err := openDataDir(o.data); err != nil {
		return nil, err
	}
	if s.backends, err = openBackends(ctx, o); err != nil {
		return nil, err
	}
	s.closers = append(s.closers, s.backends.close)
	state, err := boltstore.Open(filepath.Join(o.data, "state.bolt"))
	if err != nil {
		return nil, fmt.Errorf("data directory %s: %w", o.data, err)
	}
	s.closers = append(s.closers, state.Close)
	if err := s.settleNames(ctx, state); err != nil {
		return nil, fmt.Errorf("data directory %s: %w", o.data, err)
	}
	registry := mailbox.NewRegistry(state, mailbox.Options{Server: s.backends.name(), Logger: logger})
	s.closers = append(s.closers, registry.Close)
	digests, err := boltstore.OpenCache(filepath.Join(o.data, "cache.bolt"), digestBudget)
	if err != nil {
		return nil, fmt.Errorf("data directory %s: %w", o.data, err)
	}
	s.closers = append(s.closers, digests.Close)
	messages, err := messageCache(o.data, digests)
	if err != nil {
		return nil, err
	}
	certificate, err := loadCertificate(o)
	if err != nil {
		return nil, err
	}
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	s.imap, err = server.New(server.Config{
		Authenticator:  auth.NewRouted(s.backends.route, auth.Options{}),
		Registry:       registry,
		Content:        messages,
		TLS:            &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
		AllowCleartext: o.cleartext,
		Version:        version(),
		Logger:         logger,
		Metrics:        metrics,
	})
	if err != nil {
		return nil, err
	}
	if err := s.listen(o, metrics); err != nil {
		return nil, err
	}
	return s, markStarted(o.data)
}

func (s *stack) settleNames(ctx context.Context, state store.Store) error {
	known, err := state.Servers(ctx)
	if err != nil {
		return err
	}
	if strangers := s.backends.settleNames(known); len(strangers) > 0 {
		s.log.Warn("the data directory has no UIDs of this JMAP server, but of others: if it is one of them under a new URL, "+
			"clients will load all mail anew; give it the old name then (--jmap-name, or name in its table)", "new", s.backends.names(), "known", strangers)
	}
	return nil
}

// digestBudget is how many octets of parsed messages are kept for good: some 100,000 messages.
const digestBudget = 512 << 20

// messageCache spools large messages below the data directory. What an earlier process left there is nobody's.
func messageCache(data string, digests *boltstore.Cache) (*content.Cache, error) {
	dir := filepath.Join(data, "spool")
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("clearing the spool directory: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the spool directory: %w", err)
	}
	return content.New(content.Options{Dir: dir, Store: digests}), nil
}

func loadCertificate(o *serveOptions) (tls.Certificate, error) {
	if o.tlsCertificate == "" {
		return selfsigned.Load(o.data, time.Now())
	}
	certificate, err := tls.LoadX509KeyPair(o.tlsCertificate, o.tlsKey)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("TLS certificate %s: %w", o.tlsCertificate, err)
	}
	return certificate, nil
}

// start serves on every listener. The channel has the first failure.
func (s *stack) start() <-chan error {
	failed := make(chan error, len(s.listeners))
	for _, l := range s.listeners {
		go func() {
			if err := l.serve(l.Listener); err != nil {
				failed <- fmt.Errorf("serving on %s: %w", l.Addr(), err)
			}
		}()
	}
	return failed
}

// stop says BYE to the clients and closes everything.
func (s *stack) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := s.imap.Shutdown(ctx); err != nil {
		s.log.Warn("clients did not leave in time", "error", err)
	}
	return s.close()
}

func (s *stack) close() error {
	var all error
	for i := len(s.closers) - 1; i >= 0; i-- {
		all = errors.Join(all, s.closers[i]())
	}
	s.closers = nil
	return all
}

// greet tells what can be done, and then that it can be.
func (s *stack) greet(o *serveOptions, w io.Writer) {
	for _, l := range s.listeners {
		fmt.Fprintf(w, "%-8s %s\n", l.name, l.describe(l.Addr().String()))
	}
	if s.backends.demo() && o.imap != "" {
		fmt.Fprintf(w, "Account demo, password demo. Try: curl -u demo:demo 'imap://%s/INBOX;MAILINDEX=1'\n", s.address("IMAP"))
	}
	fmt.Fprintln(w, "ready")
}

func (s *stack) address(name string) string {
	for _, l := range s.listeners {
		if l.name == name {
			return l.Addr().String()
		}
	}
	return ""
}
