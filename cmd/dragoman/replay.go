package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/dragoman-mail/dragoman/cmd/dragoman/replay"
	"github.com/dragoman-mail/dragoman/server"
	"github.com/dragoman-mail/dragoman/server/transcript"
)

var replayCommand = command{
	name:    "replay",
	args:    "PATH…",
	summary: "run golden transcripts and compare",
	details: `
PATH is a transcript (*.txtar) or a directory of them. Each runs against a fresh server over an embedded store, or
all of them run against the server that --server names; the JMAP requests that it makes are not known then and
not compared.

The exit status is 1 when a transcript differs.`,
	setup: func(flags *flag.FlagSet) func([]string, streams) error {
		var o replayOptions
		flags.BoolVar(&o.update, "update", false, "rewrite the transcripts with what the server answers")
		flags.StringVar(&o.server, "server", "", "run against the IMAP server at `HOST:PORT`")
		flags.BoolVar(&o.verbose, "verbose", false, "print the JMAP requests with their bodies")
		return o.run
	},
}

type replayOptions struct {
	update, verbose bool
	server          string
}

func (o *replayOptions) run(args []string, io streams) error {
	switch {
	case len(args) == 0:
		return usageError("say what to replay: PATH…")
	case o.verbose && o.server != "":
		return usageError("--verbose shows the JMAP requests of a fresh server; those of --server are not known")
	}
	files, err := replay.Files(args)
	if err != nil {
		return err
	}
	failed := 0
	for _, name := range files {
		if err := o.one(name, io); err != nil {
			failed++
			fmt.Fprintln(io.out, err)
		}
	}
	fmt.Fprintf(io.out, "%d transcripts: %d failed\n", len(files), failed)
	if failed > 0 {
		return errShown
	}
	return nil
}

func (o *replayOptions) one(name string, io streams) (err error) {
	file, err := transcript.Read(name)
	if err != nil {
		return err
	}
	host := &host{}
	defer func() { err = errors.Join(err, host.close()) }()
	ctx := context.Background()
	target, err := o.target(ctx, host, file, io)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if !o.update {
		return file.Check(ctx, target)
	}
	changed, err := file.Update(ctx, target)
	if changed {
		fmt.Fprintln(io.out, "updated", name)
	}
	return err
}

func (o *replayOptions) target(ctx context.Context, h *host, file *transcript.File, io streams) (target transcript.Target, err error) {
	if o.server != "" {
		return replay.Running(o.server), nil
	}
	var observe func(server.Observation)
	if o.verbose {
		observe = func(seen server.Observation) { show(io, seen) }
	}
	defer h.recover(&err)
	return replay.Fresh(ctx, h, file, replay.Options{Observe: observe})
}

// show prints the JMAP exchanges of a command.
func show(io streams, seen server.Observation) {
	for _, exchange := range seen.Exchanges {
		fmt.Fprintf(io.out, "%s: %s %v\n", seen.Command, exchange.Kind, exchange.Methods)
		if len(exchange.Request) > 0 {
			fmt.Fprintf(io.out, "  request  %s\n  response %s\n", exchange.Request, exchange.Response)
		}
	}
}

// host is what a test is to servertest: it cleans up, and takes note of what goes wrong.
type host struct {
	cleanups []func()
	faults   []error
}

// fatal is the panic that ends what the host has begun.
type fatal struct{ error }

func (h *host) Helper()           {}
func (h *host) Cleanup(do func()) { h.cleanups = append(h.cleanups, do) }

func (h *host) TempDir() string {
	dir, err := os.MkdirTemp("", "dragoman-replay-*")
	if err != nil {
		h.Fatalf("%v", err)
	}
	h.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func (h *host) Errorf(format string, args ...any) {
	h.faults = append(h.faults, fmt.Errorf(format, args...))
}

func (h *host) Fatalf(format string, args ...any) { panic(fatal{fmt.Errorf(format, args...)}) }

// recover turns a Fatalf into an error.
func (h *host) recover(err *error) {
	switch cause := recover().(type) {
	case nil:
	case fatal:
		*err = cause.error
	default:
		panic(cause)
	}
}

// close cleans up, last things first, and gives what went wrong meanwhile.
func (h *host) close() error {
	for len(h.cleanups) > 0 {
		last := h.cleanups[len(h.cleanups)-1]
		h.cleanups = h.cleanups[:len(h.cleanups)-1]
		h.faults = append(h.faults, h.attempt(last))
	}
	return errors.Join(h.faults...)
}

func (h *host) attempt(do func()) (err error) {
	defer h.recover(&err)
	do()
	return nil
}
