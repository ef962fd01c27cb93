package main

import (
	"context"
	"flag"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

var serveCommand = command{
	name:    "serve",
	summary: "serve IMAP over a JMAP server, or over the embedded mail store",
	details: `
Without --jmap-url mail lives in an embedded JMAP store in the data directory. When that has no account yet and no
--user is given, it gets an account "demo" with the password "demo" and sample mail.

It prints "ready" when clients can connect, and ends on SIGTERM or SIGINT after it has said BYE to them.

--config names a TOML file with the same names as the options; options on the command line go before it:

    data = "/var/lib/dragoman"
    imaps = "0.0.0.0:993"
    user = ["ann:secret", "bob:secret"]

--jmap-url is the URL of the server's session resource, or its host, or the bare domain of its users ("example.org"), whose SRV records
are then looked up. It may be repeated, or be an array in the file, when several endpoints serve the same accounts: the next one
is used while one cannot be reached. In the store of UIDs the server goes by the URL that was the first at its first start, or
by --jmap-name. When its URLs change altogether, give it its old name, or all UIDs are new and clients load all mail again.

The file may have a table for each further JMAP server. Who logs in with a name in one of its domains is a user of
that server; all others are users of the one that says "default = true" or that --jmap-url names, if there is one:

    [[backend]]
    domains = ["example.org"]                      # what follows the last @ of the login name
    jmap-urls = ["https://a.example.org", "https://b.example.org"]
    trusted-hosts = ["cdn.example.net"]            # same-origin, ca, cert and key are as --same-origin, --jmap-ca, …
    name = "example"                               # in the store of UIDs, as --jmap-name`,
	setup: func(flags *flag.FlagSet) func([]string, streams) error {
		var o serveOptions
		flags.StringVar(&o.config, "config", "", "read options from a TOML `FILE`")
		flags.StringVar(&o.data, "data", "dragoman-data", "keep mail, UIDs and the certificate in `DIR`")
		flags.StringVar(&o.imap, "imap", "127.0.0.1:1143", "serve IMAP (with STARTTLS) on `ADDR`, empty for not at all")
		flags.StringVar(&o.imaps, "imaps", "127.0.0.1:1993", "serve IMAP over TLS on `ADDR`, empty for not at all")
		flags.Var(&o.urls, "jmap-url", "`URL` of the JMAP server's session resource, its host or its domain; may be repeated (default: the embedded store)")
		flags.StringVar(&o.jmapName, "jmap-name", "", "`NAME` of the JMAP server in the store of UIDs (default: its first URL at its first start)")
		flags.StringVar(&o.jmapListen, "jmap-listen", "", "also serve JMAP of the embedded store over HTTP on `ADDR`")
		flags.StringVar(&o.metrics, "metrics", "", "serve Prometheus metrics at /metrics on `ADDR`")
		flags.Var(&o.users, "user", "make the embedded account `NAME:PASSWORD`, or give it that password; may be repeated")
		o.remote.flags(flags)
		flags.BoolVar(&o.cleartext, "allow-cleartext", false, "allow passwords without TLS from everywhere, not only from this machine")
		flags.StringVar(&o.tlsCertificate, "tls-cert", "", "PEM `FILE` with the TLS certificate (default: a self-signed one in the data directory)")
		flags.StringVar(&o.tlsKey, "tls-key", "", "PEM `FILE` with the key of the TLS certificate")
		return func(args []string, io streams) error {
			if err := o.check(flags, args); err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			context.AfterFunc(ctx, stop) // a second signal ends the program at once
			return serve(ctx, &o, io)
		}
	},
}

type serveOptions struct {
	remote                    // the server of users who have no table
	tables                    []*backendTable
	config, data, imap, imaps string
	jmapName                  string
	jmapListen, metrics       string
	users                     list
	cleartext                 bool
	tlsCertificate, tlsKey    string
	hashIterations            int // of new passwords in the embedded store; zero means its default
}

// check reads the configuration file and refuses what cannot be meant.
func (o *serveOptions) check(flags *flag.FlagSet, args []string) error {
	if len(args) > 0 {
		return usageError("unexpected argument " + args[0])
	}
	if o.config != "" {
		var err error
		if o.tables, err = readConfig(o.config, flags); err != nil {
			return err
		}
	}
	remote := o.first() != "" || len(o.tables) > 0
	switch {
	case o.imap == "" && o.imaps == "":
		return usageError("neither --imap nor --imaps has an address")
	case o.data == "":
		return usageError("--data is empty")
	case remote && len(o.users.values) > 0:
		return usageError("--user makes embedded accounts, but the mail is on another server")
	case remote && o.jmapListen != "":
		return usageError("--jmap-listen serves the embedded store, but the mail is on another server")
	case o.jmapName != "" && o.first() == "":
		return usageError("--jmap-name is about another server, but there is no --jmap-url")
	case o.orphan() != "":
		return usageError(o.orphan() + " is about another server, but there is no --jmap-url")
	case o.first() != "" && slices.ContainsFunc(o.tables, func(t *backendTable) bool { return t.fallback }):
		return usageError("--jmap-url names the server of all other users, and so does a backend with default = true in " + o.config)
	case slices.ContainsFunc(o.tables, func(t *backendTable) bool { return o.namesake(t) }):
		return usageError("a backend in " + o.config + " has the name of the server of --jmap-url")
	case (o.tlsCertificate == "") != (o.tlsKey == ""):
		return usageError("--tls-cert and --tls-key go together")
	}
	for _, user := range o.users.values {
		if name, password, ok := strings.Cut(user, ":"); !ok || name == "" || password == "" {
			return usageError("--user is not of the form NAME:PASSWORD")
		}
	}
	return nil
}

// namesake reports whether the store might take a table's server for the one of --jmap-url.
func (o *serveOptions) namesake(t *backendTable) bool {
	return slices.ContainsFunc(namesOf(o.jmapName, &o.remote), func(name string) bool { return slices.Contains(t.labels(), name) })
}

// serve runs until ctx ends or a listener fails.
func serve(ctx context.Context, o *serveOptions, io streams) (err error) {
	s, err := newStack(ctx, o, io)
	if err != nil {
		return err
	}
	failed := s.start()
	s.greet(o, io.out)
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	if stopped := s.stop(); err == nil {
		err = stopped
	}
	return err
}
