package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/jmap/embedded"
)

// backend is a JMAP server behind the IMAP server.
type backend struct {
	name    string   // in the replica's store
	names   []string // what it may be called there: the first that is known counts, else the first of all
	client  *jmap.Client
	domains []string        // whose users have their mail there, besides those who have it nowhere else
	store   *embedded.Store // nil when the server is elsewhere
	demo    bool            // the account demo with its usual password was made, now or earlier
}

// openBackends opens what the options and the tables of the configuration file name; without any, the embedded store.
func openBackends(ctx context.Context, o *serveOptions) (_ *backends, err error) {
	all := &backends{byDomain: map[string]*backend{}}
	for _, table := range o.tables {
		b, err := openRemote(&table.remote, table.name)
		if err != nil {
			return nil, err
		}
		b.domains = table.domains
		all.add(b, table.fallback)
	}
	switch {
	case o.remote.first() != "":
		b, err := openRemote(&o.remote, o.jmapName)
		if err != nil {
			return nil, err
		}
		all.add(b, true)
	case len(o.tables) == 0:
		b, err := openEmbedded(ctx, o)
		if err != nil {
			return nil, err
		}
		all.add(b, true)
	}
	return all, nil
}

// openRemote opens a server elsewhere. Without a name it goes by its URLs.
func openRemote(r *remote, name string) (*backend, error) {
	client, err := r.client("dragoman")
	if err != nil {
		return nil, err
	}
	return &backend{client: client, names: namesOf(name, r)}, nil
}

func openEmbedded(ctx context.Context, o *serveOptions) (*backend, error) {
	store, err := embedded.Open(embedded.Options{Dir: filepath.Join(o.data, "mail"), HashIterations: o.hashIterations})
	if err != nil {
		return nil, fmt.Errorf("data directory %s: %w", o.data, err)
	}
	b := &backend{names: []string{"embedded"}, store: store}
	if err := b.prepare(ctx, o); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return b, nil
}

func (b *backend) prepare(ctx context.Context, o *serveOptions) (err error) {
	b.client, err = jmap.New(jmap.Config{URL: "http://embedded.invalid/", HTTPTransport: b.store.Transport()})
	if err != nil {
		return err
	}
	users := o.users.values
	if len(users) == 0 && len(b.store.Accounts()) == 0 {
		users = []string{demo + ":" + demo}
	}
	for _, user := range users {
		name, password, _ := strings.Cut(user, ":")
		if err := b.account(name, password); err != nil {
			return err
		}
	}
	if slices.Contains(b.store.Accounts(), demo) {
		return b.fillDemo(ctx, o.data)
	}
	return nil
}

// account makes an account, or gives it the password when it is there.
func (b *backend) account(name, password string) error {
	err := b.store.AddAccount(name, password)
	if errors.Is(err, embedded.ErrAccountExists) {
		return b.store.SetPassword(name, password)
	}
	return err
}

func (b *backend) close() error {
	if b.store == nil {
		b.client.CloseIdleConnections()
		return nil
	}
	return b.store.Close()
}

// namedUser takes the options --jmap-url and --user of the subcommands that work for one user. The password may stand in
// DRAGOMAN_PASSWORD instead.
func namedUser(url, user string) (jmap.Credentials, error) {
	name, password, given := strings.Cut(user, ":")
	if !given {
		password = os.Getenv("DRAGOMAN_PASSWORD")
	}
	switch {
	case url == "":
		return jmap.Credentials{}, usageError("--jmap-url is missing")
	case name == "":
		return jmap.Credentials{}, usageError("--user is missing")
	case !given && password == "":
		return jmap.Credentials{}, usageError("--user has no password, and DRAGOMAN_PASSWORD is not set")
	}
	return jmap.Credentials{User: name, Password: password}, nil
}
