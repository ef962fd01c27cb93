package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/dragoman-mail/dragoman/imaptest"
)

var imaptestCommand = command{
	name:    "imaptest",
	args:    "[PATH…]",
	summary: "run ImapTest scripts against an IMAP server",
	details: `
PATH is a script or a directory of them, ours or anyone's; without one, our own scripts run. Each failing command is shown with its file
and line, with what the script expects and what came; the end is the numbers. A script whose "capabilities" the server has not is
skipped, and so is one that wants a second user when no --user2 is given.

THE MAILBOXES of the users whose names begin with "imaptest" (or what --mailbox says) ARE DELETED before each test and at
the end. Nothing else is changed, unless a script does it.

Without a password in --user, it is taken from the environment variable DRAGOMAN_PASSWORD.

The exit status is 1 when a test failed or a script could not be read.`,
	setup: func(flags *flag.FlagSet) func([]string, streams) error {
		var o imaptestOptions
		flags.StringVar(&o.server, "server", "", "test the IMAP server at `HOST:PORT`")
		flags.StringVar(&o.users[0], "user", "", "`NAME:PASSWORD` of a user, best one that was made for this")
		for i := 1; i < len(o.users); i++ {
			flags.StringVar(&o.users[i], fmt.Sprintf("user%d", i+1), "", fmt.Sprintf("`NAME:PASSWORD` of $user%d", i+1))
		}
		flags.StringVar(&o.mailbox, "mailbox", imaptest.DefaultMailbox, "`NAME` of the test mailbox, and what the others begin with")
		flags.DurationVar(&o.timeout, "timeout", imaptest.DefaultTimeout, "give each command `TIME`")
		flags.BoolVar(&o.tls, "tls", false, "speak TLS from the start")
		flags.StringVar(&o.ca, "ca", "", "trust the certificates in `FILE` (PEM) with --tls, and no others")
		flags.BoolVar(&o.trace, "verbose", false, "print all that is sent and received, passwords left out")
		return o.run
	},
}

type imaptestOptions struct {
	server, mailbox, ca string
	users               [4]string
	timeout             time.Duration
	tls, trace          bool
}

func (o *imaptestOptions) run(args []string, io streams) error {
	config, err := o.config(io)
	if err != nil {
		return err
	}
	scripts, unread := o.scripts(args)
	if unread != nil {
		fmt.Fprintln(io.err, unread)
	}
	if len(scripts) == 0 {
		return errShown
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	report, err := imaptest.Run(ctx, config, scripts)
	switch {
	case ctx.Err() != nil:
		err = errors.New("interrupted")
	case err != nil:
		return usageError(err.Error())
	}
	fmt.Fprint(io.out, report.Summary())
	if err == nil && (unread != nil || report.Failed() > 0) {
		err = errShown
	}
	return err
}

func (o *imaptestOptions) scripts(paths []string) ([]*imaptest.Script, error) {
	if len(paths) == 0 {
		return imaptest.Own()
	}
	return imaptest.Load(paths...)
}

func (o *imaptestOptions) config(io streams) (imaptest.Config, error) {
	config := imaptest.Config{
		Server: o.server, Mailbox: o.mailbox, Timeout: o.timeout, Output: io.out,
		Done: func(result *imaptest.Result) { result.Print(io.out) },
	}
	if o.trace {
		config.Trace = io.out
	}
	switch {
	case o.server == "":
		return config, usageError("--server is missing")
	case o.timeout <= 0:
		return config, usageError("--timeout is not more than 0s")
	case o.ca != "" && !o.tls:
		return config, usageError("--ca is for --tls")
	}
	var err error
	if config.Users, err = o.accounts(); err != nil || !o.tls {
		return config, err
	}
	config.TLS, err = o.tlsConfig()
	return config, err
}

// accounts are the users up to the first that is not given.
func (o *imaptestOptions) accounts() ([]imaptest.User, error) {
	var users []imaptest.User
	for i, text := range o.users {
		option := "--user"
		if i > 0 {
			option = fmt.Sprintf("--user%d", i+1)
		}
		switch {
		case text == "" && i == 0:
			return nil, usageError("--user is missing")
		case text != "" && len(users) < i:
			return nil, usageError(option + " is given, but not the user before")
		case text == "":
			continue
		}
		name, password, found := strings.Cut(text, ":")
		if !found {
			password = os.Getenv("DRAGOMAN_PASSWORD")
		}
		if name == "" || password == "" {
			return nil, usageError(option + " should be NAME:PASSWORD; DRAGOMAN_PASSWORD is not set")
		}
		users = append(users, imaptest.User{Name: name, Password: password})
	}
	return users, nil
}

func (o *imaptestOptions) tlsConfig() (*tls.Config, error) {
	if o.ca == "" {
		return &tls.Config{}, nil
	}
	certificates, err := os.ReadFile(o.ca)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(certificates) {
		return nil, usageError("--ca: there is no certificate in " + o.ca)
	}
	return &tls.Config{RootCAs: pool}, nil
}
