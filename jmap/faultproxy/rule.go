package faultproxy

import (
	"slices"
	"sync"
)

// Rule says which requests meet a fault. Of several rules that fit a request the one that was injected last counts.
type Rule struct {
	Kind   Kind   // what the request is for; zero for all
	Method string // only calls with this method among others, such as "Email/set"; empty for all
	User   string // only requests with this name in HTTP Basic credentials; empty for all
	Skip   int    // how many requests that fit pass before
	Times  int    // how many requests meet the fault; zero for all until it is lifted
	Fault  Fault
}

// Injection is a rule at work.
type Injection struct {
	rule   Rule
	lifted chan struct{}
	met    chan struct{}
	lift   func()

	mu   sync.Mutex
	seen int
	hits int
}

// Lift takes the fault away, also from requests that are held by it.
func (i *Injection) Lift() { i.lift() }

// Hits returns how many requests have met the fault.
func (i *Injection) Hits() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.hits
}

// Met receives a value soon after requests have met the fault; several may be told by one.
func (i *Injection) Met() <-chan struct{} { return i.met }

// request is what rules look at.
type request struct {
	kind    Kind
	methods []string
	user    string
}

func (r Rule) fits(q request) bool {
	return (r.Kind == Any || r.Kind == q.kind) && (r.Method == "" || slices.Contains(q.methods, r.Method)) &&
		(r.User == "" || r.User == q.user)
}

// take reports whether a request meets the fault now.
func (i *Injection) take(q request) bool {
	if !i.rule.fits(q) {
		return false
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.seen++
	if i.seen <= i.rule.Skip || i.rule.Times > 0 && i.hits == i.rule.Times {
		return false
	}
	i.hits++
	select {
	case i.met <- struct{}{}:
	default:
	}
	return true
}

// Inject makes requests meet a fault from now on.
func (p *Proxy) Inject(rule Rule) *Injection {
	i := &Injection{rule: rule, lifted: make(chan struct{}), met: make(chan struct{}, 1)}
	i.lift = sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.injections = slices.DeleteFunc(p.injections, func(j *Injection) bool { return i == j })
		close(i.lifted)
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.injections = append(p.injections, i)
	return i
}

// Clear lifts all faults.
func (p *Proxy) Clear() {
	p.mu.Lock()
	all := slices.Clone(p.injections)
	p.mu.Unlock()
	for _, i := range all {
		i.Lift()
	}
}

// meet returns the fault that a request meets, or nil. dialing is before there is a connection.
func (p *Proxy) meet(q request, dialing bool) *Injection {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, i := range slices.Backward(p.injections) {
		if (i.rule.Fault.dial != nil) == dialing && i.take(q) {
			return i
		}
	}
	return nil
}
