package jmap

import (
	"errors"
	"fmt"
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
)

// Config says where a JMAP server is and how to talk to it. Only URL is required.
type Config struct {
	// URL is the session resource, or a host ("mail.example.org") or base URL ("https://mail.example.org/"), whose
	// /.well-known/jmap is then asked (RFC 8620 section 2.2).
	URL string
	// HTTPTransport carries the requests; nil means the network, as NewTransport does it.
	HTTPTransport http.RoundTripper
	// TrustedHosts may see the credentials besides the host of URL: "host" for every port of it, or "host:port".
	TrustedHosts []string
	// SameOrigin replaces scheme and host of every URL in the session object with those that the session came
	// from, for servers that do not know their own public name.
	SameOrigin bool
	// Timeout bounds one API request from start to end; default DefaultTimeout.
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
}

// Client talks to one JMAP server for any number of users.
type Client struct {
	config Config
	start  *url.URL
	http   *http.Client
	gates  gates
	push   serverHealth
}

// New checks the configuration; it does not touch the network.
func New(config Config) (*Client, error) {
	start, err := parseServerURL(config.URL)
	if err != nil {
		return nil, err
	}
	config.applyDefaults()
	return &Client{
		config: config,
		start:  start,
		http: &http.Client{
			Transport:     config.HTTPTransport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

func (c *Config) applyDefaults() {
	if c.HTTPTransport == nil {
		c.HTTPTransport = NewTransport(nil)
	}
	for duration, value := range map[*time.Duration]time.Duration{
		&c.Timeout: DefaultTimeout, &c.StallTimeout: DefaultStallTimeout, &c.SlowCall: DefaultSlowCall,
	} {
		if *duration <= 0 {
			*duration = value
		}
	}
	if c.MaxResponse <= 0 {
		c.MaxResponse = DefaultMaxResponse
	}
	if c.UserAgent == "" {
		c.UserAgent = defaultUserAgent
	}
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

// CloseIdleConnections closes the connections that no request uses.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }
