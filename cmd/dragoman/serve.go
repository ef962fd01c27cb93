package main

import (
	"context"
	"flag"
	"os"
	"os/signal"
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
    user = ["ann:secret", "bob:secret"]`,
	setup: func(flags *flag.FlagSet) func([]string, streams) error {
		var o serveOptions
		flags.StringVar(&o.config, "config", "", "read options from a TOML `FILE`")
		flags.StringVar(&o.data, "data", "dragoman-data", "keep mail, UIDs and the certificate in `DIR`")
		flags.StringVar(&o.imap, "imap", "127.0.0.1:1143", "serve IMAP (with STARTTLS) on `ADDR`, empty for not at all")
		flags.StringVar(&o.imaps, "imaps", "127.0.0.1:1993", "serve IMAP over TLS on `ADDR`, empty for not at all")
		flags.StringVar(&o.jmapURL, "jmap-url", "", "`URL` of the JMAP server's session resource, or its host (default: the embedded store)")
		flags.StringVar(&o.jmapListen, "jmap-listen", "", "also serve JMAP of the embedded store over HTTP on `ADDR`")
		flags.StringVar(&o.metrics, "metrics", "", "serve Prometheus metrics at /metrics on `ADDR`")
		flags.Var(&o.users, "user", "make the embedded account `NAME:PASSWORD`, or give it that password; may be repeated")
		flags.Var(&o.trusted, "trusted-host", "further `HOST` that may see passwords, when the JMAP server's URLs lead there; may be repeated")
		flags.BoolVar(&o.sameOrigin, "same-origin", false, "for a JMAP server that does not know its public name: keep to the host of --jmap-url")
		flags.BoolVar(&o.cleartext, "allow-cleartext", false, "allow passwords without TLS from everywhere, not only from this machine")
		flags.StringVar(&o.certificate, "tls-cert", "", "PEM `FILE` with the TLS certificate (default: a self-signed one in the data directory)")
		flags.StringVar(&o.key, "tls-key", "", "PEM `FILE` with the key of the TLS certificate")
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
	config, data, imap, imaps    string
	jmapURL, jmapListen, metrics string
	users, trusted               list
	sameOrigin, cleartext        bool
	certificate, key             string
	hashIterations               int // of new passwords in the embedded store; zero means its default
}

// check reads the configuration file and refuses what cannot be meant.
func (o *serveOptions) check(flags *flag.FlagSet, args []string) error {
	if len(args) > 0 {
		return usageError("unexpected argument " + args[0])
	}
	if o.config != "" {
		if err := readConfig(o.config, flags); err != nil {
			return err
		}
	}
	remote := o.jmapURL != ""
	switch {
	case o.imap == "" && o.imaps == "":
		return usageError("neither --imap nor --imaps has an address")
	case o.data == "":
		return usageError("--data is empty")
	case remote && len(o.users.values) > 0:
		return usageError("--user makes embedded accounts, but --jmap-url names another server")
	case remote && o.jmapListen != "":
		return usageError("--jmap-listen serves the embedded store, but --jmap-url names another server")
	case !remote && len(o.trusted.values) > 0:
		return usageError("--trusted-host is about another server, but there is no --jmap-url")
	case !remote && o.sameOrigin:
		return usageError("--same-origin is about another server, but there is no --jmap-url")
	case (o.certificate == "") != (o.key == ""):
		return usageError("--tls-cert and --tls-key go together")
	}
	for _, user := range o.users.values {
		if name, password, ok := strings.Cut(user, ":"); !ok || name == "" || password == "" {
			return usageError("--user is not of the form NAME:PASSWORD")
		}
	}
	return nil
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
