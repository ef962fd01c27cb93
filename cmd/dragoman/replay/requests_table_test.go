package replay

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/server/transcript"
)

const requestsDoc = "../../../docs/requests.md"

const requestsIntro = `# JMAP requests per IMAP command

Counted in the golden transcripts, over the embedded store, which pushes, and over Debian's Cyrus, which does not, so that what needs the
newest state asks for it. Each figure is min / median / max over all times that the transcripts have the command. The first
look at an account and at a mailbox is in it, and takes a request of its own each; uploads, downloads and Blob/get are counted apart. What was pipelined, or
answered with BAD, is left out.

This file is written by "go test ./cmd/dragoman/replay -update".

| command | times | requests, embedded | requests, Cyrus | transfers, embedded | transfers, Cyrus |
|---|---|---|---|---|---|
`

// tally is how many requests and transfers each of some commands took.
type tally struct{ requests, transfers []int }

func (t *tally) add(requests []string) {
	moved := 0
	for _, r := range requests {
		if r == "upload" || r == "download" || r == "Blob/get" {
			moved++
		}
	}
	t.requests = append(t.requests, len(requests)-moved)
	t.transfers = append(t.transfers, moved)
}

func spread(counts []int) string {
	counts = slices.Sorted(slices.Values(counts))
	if counts[len(counts)-1] == 0 {
		return "0"
	}
	return fmt.Sprintf("%d / %d / %d", counts[0], counts[len(counts)/2], counts[len(counts)-1])
}

var commandName = regexp.MustCompile(`^\S+ ((?:UID )?[A-Z]+)(?: |$)`)

// nameOf is the name of the one command in a text; "" for several, for the rest of one that a literal cut in two, and for what is none.
func nameOf(text string) string {
	first, rest, more := strings.Cut(strings.ToUpper(text), "\n")
	found := commandName.FindStringSubmatch(first)
	if found == nil || more && !strings.HasSuffix(first, "+}") || more && strings.Contains(rest, "\n") {
		return ""
	}
	return found[1]
}

// TestRequestsAreDocumented holds docs/requests.md against the transcripts and what is known of Cyrus.
func TestRequestsAreDocumented(t *testing.T) {
	known, err := transcript.ReadKnown(cyrusDifferences)
	require.NoError(t, err)
	files, err := Files([]string{"../../../testdata/transcripts"})
	require.NoError(t, err)
	nothing, err := transcript.ParseKnown("", nil)
	require.NoError(t, err)
	embedded, cyrus := map[string]*tally{}, map[string]*tally{}
	for _, path := range files {
		file, err := transcript.Read(path)
		require.NoError(t, err)
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		count(embedded, file.CommandsOver(nothing, name))
		count(cyrus, file.CommandsOver(known, name))
	}
	var b strings.Builder
	b.WriteString(requestsIntro)
	for _, command := range slices.Sorted(maps.Keys(embedded)) {
		e, c := embedded[command], cyrus[command]
		fmt.Fprintf(&b, "| %s | %d | %s | %s | %s | %s |\n", command, len(e.requests),
			spread(e.requests), spread(c.requests), spread(e.transfers), spread(c.transfers))
	}
	t.Log("\n" + b.String())
	if *update {
		require.NoError(t, os.WriteFile(requestsDoc, []byte(b.String()), 0o644))
	}
	written, err := os.ReadFile(requestsDoc)
	require.NoError(t, err)
	require.Equal(t, b.String(), string(written), "docs/requests.md is stale; it says how it is written")
}

func count(tallies map[string]*tally, commands []transcript.Command) {
	for _, c := range commands {
		name := nameOf(c.Text)
		if name == "" || c.Bad {
			continue
		}
		if tallies[name] == nil {
			tallies[name] = &tally{}
		}
		tallies[name].add(c.Requests)
	}
}
