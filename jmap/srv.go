package jmap

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// How SRV records are looked up. The resolver does not tell how long an answer may be kept.
const (
	srvTimeout     = 5 * time.Second
	srvMemory      = 10 * time.Minute
	srvErrorMemory = time.Minute
)

var errNoService = errors.New("the domain says that it offers no JMAP")

// Resolver looks up SRV records (RFC 2782). *net.Resolver is one; of records with the same priority, those that are to be
// tried first come first.
type Resolver interface {
	LookupSRV(ctx context.Context, service, proto, name string) (cname string, records []*net.SRV, err error)
}

// service is what the SRV records of a domain say.
type service struct {
	endpoints []*url.URL
	refused   []string // targets that may not see credentials
	none      bool     // there is no JMAP at the domain
	until     time.Time
}

// services remembers the SRV records of the domains in the configuration.
type services struct {
	mu    sync.Mutex
	known map[string]service
}

// service looks the SRV records of a domain up (RFC 8620 section 2.2). Where there are none, or the look-up fails, the
// domain itself is the only endpoint: RFC 8620 section 8.3 asks servers to make that work.
func (c *Client) service(ctx context.Context, at address) service {
	c.services.mu.Lock()
	found, ok := c.services.known[at.domain]
	c.services.mu.Unlock()
	if ok && c.config.Clock.Now().Before(found.until) {
		return found
	}
	found = c.lookUp(ctx, at)
	if ctx.Err() != nil {
		return found // it says nothing of the domain
	}
	c.services.mu.Lock()
	defer c.services.mu.Unlock()
	if c.services.known == nil {
		c.services.known = map[string]service{}
	}
	c.services.known[at.domain] = found
	return found
}

func (c *Client) lookUp(ctx context.Context, at address) service {
	ctx, cancel := context.WithTimeout(ctx, srvTimeout)
	defer cancel()
	_, records, err := c.config.Resolver.LookupSRV(ctx, "jmap", "tcp", at.domain)
	now := c.config.Clock.Now()
	var unknown *net.DNSError
	if err != nil && !(errors.As(err, &unknown) && unknown.IsNotFound) {
		return service{endpoints: []*url.URL{at.url}, until: now.Add(srvErrorMemory)}
	}
	found := service{until: now.Add(srvMemory)}
	// A single record with the target "." says so (RFC 2782).
	if len(records) == 1 && strings.Trim(records[0].Target, ".") == "" {
		found.none = true
		return found
	}
	records = slices.Clone(records)
	slices.SortStableFunc(records, func(a, b *net.SRV) int { return cmp.Compare(a.Priority, b.Priority) })
	for _, record := range records {
		target := srvURL(record)
		if c.trustsTarget(at.domain, target) {
			found.endpoints = append(found.endpoints, target)
		} else {
			found.refused = append(found.refused, target.Host)
		}
	}
	if len(found.endpoints) == 0 {
		found.endpoints = []*url.URL{at.url}
	}
	return found
}

func srvURL(record *net.SRV) *url.URL {
	host := strings.TrimSuffix(record.Target, ".")
	if record.Port != 443 {
		host = net.JoinHostPort(host, strconv.Itoa(int(record.Port)))
	}
	return &url.URL{Scheme: "https", Host: host}
}

// trustsTarget decides whether the target of an SRV record may see credentials.
//
// Without DNSSEC anybody on the way can make up SRV records (RFC 8620 section 8.3). The connection is always made with TLS and with the
// target's name in the certificate; that proves something only when the name is one that the forger could not choose. So the target
// has to be the domain that was asked about or a name in it, as RFC 6186 section 6 has it for IMAP. Any other name, even one
// with a valid certificate, needs somebody's word: TrustedHosts.
func (c *Client) trustsTarget(domain string, target *url.URL) bool {
	name, domain := strings.ToLower(target.Hostname()), strings.ToLower(domain)
	return name == domain || strings.HasSuffix(name, "."+domain) || c.listed(target)
}

// endpoints returns where the session resource may be, in the order in which to try: what worked last first.
func (c *Client) endpoints(ctx context.Context, op string) ([]*url.URL, error) {
	var all []*url.URL
	var none error
	for _, at := range c.addresses {
		if at.domain == "" {
			all = append(all, at.url)
			continue
		}
		found := c.service(ctx, at)
		if found.none {
			none = fmt.Errorf("%w: %s has an SRV record that says so", errNoService, at.domain)
		}
		all = append(all, found.endpoints...)
	}
	if len(all) == 0 {
		return nil, &UnavailableError{Op: op, Err: none}
	}
	if last := c.preferred.Load(); last != nil {
		if i := slices.IndexFunc(all, func(u *url.URL) bool { return u.String() == last.String() }); i > 0 {
			all = append(all[i:len(all):len(all)], all[:i]...)
		}
	}
	return all, nil
}

// refusedTargets names the targets of SRV records that were not followed, for errors.
func (c *Client) refusedTargets() string {
	c.services.mu.Lock()
	defer c.services.mu.Unlock()
	var refused []string
	for _, at := range c.addresses {
		refused = append(refused, c.services.known[at.domain].refused...)
	}
	return strings.Join(refused, ", ")
}
