package embedded

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// pushed is what a push stream tells its client, whatever carries it: an event source (RFC 8620 section 7.3) or a WebSocket
// (RFC 8887 section 4.3.5).
type pushed struct {
	types    []string          // nil is all
	known    map[string]states // what the client knows, by account
	sub      *subscription
	accounts []*account
}

// push begins to follow the accounts of a user; end must follow.
func (s *Store) push(u *user, types []string) (*pushed, error) {
	p := &pushed{types: types, known: map[string]states{}, sub: newSubscription(), accounts: s.accountsOf(u)}
	for _, a := range p.accounts {
		a.push.add(p.sub)
	}
	for _, a := range p.accounts {
		now, err := a.states()
		if err != nil {
			p.end()
			return nil, fmt.Errorf("reading the states of account %s: %w", a.id, err)
		}
		p.known[a.id] = now
	}
	return p, nil
}

func (p *pushed) end() {
	for _, a := range p.accounts {
		a.push.remove(p.sub)
	}
}

// states are the current states of all types.
func (a *account) states() (states, error) {
	now := states{}
	err := a.view(func(s *snapshot) error {
		for name, bucket := range loggedTypes {
			now[name] = s.state(bucket)
		}
		return nil
	})
	return now, err
}

// position writes down what the client knows, for catchUp after a break.
func (p *pushed) position() string {
	var b strings.Builder
	for _, account := range slices.Sorted(maps.Keys(p.known)) {
		fmt.Fprintf(&b, "%s", account)
		for _, name := range slices.Sorted(maps.Keys(p.known[account])) {
			if _, logged := loggedTypes[name]; logged {
				fmt.Fprintf(&b, ":%s=%s", name, p.known[account][name])
			}
		}
		b.WriteByte(';')
	}
	return b.String()
}

// catchUp finds what changed since the client was at a position. It ignores what is none.
func (p *pushed) catchUp(position string) {
	for _, part := range strings.Split(position, ";") {
		account, rest, ok := strings.Cut(part, ":")
		now := p.known[account]
		if !ok || now == nil {
			continue
		}
		missed := states{}
		for _, item := range strings.Split(rest, ":") {
			if name, state, ok := strings.Cut(item, "="); ok && now[name] != "" && now[name] != state {
				missed[name] = now[name]
			}
		}
		if len(missed) > 0 {
			p.sub.add(account, missed)
		}
	}
}

// take returns what has gathered of the types that the client wants, or nothing.
func (p *pushed) take() map[jmap.ID]map[string]string {
	wanted := map[jmap.ID]map[string]string{}
	for account, changed := range p.sub.take() {
		maps.Copy(p.known[account], changed)
		some := maps.Clone(map[string]string(changed))
		maps.DeleteFunc(some, func(name, _ string) bool { return p.types != nil && !slices.Contains(p.types, name) })
		if len(some) > 0 {
			wanted[jmap.ID(account)] = some
		}
	}
	return wanted
}
