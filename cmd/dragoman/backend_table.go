package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// backendTable is a [[backend]] of the configuration file: a JMAP server and the domains whose users have their mail there.
type backendTable struct {
	remote
	name     string // in the store; by default the first URL
	domains  []string
	fallback bool // it is for the users of all other domains as well
	place    func(key string) string
}

// tableKeys has the keys of a table for the options that mean the same.
var tableKeys = map[string]string{
	"jmap-url": "jmap-url", "trusted-host": "trusted-hosts", "jmap-ca": "ca", "jmap-cert": "cert", "jmap-key": "key",
}

// newBackendTable reads a table. place gives file and line of a key, or of the table itself for "".
func newBackendTable(values map[string]any, place func(key string) string) (*backendTable, error) {
	t := &backendTable{place: place}
	t.where = func(option string) string { return t.place(tableKeys[option]) + tableKeys[option] }
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if err := t.set(key, values[key]); err != nil {
			return nil, fmt.Errorf("%s%s: %w", place(key), key, err)
		}
	}
	return t, t.check()
}

// labels are what the server may be called in the store.
func (t *backendTable) labels() []string { return namesOf(t.name, &t.remote) }

// namesOf returns what a server may be called in the store: the name that it was given, else its URLs.
func namesOf(name string, r *remote) []string {
	if name != "" {
		return []string{name}
	}
	return r.urls.values
}

func (t *backendTable) set(key string, value any) error {
	switch key {
	case "name":
		return setText(&t.name, value)
	case "domains":
		return t.setDomains(value)
	case "default":
		return setTruth(&t.fallback, value)
	case "jmap-url", "jmap-urls":
		return setTexts(&t.urls.values, value)
	case "trusted-hosts":
		return setTexts(&t.trusted.values, value)
	case "same-origin":
		return setTruth(&t.sameOrigin, value)
	case "ca":
		return setText(&t.ca, value)
	case "cert":
		return setText(&t.certificate, value)
	case "key":
		return setText(&t.key, value)
	}
	return errors.New("no such key in a backend")
}

func (t *backendTable) setDomains(value any) error {
	if err := setTexts(&t.domains, value); err != nil {
		return err
	}
	for i, domain := range t.domains {
		if domain == "" || strings.ContainsAny(domain, "@:/ ") {
			return fmt.Errorf("%q is no domain", domain)
		}
		t.domains[i] = normalDomain(domain)
	}
	return nil
}

// check refuses a table that cannot be meant, alone.
func (t *backendTable) check() error {
	switch {
	case t.first() == "":
		return fmt.Errorf("%sbackend: jmap-url is missing", t.place(""))
	case len(t.domains) == 0 && !t.fallback:
		return fmt.Errorf("%sbackend: it has neither domains nor default = true", t.place(""))
	}
	return nil
}

// checkTables refuses tables that contradict each other.
func checkTables(tables []*backendTable) error {
	var names, domains []string
	defaults := 0
	for _, t := range tables {
		for _, name := range t.labels() {
			if slices.Contains(names, name) {
				return fmt.Errorf("%sbackend: another one is named %s, too", t.place(""), name)
			}
		}
		names = append(names, t.labels()...)
		for _, domain := range t.domains {
			if slices.Contains(domains, domain) {
				return fmt.Errorf("%sdomains: %s is there twice", t.place("domains"), domain)
			}
			domains = append(domains, domain)
		}
		if t.fallback {
			if defaults++; defaults > 1 {
				return fmt.Errorf("%sdefault: another backend is the default, too", t.place("default"))
			}
		}
	}
	return nil
}

func setText(to *string, value any) error {
	text, ok := value.(string)
	if !ok {
		return errors.New("must be a string")
	}
	*to = text
	return nil
}

func setTruth(to *bool, value any) error {
	truth, ok := value.(bool)
	if !ok {
		return errors.New("must be true or false")
	}
	*to = truth
	return nil
}

// setTexts adds the strings of an array, or one string.
func setTexts(to *[]string, value any) error {
	values, ok := value.([]any)
	if !ok {
		values = []any{value}
	}
	for _, value := range values {
		text, ok := value.(string)
		if !ok {
			return errors.New("must be an array of strings")
		}
		*to = append(*to, text)
	}
	return nil
}
