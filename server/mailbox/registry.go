package mailbox

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/server/store"
)

// Defaults of Options.
const (
	DefaultPoll     = 5 * time.Second
	DefaultSafePoll = time.Minute
	DefaultLinger   = 5 * time.Minute

	DefaultPushPatience = 100 * time.Millisecond
)

// Options configure a Registry. Only Server is required.
type Options struct {
	Server   string        // names the JMAP server in the store, so that accounts of two servers never mix; "embedded" or its URL
	Poll     time.Duration // how often to ask for changes while a session listens and no push stream vouches; default DefaultPoll
	SafePoll time.Duration // the same while a push stream is up, and how long it vouches without; default DefaultSafePoll
	Linger   time.Duration // how long an account stays in memory after its last session; default DefaultLinger, negative for not at all
	Logger   *slog.Logger  // default: none

	// PushPatience is how long after a push stream was asked for syncs wait for it; default DefaultPushPatience.
	PushPatience time.Duration
}

// Registry holds the accounts that are open in this process. All sessions of an account share one replica.
type Registry struct {
	store   store.Store
	options Options

	mu       sync.Mutex
	closed   bool
	accounts map[store.Key]*entry
}

// entry is an account in the registry.
type entry struct {
	ready   chan struct{} // closed when replica or err is set
	replica *replica
	err     error
	holders int
	linger  *time.Timer
}

// NewRegistry returns a registry whose accounts live in s. Closing s is left to the caller.
func NewRegistry(s store.Store, o Options) *Registry {
	for duration, value := range map[*time.Duration]time.Duration{
		&o.Poll: DefaultPoll, &o.SafePoll: DefaultSafePoll, &o.Linger: DefaultLinger,
		&o.PushPatience: DefaultPushPatience,
	} {
		if *duration == 0 {
			*duration = value
		}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Registry{store: s, options: o, accounts: map[store.Key]*entry{}}
}

// Open is OpenAt for Options.Server.
func (g *Registry) Open(ctx context.Context, session Session, account jmap.ID) (*Account, error) {
	return g.OpenAt(ctx, "", session, account)
}

// OpenAt returns the account for a session, to be closed by it. server names the session's server in the store, so that accounts
// of two servers never mix; empty means Options.Server. It reads the store but sends no request.
// Personal accounts are shared by all who log in to them; other people's accounts by the sessions of one user,
// because servers show different mailboxes to different users.
func (g *Registry) OpenAt(ctx context.Context, server string, session Session, account jmap.ID) (*Account, error) {
	info := session.Info()
	key := store.Key{Server: cmp.Or(server, g.options.Server), Account: string(account)}
	if !info.Accounts[account].IsPersonal {
		key.Viewer = info.Username
	}
	e, err := g.hold(key, account, isOwn(info, account))
	if err != nil {
		return nil, err
	}
	select {
	case <-e.ready:
	case <-ctx.Done():
		g.release(key, e)
		return nil, ctx.Err()
	}
	if e.err != nil {
		g.release(key, e)
		return nil, e.err
	}
	a := &Account{replica: e.replica, session: session, expired: make(chan struct{})}
	a.expire = sync.OnceFunc(func() { close(a.expired) })
	a.close = sync.OnceFunc(func() {
		e.replica.detach(a)
		g.release(key, e)
	})
	e.replica.attach(a)
	return a, nil
}

// isOwn holds for the account for which servers push: the user's own. Of others, a stream may never tell.
func isOwn(info *jmap.Session, account jmap.ID) bool {
	primary, named := info.PrimaryAccounts[jmap.CapabilityMail]
	return info.Accounts[account].IsPersonal && (!named || primary == account)
}

// hold returns the entry of an account, with one more holder. The first one reads the account from the store.
func (g *Registry) hold(key store.Key, id jmap.ID, own bool) (*entry, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return nil, ErrClosed
	}
	e, ok := g.accounts[key]
	if !ok {
		e = &entry{ready: make(chan struct{})}
		g.accounts[key] = e
		go g.read(e, key, id, own)
	}
	if e.linger != nil {
		e.linger.Stop()
		e.linger = nil
	}
	e.holders++
	return e, nil
}

func (g *Registry) read(e *entry, key store.Key, id jmap.ID, own bool) {
	defer close(e.ready)
	r := newReplica(g.store, key, id, g.options)
	r.own = own
	if err := r.read(r.life); err != nil {
		e.err = err
		return
	}
	if r.leftover {
		r.forget()
	}
	e.replica = r
}

// release gives an entry back. The last holder leaves it to linger.
func (g *Registry) release(key store.Key, e *entry) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if e.holders--; e.holders > 0 {
		return
	}
	if e.err != nil || g.closed || g.options.Linger < 0 {
		g.forget(key, e)
		return
	}
	e.linger = time.AfterFunc(g.options.Linger, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if e.holders == 0 {
			g.forget(key, e)
		}
	})
}

// forget ends an account; g.mu must be held.
func (g *Registry) forget(key store.Key, e *entry) {
	if g.accounts[key] != e {
		return
	}
	delete(g.accounts, key)
	if e.replica != nil {
		e.replica.end()
	}
}

// Close ends all accounts, whoever uses them.
func (g *Registry) Close() error {
	g.mu.Lock()
	g.closed = true
	entries := make([]*entry, 0, len(g.accounts))
	for _, e := range g.accounts {
		entries = append(entries, e)
	}
	clear(g.accounts)
	g.mu.Unlock()
	for _, e := range entries {
		if e.linger != nil {
			e.linger.Stop()
		}
		<-e.ready
		if e.replica != nil {
			e.replica.end()
		}
	}
	return nil
}
