package embedded

import (
	"context"
	"sync"
)

// gates count what each user has under way at the same time.
type gates struct {
	mu    sync.Mutex
	now   map[gate]int
	freed chan struct{} // closed when anything leaves; nil when nobody waits
}

type gate struct{ user, what string }

// enter fails when the user has as many under way as the limit allows; otherwise leave must follow.
func (g *gates) enter(u *user, what string, limit int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.enterLocked(u, what, limit)
}

// wait enters as soon as the limit allows, or fails with ctx.
func (g *gates) wait(ctx context.Context, u *user, what string, limit int) error {
	for {
		g.mu.Lock()
		if g.enterLocked(u, what, limit) {
			g.mu.Unlock()
			return nil
		}
		if g.freed == nil {
			g.freed = make(chan struct{})
		}
		freed := g.freed
		g.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (g *gates) enterLocked(u *user, what string, limit int) bool {
	if g.now == nil {
		g.now = map[gate]int{}
	}
	k := gate{u.Name, what}
	if g.now[k] >= limit {
		return false
	}
	g.now[k]++
	return true
}

func (g *gates) leave(u *user, what string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	k := gate{u.Name, what}
	if g.now[k]--; g.now[k] <= 0 {
		delete(g.now, k)
	}
	if g.freed != nil {
		close(g.freed)
		g.freed = nil
	}
}
