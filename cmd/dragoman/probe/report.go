// Package probe checks a JMAP server for everything that the gateway asks of one.
package probe

import (
	"fmt"
	"io"
	"slices"
)

// Status says how a check came out.
type Status string

// The outcomes of a check.
const (
	OK      Status = "ok"
	Missing Status = "missing" // the server does not have it
	Broken  Status = "broken"  // the server has it, and it does something else
	Skipped Status = "skipped" // there was no way to check it
)

// Severity says what an outcome means for the gateway.
type Severity string

// The severities, from harmless to hopeless.
const (
	None     Severity = "none"
	Optional Severity = "optional" // the gateway does as well without, or nearly
	Degraded Severity = "degraded" // something works worse for IMAP users
	Fatal    Severity = "fatal"    // the gateway cannot work there
)

var severities = []Severity{None, Optional, Degraded, Fatal}

// Check is one thing that was looked at.
type Check struct {
	Name     string   `json:"name"`
	Status   Status   `json:"status"`
	Severity Severity `json:"severity"`
	Detail   string   `json:"detail"`  // what was found
	Meaning  string   `json:"meaning"` // what that means for IMAP users; empty when all is well
}

// Print writes the check as one line.
func (c Check) Print(w io.Writer) {
	fmt.Fprintf(w, "%-8s %-28s %s", c.Status, c.Name, c.Detail)
	if c.Meaning != "" {
		fmt.Fprintf(w, " => %s: %s", c.Severity, c.Meaning)
	}
	fmt.Fprintln(w)
}

// Report is what all checks found.
type Report struct {
	Severity Severity `json:"severity"` // the worst of all checks
	Checks   []Check  `json:"checks"`
}

func (r *Report) add(c Check) {
	r.Checks = append(r.Checks, c)
	if r.Severity == "" || slices.Index(severities, c.Severity) > slices.Index(severities, r.Severity) {
		r.Severity = c.Severity
	}
}

// ExitStatus is 0 when nothing or only something optional is missing, 1 when something works worse, 2 when the gateway cannot work.
func (r *Report) ExitStatus() int {
	switch r.Severity {
	case Fatal:
		return 2
	case Degraded:
		return 1
	}
	return 0
}

// Summary says in one line how it went.
func (r *Report) Summary() string {
	count := map[Status]int{}
	for _, c := range r.Checks {
		count[c.Status]++
	}
	text := map[Severity]string{
		Degraded: "the gateway works there, some of it worse",
		Fatal:    "the gateway cannot work there",
	}[r.Severity]
	switch {
	case text != "":
	case count[Skipped] > 0:
		text = "nothing in the way of the gateway was found, but not all was checked"
	default:
		text = "the gateway works there"
	}
	return fmt.Sprintf("%d ok, %d missing, %d broken, %d skipped: %s",
		count[OK], count[Missing], count[Broken], count[Skipped], text)
}
