package server

import (
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/server/auth"
	"github.com/dragoman-mail/dragoman/server/content"
	"github.com/dragoman-mail/dragoman/server/mailbox"
)

// Config is what a Server needs. Authenticator and Registry are required.
type Config struct {
	// Authenticator checks names and passwords with the JMAP server.
	Authenticator *auth.Authenticator
	// Registry holds the account replicas.
	Registry *mailbox.Registry
	// Content caches what is inside messages; a cache with the default budgets when nil.
	Content *content.Cache
	// TLS enables STARTTLS and ServeTLS.
	TLS *tls.Config
	// AllowCleartext permits LOGIN and AUTHENTICATE without TLS from everywhere. From loopback they always are.
	AllowCleartext bool
	// Version is told to clients that logged in and ask with ID; "" tells none.
	Version string
	// Limits bound what clients may take.
	Limits Limits
	// Logger is slog.Default when nil.
	Logger *slog.Logger
	// Metrics, when not nil, gets the server's counters.
	Metrics prometheus.Registerer
	// Observe, when not nil, sees each command before its tagged response is sent, with the JMAP exchanges that it
	// caused. It is called from many goroutines.
	Observe func(Observation)
	// Tap, when not nil, is asked for each connection where the octets sent to the client shall go besides, TLS taken
	// off. Passwords are not among them.
	Tap func() io.Writer
	// Bodies makes the exchanges of Observe hold what was sent and received.
	Bodies bool
}

// Observation is one command that ran.
type Observation struct {
	Command   string // "UID FETCH"; "" when it could not be read
	Result    string // "OK", "NO" or "BAD"
	Duration  time.Duration
	Exchanges []jmapclient.Exchange
}

func (c *Config) check() error {
	if c.Authenticator == nil {
		return errors.New("server: no authenticator")
	}
	if c.Registry == nil {
		return errors.New("server: no registry")
	}
	if c.Content == nil {
		c.Content = content.New(content.Options{})
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	c.Limits = c.Limits.withDefaults()
	return nil
}
