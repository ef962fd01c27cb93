package embedded

import (
	"maps"
	"sync"
)

// hub hands state changes of an account to the push streams.
type hub struct {
	mu   sync.Mutex
	subs map[*subscription]struct{}
}

// subscription gathers the changes of some accounts until its stream has time for them.
type subscription struct {
	ready   chan struct{} // has one element when pending is not empty
	mu      sync.Mutex
	pending map[string]states // by account
}

func newSubscription() *subscription {
	return &subscription{ready: make(chan struct{}, 1), pending: map[string]states{}}
}

func (h *hub) add(s *subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.subs == nil {
		h.subs = map[*subscription]struct{}{}
	}
	h.subs[s] = struct{}{}
}

func (h *hub) remove(s *subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.subs, s)
}

// send never blocks: a slow stream finds only the newest states.
func (h *hub) send(account string, changed states) {
	if len(changed) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subs {
		s.add(account, changed)
	}
}

func (s *subscription) add(account string, changed states) {
	s.mu.Lock()
	if s.pending[account] == nil {
		s.pending[account] = states{}
	}
	maps.Copy(s.pending[account], changed)
	s.mu.Unlock()
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

// take returns what has gathered.
func (s *subscription) take() map[string]states {
	s.mu.Lock()
	defer s.mu.Unlock()
	got := s.pending
	s.pending = map[string]states{}
	return got
}
