package merge

import (
	"fmt"
	"slices"
	"strings"
)

// Report says what the merge and the lowering have done.
type Report struct {
	Files      []FileReport
	Rules      int      // rules of the merged grammar that can be reached
	Contained  int      // alternatives left out because another takes them in
	Unions     []string // rules whose alternatives come from more than one definition
	Overridden []string
	Attached   []string
	Dropped    []string
	Named      []string
	Rewritten  []string // left recursion
	Reordered  []string
	Guarded    []string
	NonGreedy  []string
	Gated      []string // "CAPABILITY…: rule"
}

// union notes a rule once.
func (r *Report) union(rule string) {
	if !slices.Contains(r.Unions, rule) {
		r.Unions = append(r.Unions, rule)
	}
}

// FileReport counts the rules of one file.
type FileReport struct {
	File  string
	RFC   int
	Rules int
}

// String returns the report as lines of text.
func (r *Report) String() string {
	var b strings.Builder
	for _, f := range r.Files {
		fmt.Fprintf(&b, "%-14s %4d rules\n", f.File, f.Rules)
	}
	fmt.Fprintf(&b, "merged         %4d rules, %d alternatives taken in by others\n", r.Rules, r.Contained)
	for _, l := range []struct {
		title string
		names []string
	}{
		{"unions", r.Unions}, {"overridden", r.Overridden}, {"attached", r.Attached}, {"dropped", r.Dropped},
		{"named", r.Named}, {"left recursion", r.Rewritten}, {"reordered", r.Reordered},
		{"guarded", r.Guarded}, {"non-greedy", r.NonGreedy}, {"gated", r.Gated},
	} {
		fmt.Fprintf(&b, "%-14s %4d\n", l.title, len(l.names))
		for _, n := range l.names {
			fmt.Fprintf(&b, "    %s\n", n)
		}
	}
	return b.String()
}
