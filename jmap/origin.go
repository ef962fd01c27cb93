package jmap

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// resolve makes an absolute URL of one that a server gave, in a redirect or in its session object, and decides
// whether credentials may go there. base is the URL that the answer came from.
//
// A scheme of http under an https base is taken for a server behind a proxy that does not know its public name: when the host
// is the same, scheme and port of the base are kept, else the URL is refused.
func (c *Client) resolve(base *url.URL, text string) (*url.URL, error) {
	target, err := base.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %q is no URL", ErrUntrustedHost, text)
	}
	target.Fragment = ""
	if target.Scheme != "http" && target.Scheme != "https" {
		return nil, fmt.Errorf("%w: %q is neither https nor http", ErrUntrustedHost, text)
	}
	if base.Scheme == "https" && target.Scheme == "http" {
		if !sameName(base, target) {
			return nil, fmt.Errorf("%w: %s would be reached without TLS", ErrUntrustedHost, target.Host)
		}
		target.Scheme, target.Host = base.Scheme, base.Host
	}
	if !c.trusts(base, target) {
		return nil, fmt.Errorf("%w: %s", ErrUntrustedHost, target.Host)
	}
	return target, nil
}

// trusts reports whether credentials meant for base, or for the configured server, may go to target.
func (c *Client) trusts(base, target *url.URL) bool {
	if sameOrigin(base, target) || c.listed(target) {
		return true
	}
	for _, known := range c.addresses {
		if sameOrigin(known.url, target) {
			return true
		}
	}
	return false
}

// listed reports whether the host of target is one of TrustedHosts.
func (c *Client) listed(target *url.URL) bool {
	for _, host := range c.config.TrustedHosts {
		if strings.EqualFold(host, target.Hostname()) || strings.EqualFold(host, hostPort(target)) {
			return true
		}
	}
	return false
}

// sameOrigin holds for the same scheme, host and port, and for a step up from http to https on their own ports.
func sameOrigin(known, target *url.URL) bool {
	if !sameName(known, target) {
		return false
	}
	if known.Scheme == target.Scheme {
		return port(known) == port(target)
	}
	return known.Scheme == "http" && port(known) == "80" && port(target) == "443"
}

func sameName(a, b *url.URL) bool { return strings.EqualFold(a.Hostname(), b.Hostname()) }

func hostPort(u *url.URL) string { return net.JoinHostPort(u.Hostname(), port(u)) }

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}
