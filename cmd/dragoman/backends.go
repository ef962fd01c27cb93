package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/dragoman-mail/dragoman/jmap/embedded"
	"github.com/dragoman-mail/dragoman/server/auth"
)

// backends are the JMAP servers behind the IMAP server, by the domains of their users.
type backends struct {
	all      []*backend
	byDomain map[string]*backend
	fallback *backend // for everybody else, may be nil
}

func (b *backends) add(one *backend, fallback bool) {
	b.all = append(b.all, one)
	for _, domain := range one.domains {
		b.byDomain[domain] = one
	}
	if fallback {
		b.fallback = one
	}
}

// settleNames decides under which name the store has the accounts of each server: known are the names there. A server that is in it
// under one of its URLs keeps that name in whatever order they are given now, because with another one all its UIDs would be new. strangers are
// the names that no server claims, when one of ours is new: it may be one of them by another URL.
func (b *backends) settleNames(known []string) (strangers []string) {
	fresh := false
	strangers = slices.Clone(known)
	for _, one := range b.all {
		one.name = one.names[0]
		found := slices.IndexFunc(one.names, func(name string) bool { return slices.Contains(known, name) })
		if found < 0 {
			fresh = true
			continue
		}
		one.name = one.names[found]
		strangers = slices.DeleteFunc(strangers, func(name string) bool { return name == one.name })
	}
	if !fresh {
		return nil
	}
	return strangers
}

// route implements auth.Router. The domain of a login name is what follows the last @. A user of a domain that has a server of its own
// never reaches another one, nor does a password of another domain ever reach that one.
func (b *backends) route(user string) (auth.Server, bool) {
	found := b.fallback
	if at := strings.LastIndexByte(user, '@'); at >= 0 {
		if own := b.byDomain[normalDomain(user[at+1:])]; own != nil {
			found = own
		}
	}
	if found == nil {
		return auth.Server{}, false
	}
	return auth.Server{Name: found.name, Client: found.client}, true
}

// normalDomain makes the spellings of a domain name one.
func normalDomain(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// embedded returns the embedded store, or nil.
func (b *backends) embedded() *embedded.Store {
	if b.fallback == nil {
		return nil
	}
	return b.fallback.store
}

// demo reports whether people can try the account demo.
func (b *backends) demo() bool { return b.fallback != nil && b.fallback.demo }

// name is what stands for the server in the store where a login names none.
func (b *backends) name() string {
	if b.fallback == nil {
		return b.all[0].name
	}
	return b.fallback.name
}

// names are those of all servers in the store.
func (b *backends) names() []string {
	names := make([]string, len(b.all))
	for i, one := range b.all {
		names[i] = one.name
	}
	return names
}

func (b *backends) close() error {
	var all error
	for _, one := range b.all {
		all = errors.Join(all, one.close())
	}
	return all
}
