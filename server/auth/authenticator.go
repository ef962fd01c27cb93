package auth

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/singleflight"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap"
)

// Defaults of Options.
const (
	DefaultCacheTime = 5 * time.Minute
	DefaultDelay     = time.Second
)

const (
	maxRemembered = 10_000
	maxDelay      = 8 * time.Second
	failureMemory = 10 * time.Minute
)

// ErrNoMail says that the credentials are right but the user has no mail.
var ErrNoMail = errors.New("the user has no mail account")

// Options configure an Authenticator.
type Options struct {
	CacheTime time.Duration // how long a success is remembered; default DefaultCacheTime, negative for not at all
	Delay     time.Duration // before the answer to a first failure; default DefaultDelay, negative for none
}

// Server is a JMAP server that users log in to.
type Server struct {
	Name   string // in the replica's store, as mailbox.Registry.OpenAt takes it; empty for the registry's own server
	Client *jmap.Client
}

// Router finds the server that has the mail of a user, by the name that a client logs in with. It returns false when there is none: the
// login is rejected then as one with a wrong password is, and no server sees it.
type Router func(user string) (Server, bool)

// Authenticator logs users in to JMAP servers. It may be used by many goroutines.
type Authenticator struct {
	route    Router
	options  Options
	keys     keyMaker
	logins   *otter.Cache[key, *Login] // nil: remember nothing
	failures *otter.Cache[string, int] // by user: failures in a row
	flights  singleflight.Group
}

// Login is a user who has logged in. Several connections may share one.
type Login struct {
	User    string // as the JMAP server spells it
	Server  string // Server.Name of that server
	Session *jmap.Session
	Account proto.ID // the account with the user's own mail
	key     key
}

// New returns an authenticator that asks client about all users.
func New(client *jmap.Client, options Options) *Authenticator {
	return NewRouted(func(string) (Server, bool) { return Server{Client: client}, true }, options)
}

// NewRouted returns an authenticator that asks the server that route names.
func NewRouted(route Router, options Options) *Authenticator {
	if options.CacheTime == 0 {
		options.CacheTime = DefaultCacheTime
	}
	if options.Delay == 0 {
		options.Delay = DefaultDelay
	}
	a := &Authenticator{route: route, options: options, keys: newKeyMaker()}
	if options.CacheTime > 0 {
		a.logins = otter.Must(&otter.Options[key, *Login]{
			MaximumSize:      maxRemembered,
			ExpiryCalculator: otter.ExpiryCreating[key, *Login](options.CacheTime),
		})
	}
	a.failures = otter.Must(&otter.Options[string, int]{
		MaximumSize:      maxRemembered,
		ExpiryCalculator: otter.ExpiryWriting[string, int](failureMemory),
	})
	return a
}

// Password logs a user in with a password. Only jmap.ErrUnauthorized means that the credentials are wrong; it comes after a delay.
func (a *Authenticator) Password(ctx context.Context, user, password string) (*Login, error) {
	k := a.keys.of(user, password)
	if login, ok := a.remembered(k); ok {
		return login, nil
	}
	login, err := a.ask(ctx, k, jmap.Credentials{User: user, Password: password})
	switch {
	case errors.Is(err, jmap.ErrUnauthorized):
		a.punish(ctx, user)
	case err == nil:
		a.failures.Invalidate(user)
	}
	return login, err
}

// ID names the user among those of all servers.
func (l *Login) ID() string { return l.Server + "\x00" + l.User }

// Forget makes the next login with the same credentials ask the server: they have died.
func (a *Authenticator) Forget(login *Login) {
	if a.logins != nil {
		a.logins.Invalidate(login.key)
	}
}

// remembered finds a login whose session object is still that of the server, and names the same account.
func (a *Authenticator) remembered(k key) (*Login, bool) {
	if a.logins == nil {
		return nil, false
	}
	login, ok := a.logins.GetIfPresent(k)
	if !ok || login.Session.Stale() {
		return nil, false
	}
	account, ok := login.Session.MailAccount()
	return login, ok && account == login.Account
}

// ask asks the server once for all who come with the same credentials at the same time. The request outlives a
// client that goes away, because others may wait for it; the JMAP client bounds its time.
func (a *Authenticator) ask(ctx context.Context, k key, credentials jmap.Credentials) (*Login, error) {
	result := a.flights.DoChan(string(k[:]), func() (any, error) {
		if login, ok := a.remembered(k); ok { // by a flight that landed just now
			return login, nil
		}
		return a.login(context.WithoutCancel(ctx), k, credentials)
	})
	select {
	case r := <-result:
		login, _ := r.Val.(*Login)
		return login, r.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (a *Authenticator) login(ctx context.Context, k key, credentials jmap.Credentials) (*Login, error) {
	if strings.ContainsAny(credentials.User, ":\x00") { // HTTP Basic cannot carry it, RFC 7617 section 2
		return nil, jmap.ErrUnauthorized
	}
	server, ok := a.route(credentials.User)
	if !ok {
		return nil, jmap.ErrUnauthorized
	}
	session, err := server.Client.Login(ctx, credentials)
	if err != nil {
		return nil, err
	}
	account, ok := session.MailAccount()
	if !ok {
		return nil, ErrNoMail
	}
	login := &Login{User: session.Info().Username, Server: server.Name, Session: session, Account: account, key: k}
	if a.logins != nil {
		a.logins.Set(k, login)
	}
	return login, nil
}

// punish waits longer with each failure in a row of a user.
func (a *Authenticator) punish(ctx context.Context, user string) {
	failed, _ := a.failures.GetIfPresent(user)
	a.failures.Set(user, failed+1)
	if a.options.Delay < 0 {
		return
	}
	timer := time.NewTimer(min(a.options.Delay<<min(failed, 10), maxDelay))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
