package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// Exit statuses.
const (
	exitOK     = 0
	exitFailed = 1 // it was tried and did not work
	exitUsage  = 2 // it was asked for in the wrong way
)

// streams are what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// command is one of the things that the program does.
type command struct {
	name    string
	args    string // what follows the options, for the usage
	summary string // one line
	details string // further help, may be empty
	// setup adds the options to the flag set and returns what runs the command with the arguments behind them. An
	// error of that becomes a line on standard error and the exit status 1, or 2 when it is a usageError.
	setup func(flags *flag.FlagSet) func(args []string, io streams) error
}

// commands are all that there are; help and version aside.
var commands = []command{serveCommand, importCommand, probeCommand, replayCommand, imaptestCommand}

// usageError is an error of whoever wrote the command line.
type usageError string

func (e usageError) Error() string { return string(e) }

// shownError is an error that the command has told about already: the exit status that is left to give.
type shownError int

func (e shownError) Error() string { return fmt.Sprintf("failed with status %d", int(e)) }

// errShown is the usual one.
const errShown = shownError(exitFailed)

// run runs the command line and returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	io := streams{stdin, stdout, stderr}
	if len(args) == 0 {
		usage(stderr)
		return exitUsage
	}
	switch name := args[0]; name {
	case "help", "-h", "-help", "--help":
		return help(args[1:], io)
	case "version", "-version", "--version":
		if len(args) > 1 {
			return refuse(stderr, fmt.Sprintf("dragoman version: unexpected argument %s", args[1]))
		}
		fmt.Fprintln(stdout, "dragoman", version())
		return exitOK
	default:
		if c, ok := find(name); ok {
			return c.run(args[1:], io)
		}
		return refuse(stderr, fmt.Sprintf("dragoman: unknown command %q", name))
	}
}

// refuse tells what is wrong with a command line that names no command.
func refuse(stderr io.Writer, text string) int {
	fmt.Fprintf(stderr, "%s\n\n", text)
	usage(stderr)
	return exitUsage
}

// find looks for a command by its name.
func find(name string) (command, bool) {
	for _, c := range commands {
		if c.name == name {
			return c, true
		}
	}
	return command{}, false
}

func (c command) run(args []string, io streams) int {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(discard{})
	do := c.setup(flags)
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		c.usage(io.out, flags)
		return exitOK
	case err != nil:
		return c.complain(io.err, usageError(dashes(err.Error())))
	}
	return c.complain(io.err, do(flags.Args(), io))
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// dashes writes the names of options as the usage does.
func dashes(text string) string {
	text = strings.ReplaceAll(text, " -", " --")
	return strings.ReplaceAll(text, " ---", " --")
}

// complain makes the exit status of an error, and tells about it.
func (c command) complain(stderr io.Writer, err error) int {
	var usage usageError
	var shown shownError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "dragoman %s: %s\n\n%s\n\"dragoman help %s\" describes the options.\n", c.name, usage, c.synopsis(), c.name)
		return exitUsage
	case errors.As(err, &shown):
		return int(shown)
	default:
		fmt.Fprintf(stderr, "dragoman %s: %s\n", c.name, oneLine(err))
	}
	return exitFailed
}

// oneLine keeps an error to one line.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
