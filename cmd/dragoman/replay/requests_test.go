package replay

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/server/transcript"
)

// several are the commands that may take more than one JMAP request, with the
// reason: by transcript, the text that begins the command.
var several = map[string]string{}

// free are commands that the replica answers: once the mailbox is known they cause no
// JMAP request.
var free = regexp.MustCompile(`^\S+ (UID )?(FETCH \S+ \(?((UID|FLAGS|INTERNALDATE|RFC822\.SIZE) ?)+\)?|SELECT|EXAMINE|STATUS|NOOP|CHECK)\b`)

// TestOneRequestPerCommand reads the transcripts: no command takes more than one
// JMAP request, transfers aside.
func TestOneRequestPerCommand(t *testing.T) {
	files, err := Files([]string{"../../../testdata/transcripts"})
	require.NoError(t, err)
	used := map[string]bool{}
	for _, name := range files {
		file, err := transcript.Read(name)
		require.NoError(t, err)
		stem := strings.TrimSuffix(filepath.Base(name), ".txtar")
		for _, c := range file.Commands() {
			allowed := 1 + strings.Count(c.Text, "\n")
			key := stem + ": " + c.Text
			if several[key] != "" {
				used[key] = true
				continue
			}
			if n := calls(c.Requests); n > allowed {
				t.Errorf("%s line %d: %q takes %d JMAP requests: %q", name, c.Line, c.Text, n, c.Requests)
			}
			if free.MatchString(c.Text) {
				require.Empty(t, transfers(c.Requests), "%s line %d: %q", name, c.Line, c.Text)
			}
		}
	}
	for key := range several {
		require.True(t, used[key], "the exception %q is not needed", key)
	}
}

// calls counts the requests that are no uploads, downloads or fetches of the session.
func calls(requests []string) int { return len(requests) - len(transfers(requests)) }

func transfers(requests []string) []string {
	var found []string
	for _, r := range requests {
		if r == "upload" || r == "download" || r == "session" {
			found = append(found, r)
		}
	}
	return found
}
