package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/dragoman-mail/dragoman/cmd/dragoman/probe"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
)

var probeCommand = command{
	name:    "probe",
	summary: "check whether a JMAP server has what the gateway needs",
	details: `
Each check is a line: ok, missing, broken or skipped, what was checked, what was found, and what a failure means for IMAP users.
With --json there is one object in their place.

It works in two mailboxes of its own with random names ("dragoman-probe-…"), into which it puts a message. They
are removed at the end, after a failure or an interrupt as well. Nothing else of the user's is changed.

Without a password in --user, it is taken from the environment variable DRAGOMAN_PASSWORD.

The exit status is 0 when all is well or only something optional is missing, 1 when something works worse or the probe was interrupted, and 2
when the gateway cannot work there.`,
	setup: func(flags *flag.FlagSet) func([]string, streams) error {
		var o probeOptions
		flags.Var(&o.urls, "jmap-url", "`URL` of the JMAP server's session resource, its host or its domain")
		flags.StringVar(&o.user, "user", "", "`NAME:PASSWORD` of a user, best one that was made for this")
		flags.BoolVar(&o.json, "json", false, "print one JSON object")
		flags.DurationVar(&o.timeout, "timeout", probe.DefaultTimeout, "give each check `TIME`")
		flags.DurationVar(&o.pushWait, "push-wait", probe.DefaultPushWait, "wait `TIME` for the event that tells of a change; Cyrus may need 60s")
		o.remote.flags(flags)
		return o.run
	},
}

type probeOptions struct {
	remote
	user              string
	json              bool
	timeout, pushWait time.Duration
}

func (o *probeOptions) run(args []string, io streams) error {
	credentials, err := o.check(args)
	if err != nil {
		return err
	}
	config, err := o.config("dragoman-probe")
	if err != nil {
		return err
	}
	// A second signal changes nothing: what was made on the server is being removed, and that takes a bounded time. A pipe or a
	// terminal that is gone must not end the program before that, either.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	signal.Ignore(syscall.SIGPIPE) // not to be waited for: connections of the JMAP server that are gone raise it, too
	defer signal.Reset(syscall.SIGPIPE)
	options := probe.Options{
		Config: config, Credentials: credentials, Timeout: o.timeout, PushWait: o.pushWait,
	}
	if !o.json {
		options.Done = func(c probe.Check) { c.Print(io.out) }
	}
	report, err := probe.Run(ctx, options)
	if err != nil {
		return usageError("--jmap-url: " + err.Error())
	}
	return o.finish(ctx, report, io)
}

func (o *probeOptions) finish(ctx context.Context, report *probe.Report, io streams) error {
	if o.json {
		encoder := json.NewEncoder(io.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(report); err != nil {
			return err
		}
	} else if _, err := io.out.Write([]byte(report.Summary() + "\n")); err != nil {
		return err
	}
	switch status := report.ExitStatus(); {
	case status != exitOK:
		return shownError(status)
	case ctx.Err() != nil:
		return errors.New("interrupted")
	}
	return nil
}

func (o *probeOptions) check(args []string) (jmapclient.Credentials, error) {
	credentials, err := namedUser(o.first(), o.user)
	if err != nil {
		return credentials, err
	}
	switch {
	case o.timeout <= 0:
		return jmapclient.Credentials{}, usageError("--timeout is not more than 0s")
	case o.pushWait <= 0:
		return jmapclient.Credentials{}, usageError("--push-wait is not more than 0s")
	case len(args) > 0:
		return jmapclient.Credentials{}, usageError("unexpected argument " + args[0])
	}
	return credentials, nil
}
