package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// usage lists the commands.
func usage(w io.Writer) {
	fmt.Fprint(w, "Dragoman is an IMAP server in front of a JMAP server.\n\nusage: dragoman COMMAND [OPTIONS] [ARGUMENTS]\n\n")
	for _, c := range commands {
		fmt.Fprintf(w, "  %-9s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, "  help      describe a command: dragoman help COMMAND\n  version   print the version\n")
}

func help(args []string, io streams) int {
	switch {
	case len(args) == 0 || len(args) == 1 && (args[0] == "help" || args[0] == "version"):
		usage(io.out)
		return exitOK
	case len(args) > 1:
		return refuse(io.err, fmt.Sprintf("dragoman help: unexpected argument %s", args[1]))
	}
	c, ok := find(args[0])
	if !ok {
		return refuse(io.err, fmt.Sprintf("dragoman help: unknown command %q", args[0]))
	}
	return c.run([]string{"-h"}, io)
}

// synopsis is the line that shows how to write a command.
func (c command) synopsis() string {
	return strings.TrimSpace("usage: dragoman " + c.name + " [OPTIONS] " + c.args)
}

// usage describes a command and its options.
func (c command) usage(w io.Writer, flags *flag.FlagSet) {
	fmt.Fprintf(w, "%s\n\n%s\n", c.synopsis(), strings.ToUpper(c.summary[:1])+c.summary[1:]+".")
	if c.details != "" {
		fmt.Fprintf(w, "\n%s\n", strings.TrimSpace(c.details))
	}
	fmt.Fprint(w, "\nOptions:\n")
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	flags.VisitAll(func(f *flag.Flag) {
		value, text := flag.UnquoteUsage(f)
		fmt.Fprintf(table, "  --%s\t%s", strings.TrimSpace(f.Name+" "+value), text)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0s" {
			fmt.Fprintf(table, " (default %s)", f.DefValue)
		}
		fmt.Fprintln(table)
	})
	table.Flush()
}
