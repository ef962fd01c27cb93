package jmap

import (
	"fmt"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

// Session is one user's access to a JMAP server.
type Session struct {
	client      *Client
	credentials Credentials
	using       []string
	current     atomic.Pointer[resource]
	moving      chan struct{} // held while the session goes to another endpoint
	stale       atomic.Bool
	push        pushHealth
	refresh     refresher
	blobs       blobHealth
}

// resource is a session object with what follows from it; it never changes.
type resource struct {
	endpoint *url.URL // which endpoint of the server it is
	from     *url.URL // where the session object came from, after redirects
	fetched  time.Time
	info     *proto.Session
	api      *url.URL
	limits   Limits
	gate     *gate
}

// Info returns the session object as last fetched. It must not be changed.
func (s *Session) Info() *proto.Session { return s.current.Load().info }

// Limits returns the limits that the server announced.
func (s *Session) Limits() Limits { return s.current.Load().limits }

// Using returns the capabilities that every request of this session names; they stay the same for the life of the session.
func (s *Session) Using() []string { return append([]string(nil), s.using...) }

// Has reports whether the server announced a capability at login.
func (s *Session) Has(capability string) bool {
	return has(s.Info(), capability)
}

// Stale reports whether a response named another session state than that of Info, so that Refresh has news. The requests that follow
// see to that by themselves, as they do every ten minutes in any case.
func (s *Session) Stale() bool { return s.stale.Load() }

// MailAccount returns the account with the user's own mail: the primary account for mail or, where none is named, the
// only personal account that has mail. It is false for a user without mail.
func (s *Session) MailAccount() (proto.ID, bool) {
	return mailAccount(s.Info())
}

func mailAccount(info *proto.Session) (proto.ID, bool) {
	if id, ok := info.PrimaryAccounts[proto.CapabilityMail]; ok && id != "" {
		return id, true
	}
	var found []proto.ID
	for id, account := range info.Accounts {
		if _, mail := account.AccountCapabilities[proto.CapabilityMail]; mail && account.IsPersonal {
			found = append(found, id)
		}
	}
	if len(found) != 1 {
		return "", false
	}
	return found[0], true
}

// newResource checks a session object and resolves its URLs.
func (c *Client) newResource(endpoint, from *url.URL, info *proto.Session) (*resource, error) {
	api, err := c.locate(from, info.APIURL)
	if err != nil {
		return nil, fmt.Errorf("apiUrl: %w", err)
	}
	for name, template := range map[string]string{
		"uploadUrl": info.UploadURL, "downloadUrl": info.DownloadURL, "eventSourceUrl": info.EventSourceURL,
	} {
		if template == "" {
			continue
		}
		if _, err := c.fill(from, template, nil); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	limits := limitsOf(info)
	key := gateKey{server: api.Host, user: info.Username, calls: limits.MaxConcurrentRequests, upload: limits.MaxConcurrentUpload}
	return &resource{endpoint: endpoint, from: from, fetched: time.Now(), info: info, api: api, limits: limits, gate: c.gates.get(key)}, nil
}

// locate resolves a URL of the session object.
func (c *Client) locate(from *url.URL, text string) (*url.URL, error) {
	if text == "" {
		return nil, fmt.Errorf("the session object has none")
	}
	if c.config.SameOrigin {
		given, err := from.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("%q is no URL", text)
		}
		given.Scheme, given.Host = from.Scheme, from.Host
		return given, nil
	}
	return c.resolve(from, text)
}

// fill expands a URI template of the session object and resolves it.
func (c *Client) fill(from *url.URL, template string, vars map[string]string) (*url.URL, error) {
	text, err := expand(template, vars)
	if err != nil {
		return nil, err
	}
	return c.locate(from, text)
}

func (s *Session) uploadURL(r *resource, account proto.ID) (*url.URL, error) {
	return s.client.fill(r.from, r.info.UploadURL, map[string]string{"accountId": string(account)})
}

func (s *Session) downloadURL(r *resource, account, blob proto.ID, contentType, name string) (*url.URL, error) {
	return s.client.fill(r.from, r.info.DownloadURL, map[string]string{
		"accountId": string(account), "blobId": string(blob), "type": contentType, "name": name,
	})
}

func (s *Session) eventSourceURL(types string, ping time.Duration) (*url.URL, error) {
	r := s.current.Load()
	return s.client.fill(r.from, r.info.EventSourceURL, map[string]string{
		"types": types, "closeafter": "no", "ping": strconv.Itoa(int(ping / time.Second)),
	})
}
