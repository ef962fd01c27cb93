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
)

// Login fetches the session resource with the credentials (RFC 8620 section 2). It returns ErrUnauthorized when the server
// rejects them or, as some do, answers them with a session that has no user or no account, and an *UnavailableError when
// there is no telling.
func (c *Client) Login(ctx context.Context, credentials Credentials) (*Session, error) {
	s := &Session{client: c, credentials: credentials, push: pushHealth{server: &c.push}}
	found, err := s.discover(ctx)
	if err != nil {
		return nil, err
	}
	s.using = usingOf(found.info)
	s.current.Store(found)
	return s, nil
}

// Refresh fetches the session object again: accounts come and go, limits change. The capabilities in use stay.
func (s *Session) Refresh(ctx context.Context) error {
	old := s.current.Load()
	leave, err := old.gate.enterCall(ctx)
	if err != nil {
		return transportError(ctx, "refreshing the session", err)
	}
	defer leave()
	found, err := s.fetch(ctx, "refreshing the session", old.from)
	if err != nil {
		return err
	}
	s.current.Store(found)
	s.stale.Store(false)
	return nil
}

// discover asks the configured URL or, when that is a mere host or has no session resource, its /.well-known/jmap.
func (s *Session) discover(ctx context.Context) (*resource, error) {
	const op = "logging in"
	start := s.client.start
	if strings.Trim(start.Path, "/") != "" {
		found, err := s.fetch(ctx, op, start)
		if !notThere(err) || start.Path == wellKnown {
			return found, err
		}
	}
	return s.fetch(ctx, op, &url.URL{Scheme: start.Scheme, Host: start.Host, Path: wellKnown})
}

// notThere holds for the status 404, with problem details or without.
func notThere(err error) bool {
	var unavailable *UnavailableError
	var problem *proto.RequestError
	return errors.As(err, &unavailable) && unavailable.Status == http.StatusNotFound ||
		errors.As(err, &problem) && problem.Status == http.StatusNotFound
}

func (s *Session) fetch(ctx context.Context, op string, from *url.URL) (found *resource, err error) {
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
	found, err = s.client.newResource(at, info, info.Username)
	if err != nil {
		return nil, &UnavailableError{Op: op, Err: fmt.Errorf("session object: %w", err)}
	}
	return found, nil
}
