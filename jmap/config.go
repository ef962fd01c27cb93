package jmap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Defaults of Config.
const (
	DefaultTimeout      = 90 * time.Second
	DefaultStallTimeout = 60 * time.Second
	DefaultSlowCall     = 5 * time.Second
	DefaultMaxResponse  = 128 << 20
	defaultUserAgent    = "dragoman"

	// headerGrace lets the time-out of a request come first, which names what it was. It is for event streams, which have none.
	headerGrace = 5 * time.Second
)

// Config says where a JMAP server is and how to talk to it. Only URL or URLs is required.
type Config struct {
	// URL is the session resource; or a base URL ("https://mail.example.org/"), or a host with a port, whose /.well-known/jmap is
	// then asked; or the bare domain of the users ("example.org"), whose SRV records are looked up first (RFC 8620 section 2.2).
	URL string
	// URLs are further endpoints of the same server, for when the ones before cannot be reached: all must know the same users and
	// the same accounts. A Client stays with the endpoint that worked last.
	URLs []string
	// Resolver looks the SRV records up; nil means net.DefaultResolver.
	Resolver Resolver
	// TLS is for connections to the server, such as other certificate authorities than the system's or a client certificate. It is
	// ignored when HTTPTransport is given.
	TLS *tls.Config
	// HTTPTransport carries the requests; nil means the network, as NewTransport does it.
	HTTPTransport http.RoundTripper
	// TrustedHosts may see the credentials besides the hosts of URL and URLs: "host" for every port of it, or "host:port". SRV
	// records of a domain are followed to hosts in that domain and to these only: whoever can forge DNS could else
	// have the credentials (RFC 8620 section 8.3).
	TrustedHosts []string
	// SameOrigin replaces scheme and host of every URL in the session object with those that the session came
	// from, for servers that do not know their own public name.
	SameOrigin bool
	// Timeout bounds one API request from start to end, repetitions and failover included; default DefaultTimeout.
	Timeout time.Duration
	// StallTimeout is how long an upload or a download may go without an octet; default DefaultStallTimeout.
	StallTimeout time.Duration
	// SlowCall is how long an API call may take while an event stream is open before the stream is held to be
	// in the way and push is given up; default DefaultSlowCall.
	SlowCall time.Duration
	// MaxResponse bounds the octets of an API response; default DefaultMaxResponse.
	MaxResponse int64
	// UserAgent is sent with every request; default "dragoman".
	UserAgent string
	// Retry says how often what failed is repeated.
	Retry RetryPolicy
	// Breaker says when a host is given up for a while.
	Breaker BreakerPolicy
	// Clock is the time by which Retry, Breaker and the reconnects of Watch go; nil means the system's.
	Clock Clock
}

func (c *Config) applyDefaults() {
	for duration, value := range map[*time.Duration]time.Duration{
		&c.Timeout: DefaultTimeout, &c.StallTimeout: DefaultStallTimeout, &c.SlowCall: DefaultSlowCall,
	} {
		if *duration <= 0 {
			*duration = value
		}
	}
	if c.HTTPTransport == nil {
		transport := NewTransport(c.TLS)
		transport.ResponseHeaderTimeout = c.Timeout + headerGrace
		c.HTTPTransport = transport
	}
	if c.MaxResponse <= 0 {
		c.MaxResponse = DefaultMaxResponse
	}
	if c.UserAgent == "" {
		c.UserAgent = defaultUserAgent
	}
	if c.Resolver == nil {
		c.Resolver = net.DefaultResolver
	}
	if c.Clock == nil {
		c.Clock = systemClock{}
	}
	c.Retry.applyDefaults()
	c.Breaker.applyDefaults()
}

// address is what the configuration says of one endpoint.
type address struct {
	url    *url.URL
	domain string // when it is a bare domain, whose SRV records say more
}

func (c *Config) addresses() ([]address, error) {
	texts := c.URLs
	if c.URL != "" || len(texts) == 0 {
		texts = append([]string{c.URL}, texts...)
	}
	addresses := make([]address, len(texts))
	for i, text := range texts {
		u, err := parseServerURL(text)
		if err != nil {
			return nil, err
		}
		addresses[i] = address{url: u, domain: bareDomain(text)}
	}
	return addresses, nil
}

// bareDomain returns text when it is nothing but a domain name: SRV records are for those, not for hosts of which somebody
// knows the port or the scheme.
func bareDomain(text string) string {
	name := strings.TrimSuffix(text, ".")
	if strings.ContainsAny(name, ":/?#[]") || !strings.Contains(name, ".") || net.ParseIP(name) != nil {
		return ""
	}
	return name
}

// parseServerURL reads a URL or a bare host, which means https.
func parseServerURL(text string) (*url.URL, error) {
	if text == "" {
		return nil, errors.New("JMAP URL is empty")
	}
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("JMAP URL: %w", err)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("JMAP URL %q: scheme %q is neither https nor http", text, u.Scheme)
	case u.Hostname() == "":
		return nil, fmt.Errorf("JMAP URL %q has no host", text)
	case u.User != nil:
		return nil, fmt.Errorf("JMAP URL for %s has credentials in it: give them apart", u.Host)
	case u.Fragment != "":
		return nil, fmt.Errorf("JMAP URL %q has a fragment", text)
	}
	return u, nil
}

// Clock tells the time and waits. Tests replace it.
type Clock interface {
	Now() time.Time
	// Sleep waits for d, or returns the error of ctx when that ends before.
	Sleep(ctx context.Context, d time.Duration) error
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
