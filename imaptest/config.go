package imaptest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// User is an account of the server.
type User struct{ Name, Password string }

// Config says which server is tested, and how.
type Config struct {
	// Server is its address, host:port.
	Server string
	// TLS, when not nil, is spoken from the start (RFC 8314 section 3).
	TLS *tls.Config
	// Users are $user, $user2 and so on; the first one is needed.
	Users []User
	// Mailbox is $mailbox: every mailbox of the users whose name begins with it is DELETED before and after a test. The default is
	// DefaultMailbox; INBOX is refused.
	Mailbox string
	// Timeout is what the server has for each command, DefaultTimeout if it is 0. A command that takes longer fails, and
	// ends its test.
	Timeout time.Duration
	// Trace, when not nil, gets all that is sent and received, with passwords left out.
	Trace io.Writer
	// Done, when not nil, is called after each test.
	Done func(*Result)
	// Output gets the text of !output; nothing when nil.
	Output io.Writer
}

// The defaults of Config.
const (
	DefaultMailbox = "imaptest"
	DefaultTimeout = 30 * time.Second
)

// complete checks the configuration and fills in the defaults.
func (c Config) complete() (*Config, error) {
	if c.Mailbox == "" {
		c.Mailbox = DefaultMailbox
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	switch {
	case c.Server == "":
		return nil, errors.New("no server is given")
	case len(c.Users) == 0:
		return nil, errors.New("no user is given")
	case c.Timeout < 0:
		return nil, errors.New("the time-out is negative")
	case strings.EqualFold(c.Mailbox, "INBOX") || strings.ContainsAny(c.Mailbox, "*%\r\n\x00"):
		return nil, fmt.Errorf("%q cannot be the test mailbox: it is deleted before each test", c.Mailbox)
	}
	return &c, nil
}
