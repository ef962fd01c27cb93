package jmap

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

// errMoved ends event streams: the session has gone to another endpoint.
var errMoved = errors.New("the session has moved to another endpoint")

// retry makes a request to the URL that the session object gives for it, and when that cannot be reached, to the URL that the session
// object of another endpoint gives.
func (s *Session) retry(ctx context.Context, how retrying, where func(*resource) (*url.URL, error), once func(*resource, *url.URL) error) error {
	m := mover{session: s, op: how.op, where: where}
	how.once = func() error {
		m.used = s.current.Load()
		at, err := where(m.used)
		if err != nil {
			return &UnavailableError{Op: how.op, Err: err}
		}
		return once(m.used, at)
	}
	how.move = func() (bool, error) { return m.move(ctx) }
	return s.client.retry(ctx, how)
}

// mover takes a session to another endpoint for the sake of one request.
type mover struct {
	session *Session
	op      string
	where   func(*resource) (*url.URL, error) // the URL of the request
	used    *resource                         // what failed last
	failed  []string                          // endpoints that did, since there was last nowhere else to go
}

// move goes to another endpoint that can be reached. It reports false when there is none. An error says that the other endpoint
// does not know this user as the first did: nothing is asked there.
func (m *mover) move(ctx context.Context) (bool, error) {
	s := m.session
	leave, err := enter(ctx, s.moving)
	if err != nil {
		return false, transportError(ctx, m.op, err)
	}
	defer leave()
	m.failed = append(m.failed, m.used.endpoint.String())
	if now := s.current.Load(); now != m.used { // somebody else has moved it
		return m.mayUse(now), nil
	}
	endpoints, err := s.client.endpoints(ctx, m.op)
	if err != nil {
		return false, nil // the first failure says more
	}
	for _, endpoint := range endpoints {
		if slices.Contains(m.failed, endpoint.String()) {
			continue
		}
		found, err := s.discoverAt(ctx, m.op, endpoint)
		if err == nil {
			err = s.isSame(m.op, found)
		}
		switch {
		case ctx.Err() != nil, unreached(err):
			continue
		case err != nil:
			return false, err
		}
		if !m.mayUse(found) {
			continue
		}
		s.client.preferred.Store(endpoint)
		s.take(found)
		return true, nil
	}
	m.failed = nil
	return false, nil
}

// mayUse reports whether a session object leads elsewhere than to what failed.
func (m *mover) mayUse(found *resource) bool {
	before, err := m.where(m.used)
	after, err2 := m.where(found)
	return err == nil && err2 == nil && hostPort(before) != hostPort(after) && !slices.Contains(m.failed, found.endpoint.String())
}

// take makes found the session object. Event streams that another endpoint feeds vouch for nothing any more.
func (s *Session) take(found *resource) {
	old := s.current.Swap(found)
	s.stale.Store(false)
	if old.endpoint.String() != found.endpoint.String() {
		s.push.interrupt(errMoved)
	}
}

// isSame checks that states and ids that the session has seen mean the same under another session object.
func (s *Session) isSame(op string, found *resource) error {
	old := s.current.Load()
	oldAccount, oldOK := mailAccount(old.info)
	newAccount, newOK := mailAccount(found.info)
	differs := ""
	switch {
	case old.info.Username != found.info.Username:
		differs = fmt.Sprintf("the user is %q there, not %q", found.info.Username, old.info.Username)
	case oldAccount != newAccount || oldOK != newOK:
		differs = fmt.Sprintf("the mail account is %q there, not %q", newAccount, oldAccount)
	default:
		if i := slices.IndexFunc(s.using, func(name string) bool { return !has(found.info, name) && has(old.info, name) }); i >= 0 {
			differs = "it lacks the capability " + s.using[i]
		}
	}
	if differs == "" {
		return nil
	}
	return &UnavailableError{Op: op, Err: fmt.Errorf("%w: %s at %s", ErrOtherAccount, differs, found.from.Host)}
}

func has(info *proto.Session, capability string) bool {
	_, ok := info.Capabilities[capability]
	return ok
}

// unreached reports whether the endpoint is to blame: another one may do better.
func unreached(err error) bool {
	var unavailable *UnavailableError
	return errors.As(err, &unavailable) && unavailable.unreached
}

// discover asks the endpoints in turn until one can be reached.
func (s *Session) discover(ctx context.Context, op string) (found *resource, err error) {
	endpoints, err := s.client.endpoints(ctx, op)
	if err != nil {
		return nil, err
	}
	var failed error
	for _, endpoint := range endpoints {
		found, err = s.discoverAt(ctx, op, endpoint)
		if err == nil {
			s.client.preferred.Store(endpoint)
			return found, nil
		}
		if !unreached(err) || ctx.Err() != nil {
			return nil, s.hint(err)
		}
		failed = worse(failed, err)
	}
	return nil, s.hint(failed)
}

// worse returns that of two failures of which the caller learns more: the first, unless it only says that the endpoint is left alone.
func worse(a, b error) error {
	if a == nil || errors.Is(a, errGivenUp) && !errors.Is(b, errGivenUp) {
		return b
	}
	return a
}

// hint adds what an operator may have to change.
func (s *Session) hint(err error) error {
	var unavailable *UnavailableError
	refused := s.client.refusedTargets()
	if refused == "" || !errors.As(err, &unavailable) {
		return err
	}
	return fmt.Errorf("%w (%w: SRV records lead to %s)", err, ErrUntrustedHost, refused)
}

// discoverAt asks an endpoint or, when that is a mere host or has no session resource, its /.well-known/jmap.
func (s *Session) discoverAt(ctx context.Context, op string, endpoint *url.URL) (*resource, error) {
	at := *endpoint
	if !isHost(endpoint) {
		found, err := s.fetch(ctx, op, endpoint, &at)
		if !notThere(err) || endpoint.Path == wellKnown {
			return found, err
		}
	}
	return s.fetch(ctx, op, endpoint, &url.URL{Scheme: at.Scheme, Host: at.Host, Path: wellKnown})
}
