package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/jmap/need"
)

// tableVersion is the Cyrus that the tables of known differences are of.
const tableVersion = "3.6."

// requireTableVersion keeps a test away from a Cyrus that has other differences.
func requireTableVersion(t *testing.T, native *peer) {
	t.Helper()
	version := ""
	for _, response := range native.ok("ID NIL").untagged {
		data, ok := response.(*imap.IDData)
		if !ok {
			continue
		}
		for _, param := range data.Params {
			if strings.EqualFold(param.Key, "version") {
				version = param.Value.Value
			}
		}
	}
	if !strings.HasPrefix(version, tableVersion) {
		need.Missing(t, "the tables of known differences are of Cyrus %sx, this is %q", tableVersion, version)
	}
}

// judge finds the reason of each difference. One without a reason fails the test, and a reason that explains more or fewer
// differences than it says. Then it shows the table.
func (d *differential) judge(t *testing.T, table []reason) {
	t.Helper()
	found := make([]int, len(table))
	verdicts := map[string]map[verdict]int{}
	var unknown []difference
	for _, diff := range d.different {
		i := slices.IndexFunc(table, func(k reason) bool { return k.fits(diff) })
		if i < 0 {
			unknown = append(unknown, diff)
			continue
		}
		found[i]++
		if verdicts[diff.group] == nil {
			verdicts[diff.group] = map[verdict]int{}
		}
		verdicts[diff.group][table[i].verdict]++
	}
	slices.SortFunc(unknown, func(a, b difference) int { return strings.Compare(a.what+a.message, b.what+b.message) })
	for _, diff := range unknown {
		t.Errorf("%s %s:\n\tgateway %.600q\n\tCyrus   %.600q", diff.what, diff.message, diff.gateway, diff.native)
	}
	for i, k := range table {
		if found[i] != k.count || k.count == 0 {
			t.Errorf("%d differences, not %d: %s (%s)", found[i], k.count, k.why, k.rfc)
		}
	}
	t.Log(d.table(table, verdicts))
}

// table is what was compared, by group, and the reasons.
func (d *differential) table(table []reason, verdicts map[string]map[verdict]int) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(cells ...any) {
		for _, cell := range cells {
			fmt.Fprintf(w, "%v\t", cell)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(&b)
	row("answers", "equal", "ours", "Cyrus's", "JMAP's", "open", "unknown", "")
	var all [7]int
	add := func(name string, count int, by map[verdict]int, different int) {
		line := [7]int{count, count - different, by[ours], by[theirs], by[jmaps], by[open], different - by[ours] - by[theirs] - by[jmaps] - by[open]}
		for i, n := range line {
			all[i] += n
		}
		row(line[0], line[1], line[2], line[3], line[4], line[5], line[6], name)
	}
	for _, group := range d.groups {
		different := 0
		for _, diff := range d.different {
			if diff.group == group {
				different++
			}
		}
		add(group, d.count[group], verdicts[group], different)
	}
	row(all[0], all[1], all[2], all[3], all[4], all[5], all[6], "all")
	_ = w.Flush()
	fmt.Fprintln(&b)
	for _, k := range table {
		fmt.Fprintf(&b, "%4d %s: %s (%s)\n", k.count, k.verdict, k.why, k.rfc)
	}
	for _, name := range d.notOffered {
		fmt.Fprintf(&b, "not offered by the gateway yet (issue 5): %s\n", name)
	}
	return b.String()
}
