package imaptest

import (
	"fmt"
	"io"
	"strings"
)

// Failure is one thing that was not as a script expects it.
type Failure struct {
	// Line is the line of what was expected, 0 when the preparation failed.
	Line int
	// CommandLine is the line of the command.
	CommandLine int
	// Number is the place of the command among the groups of the script, from 1.
	Number int
	// Command is the command as the script has it.
	Command string
	// Expected is what should have come, as the script has it.
	Expected string
	// Meaning is the same with the values of the variables, where there are any.
	Meaning string
	// Came is what came, or what happened.
	Came string
}

// Result is the outcome of one test.
type Result struct {
	Script   *Script
	Failures []Failure
	// Skipped says why the test did not run, or is empty.
	Skipped string
	// Run is how many commands of the script were sent, and Passed how many of them had the outcome that it expects.
	Run, Passed int
}

// Failed tells whether anything was not as expected.
func (r *Result) Failed() bool { return len(r.Failures) > 0 }

// Print writes the failures.
func (r *Result) Print(w io.Writer) {
	for _, f := range r.Failures {
		f.print(w, r.Script)
	}
}

func (f Failure) print(w io.Writer, s *Script) {
	if f.Line == 0 {
		fmt.Fprintf(w, "%s: preparing the test\n", s.Path)
	} else {
		fmt.Fprintf(w, "%s:%d: command %d of %d (line %d): %s\n", s.Path, f.Line, f.Number, len(s.groups), f.CommandLine, printable(f.Command))
	}
	if f.Expected != "" {
		fmt.Fprintf(w, "  expected  %s\n", printable(f.Expected))
	}
	if f.Meaning != "" && f.Meaning != f.Expected {
		fmt.Fprintf(w, "  that is   %s\n", printable(f.Meaning))
	}
	fmt.Fprintf(w, "  came      %s\n", printable(f.Came))
}

// printable keeps what a server sends from acting on a terminal, and in one line.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return -1
		case r == '\n':
			return '⏎'
		case r < ' ' || r == 0x7f:
			return '�'
		}
		return r
	}, strings.ToValidUTF8(shorten(text), "�"))
}

// Report is the outcome of all tests.
type Report struct{ Results []*Result }

// Failed is the number of tests that failed.
func (r *Report) Failed() int {
	n := 0
	for _, result := range r.Results {
		if result.Failed() {
			n++
		}
	}
	return n
}

// Skipped is the number of tests that the server has not the capabilities for, or the caller not the users.
func (r *Report) Skipped() int {
	n := 0
	for _, result := range r.Results {
		if result.Skipped != "" {
			n++
		}
	}
	return n
}

// Summary tells the numbers: of tests, and of commands that passed of those that ran, without and with a capabilities line.
func (r *Report) Summary() string {
	var base, extensions struct{ passed, run int }
	for _, result := range r.Results {
		counted := &base
		if len(result.Script.capabilities) > 0 {
			counted = &extensions
		}
		counted.passed += result.Passed
		counted.run += result.Run
	}
	return fmt.Sprintf("%d test groups: %d failed, %d skipped due to missing capabilities\n"+
		"base protocol: %d/%d individual commands passed\nextensions: %d/%d individual commands passed\n",
		len(r.Results), r.Failed(), r.Skipped(), base.passed, base.run, extensions.passed, extensions.run)
}
