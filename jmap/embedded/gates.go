package embedded

import "sync"

// gates count what each user has under way at the same time.
type gates struct {
	mu  sync.Mutex
	now map[gate]int
}

type gate struct{ user, what string }

// enter fails when the user has as many under way as the limit allows; otherwise leave must follow.
func (g *gates) enter(u *user, what string, limit int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
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
}
