package jmap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

const (
	wellKnown    = "/.well-known/jmap"
	loginTimeout = 30 * time.Second
	maxSession   = 4 << 20
	opRefresh    = "refreshing the session"
)

// Login fetches the session resource with the credentials (RFC 8620 section 2), from the first endpoint that can be reached. It
// returns ErrUnauthorized when the server rejects them or, as some do, answers them with a session that has no user or no
// account, and an *UnavailableError when there is no telling.
func (c *Client) Login(ctx context.Context, credentials Credentials) (*Session, error) {
	const op = "logging in"
	s := &Session{client: c, credentials: credentials, moving: make(chan struct{}, 1), push: pushHealth{server: &c.push}}
	var found *resource
	err := c.retry(ctx, retrying{op: op, reads: true, once: func() (err error) {
		found, err = s.discover(ctx, op)
		return err
	}})
	if err != nil {
		return nil, err
	}
	s.using = usingOf(found.info)
	s.current.Store(found)
	return s, nil
}

// Refresh fetches the session object again: accounts come and go, limits change. The capabilities in use stay. It returns
// ErrUnauthorized with ErrOtherAccount when the credentials have come to mean another user: ids and states that were seen
// before mean nothing then.
func (s *Session) Refresh(ctx context.Context) error {
	where := func(r *resource) (*url.URL, error) { return r.from, nil }
	return s.retry(ctx, retrying{op: opRefresh, reads: true}, where, func(r *resource, _ *url.URL) error {
		return s.fetchAgain(ctx, opRefresh, r)
	})
}

func (s *Session) fetchAgain(ctx context.Context, op string, old *resource) error {
	leave, err := old.gate.enterCall(ctx)
	if err != nil {
		return transportError(ctx, op, err)
	}
	defer leave()
	found, err := s.fetch(ctx, op, old.endpoint, old.from)
	if err != nil {
		return err
	}
	if found.info.Username != old.info.Username {
		s.stale.Store(true) // nobody new is to have this session
		return fmt.Errorf("%s: %w: %w", op, ErrUnauthorized, ErrOtherAccount)
	}
	s.current.CompareAndSwap(old, found)
	s.stale.Store(false)
	return nil
}

// isHost holds for a URL that names a server but no resource of it.
func isHost(u *url.URL) bool { return strings.Trim(u.Path, "/") == "" }

// notThere holds for the status 404, with problem details or without.
func notThere(err error) bool {
	var unavailable *UnavailableError
	var problem *proto.RequestError
	return errors.As(err, &unavailable) && unavailable.Status == http.StatusNotFound ||
		errors.As(err, &problem) && problem.Status == http.StatusNotFound
}

// fetch gets the session object from a URL that belongs to an endpoint.
func (s *Session) fetch(ctx context.Context, op string, endpoint, from *url.URL) (found *resource, err error) {
	start := time.Now()
	defer func() { record(ctx, start, Exchange{Kind: KindSession, Err: err}) }()
	ctx, cancel := context.WithTimeoutCause(ctx, min(s.client.config.Timeout, loginTimeout), errTimeout)
	defer cancel()
	response, at, err := s.client.send(ctx, s.credentials, outgoing{op: op, method: http.MethodGet, url: from, accept: "application/json"})
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, statusError(op+" at "+from.Redacted(), response)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxSession))
	if err != nil {
		return nil, transportError(ctx, op, err)
	}
	info := &proto.Session{}
	err = info.UnmarshalJSON(body)
	if err == nil && info.Capabilities == nil {
		err = errors.New("no capabilities in it")
	}
	if err != nil {
		return nil, &UnavailableError{Op: op, Detail: detailOf(body), Err: fmt.Errorf("%s gave no session object: %w", at.Host, err)}
	}
	if info.Username == "" || len(info.Accounts) == 0 {
		return nil, fmt.Errorf("%s: %w: the session has no user or no account", op, ErrUnauthorized)
	}
	found, err = s.client.newResource(endpoint, at, info)
	if err != nil {
		return nil, &UnavailableError{Op: op, Err: fmt.Errorf("session object: %w", err)}
	}
	return found, nil
}
