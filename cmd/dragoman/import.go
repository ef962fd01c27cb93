package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/dragoman-mail/dragoman/cmd/dragoman/importer"
	"github.com/dragoman-mail/dragoman/cmd/dragoman/mailfile"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
)

var importCommand = command{
	name:    "import",
	args:    "PATH…",
	summary: "bring mbox files, Maildirs and .eml files into a JMAP server",
	details: `
PATH is an mbox file, a message, a Maildir, or a directory that is searched for those. Messages go to the Inbox or to the
mailbox given; the subfolders of a Maildir become mailboxes. Flags are kept, and so is every octet of a
message; from mbox files the quoting of "From " lines is taken away.

An import that was interrupted goes on where it stopped when it is run again with the same paths, user and mailbox:
a journal remembers what the server has. Messages that the journal has are not imported twice. --restart
forgets the journal.

Without a password in --user, it is taken from the environment variable DRAGOMAN_PASSWORD.

The exit status is 1 when something could not be imported.`,
	setup: func(flags *flag.FlagSet) func([]string, streams) error {
		var o importOptions
		flags.Var(&o.urls, "jmap-url", "`URL` of the JMAP server's session resource, its host or its domain")
		flags.StringVar(&o.user, "user", "", "`NAME:PASSWORD` of the user whose mail it becomes")
		flags.StringVar(&o.mailbox, "mailbox", "", "import into mailbox `NAME`, such as Archive/2019, made when missing (default: the Inbox)")
		flags.BoolVar(&o.crlf, "crlf", false, "end lines in CR LF, for servers that refuse messages with bare LF (Cyrus)")
		flags.StringVar(&o.quoting, "mbox-format", "mboxrd", "`FORMAT` of mbox files, mboxrd or mboxo: how their lines with \"From \" are quoted")
		flags.BoolVar(&o.deleted, "deleted", false, "import messages that are marked as deleted, too")
		flags.StringVar(&o.state, "state", "", "keep the journal in `FILE` (default: one for each import in the user's state directory)")
		flags.BoolVar(&o.restart, "restart", false, "forget what the journal has")
		flags.DurationVar(&o.patience, "patience", importer.DefaultPatience, "go on for `TIME` while the server is away or busy")
		o.remote.flags(flags)
		return o.run
	},
}

type importOptions struct {
	remote
	user, mailbox, quoting, state string
	crlf, deleted, restart        bool
	patience                      time.Duration
}

func (o *importOptions) run(args []string, io streams) error {
	credentials, err := o.check(args)
	if err != nil {
		return err
	}
	quoting, err := mailfile.ParseQuoting(o.quoting)
	if err != nil {
		return usageError("--mbox-format: " + err.Error())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	config, err := o.config("dragoman-import")
	if err != nil {
		return err
	}
	client, err := jmapclient.New(config)
	if err != nil {
		return usageError("--jmap-url: " + err.Error())
	}
	session, err := client.Login(ctx, credentials)
	if err != nil {
		return err
	}
	identity, err := o.identity(session, args)
	if err != nil {
		return err
	}
	journal, err := o.openJournal(identity)
	if err != nil {
		return err
	}
	defer journal.Close()
	bar := newProgress(io.err, mailfile.Size(args))
	summary, err := importer.Run(ctx, importer.Options{
		Session: session, Journal: journal, Mailbox: o.mailbox, Deleted: o.deleted, Patience: o.patience,
		Progress: bar.add, Notice: bar.notice,
	}, mailfile.Options{Quoting: quoting, CRLF: o.crlf}, args)
	bar.finish()
	summary.Print(io.out)
	return outcome(ctx, summary, err)
}

func (o *importOptions) check(args []string) (jmapclient.Credentials, error) {
	credentials, err := namedUser(o.first(), o.user)
	if err != nil {
		return credentials, err
	}
	switch {
	case len(args) == 0:
		return jmapclient.Credentials{}, usageError("say what to import: PATH…")
	case o.patience <= 0:
		return jmapclient.Credentials{}, usageError("--patience is not more than 0s")
	}
	return credentials, nil
}

// identity says what is imported to where. The address of the server is not part of it: servers move.
func (o *importOptions) identity(session *jmapclient.Session, paths []string) (string, error) {
	account, ok := session.MailAccount()
	if !ok {
		return "", errors.New("the user has no mail account on this server")
	}
	parts := []string{"user " + session.Info().Username, "account " + string(account), "mailbox " + o.mailbox}
	if o.crlf {
		parts = append(parts, "crlf")
	}
	for _, path := range paths {
		absolute, err := filepath.Abs(path)
		if err != nil {
			return "", err
		}
		parts = append(parts, absolute)
	}
	return strings.Join(parts, ", "), nil
}

func (o *importOptions) openJournal(identity string) (*importer.Journal, error) {
	path := o.state
	if path == "" {
		dir, err := stateDir()
		if err != nil {
			return nil, fmt.Errorf("no place for the journal, name one with --state: %w", err)
		}
		sum := sha256.Sum256([]byte(identity))
		path = filepath.Join(dir, "dragoman", "import", hex.EncodeToString(sum[:12])+".journal")
	}
	return importer.OpenJournal(path, identity, o.restart)
}

// stateDir follows the XDG Base Directory Specification.
func stateDir() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "state"), err
}

// outcome decides how the import ended.
func outcome(ctx context.Context, summary *importer.Summary, err error) error {
	switch {
	case err != nil && ctx.Err() != nil:
		return errors.New("interrupted; run it again to go on")
	case err != nil:
		return fmt.Errorf("%w; run it again to go on", err)
	case summary.Failed.Count > 0:
		return errShown
	}
	return nil
}
