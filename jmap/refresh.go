package jmap

import (
	"bytes"
	"context"
	"sync/atomic"
	"time"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

const (
	// refreshAfter is how old the session object gets: servers whose session state never changes announce nothing, Cyrus's new shared
	// accounts among it.
	refreshAfter = 10 * time.Minute
	// refreshSoonest is how long a session object is kept even though a response hints at a newer one.
	refreshSoonest = 10 * time.Second
)

// refresher keeps the session object fresh while requests are made.
type refresher struct {
	last    atomic.Int64 // when it was last fetched, or tried to; Unix nanoseconds
	busy    atomic.Bool
	useless atomic.Pointer[string] // a session state that refreshing did not bring
}

// freshen fetches the session object anew, in the background, when it has become old, when the response names another session state, or when
// it knows nothing of an account (RFC 8620 sections 3.4 and 3.6.2). A failure waits for the next request.
func (s *Session) freshen(response *proto.Response) {
	due := refreshAfter
	if s.hintsAtNews(response) {
		due = refreshSoonest
	}
	last := max(s.refresh.last.Load(), s.current.Load().fetched.UnixNano())
	if time.Since(time.Unix(0, last)) < due || !s.refresh.busy.CompareAndSwap(false, true) {
		return
	}
	s.refresh.last.Store(time.Now().UnixNano())
	go func() {
		defer s.refresh.busy.Store(false)
		ctx, cancel := context.WithTimeout(context.Background(), loginTimeout)
		defer cancel()
		if s.fetchAgain(ctx, opRefresh, s.current.Load()) == nil && response.SessionState != s.Info().State {
			s.refresh.useless.Store(&response.SessionState)
		}
	}()
}

func (s *Session) hintsAtNews(response *proto.Response) bool {
	useless := s.refresh.useless.Load()
	if state := response.SessionState; state != "" && state != s.Info().State && (useless == nil || *useless != state) {
		return true
	}
	for _, invocation := range response.MethodResponses {
		if invocation.Name == "error" && bytes.Contains(invocation.Raw, []byte(proto.MethodErrorAccountNotFound)) {
			return true
		}
	}
	return false
}
