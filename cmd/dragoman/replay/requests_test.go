package replay

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/server/transcript"
)

// free are commands that the replica answers once it knows the mailbox.
var free = regexp.MustCompile(`^\S+ (UID )?(FETCH \S+ \(?((UID|FLAGS|INTERNALDATE|RFC822\.SIZE) ?)+\)?$|SELECT |EXAMINE |STATUS |NOOP$|CHECK$)`)

// acquaintance are the requests by which the replica gets to know an account and
// a mailbox: once for each, whatever the command that came first.
var acquaintance = regexp.MustCompile(`^(Email/get Mailbox/get|Email/query Email/get)`)

// renamesInbox takes a second request: the messages can be moved when the new
// mailbox has an id.
var renamesInbox = regexp.MustCompile(`^\S+ RENAME INBOX `)

// TestOneRequestPerCommand reads the transcripts: no command takes more than one
// JMAP request, transfers (Blob/get is many downloads in one) and first acquaintance aside.
func TestOneRequestPerCommand(t *testing.T) {
	files, err := Files([]string{"../../../testdata/transcripts"})
	require.NoError(t, err)
	for _, name := range files {
		file, err := transcript.Read(name)
		require.NoError(t, err)
		for _, c := range file.Commands() {
			commands := 1 + strings.Count(c.Text, "\n")
			made := calls(c.Requests)
			if renamesInbox.MatchString(c.Text) {
				commands++
			}
			if made > commands {
				t.Errorf("%s line %d: %q takes %d JMAP requests: %q", name, c.Line, c.Text, made, c.Requests)
			}
			if commands == 1 && free.MatchString(c.Text) && made > 0 {
				t.Errorf("%s line %d: %q takes a JMAP request: %q", name, c.Line, c.Text, c.Requests)
			}
		}
	}
}

// calls counts the requests that do a command's work.
func calls(requests []string) int {
	n := 0
	for _, r := range requests {
		transfer := r == "upload" || r == "download" || r == "Blob/get" || r == "session"
		if !transfer && !acquaintance.MatchString(r) {
			n++
		}
	}
	return n
}
