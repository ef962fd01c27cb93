package replay

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/jmap/cyrustest"
	"github.com/dragoman-mail/dragoman/server/servertest"
	"github.com/dragoman-mail/dragoman/server/transcript"
)

var update = flag.Bool("update", false, "write the list of what differs over Cyrus, and docs/requests.md")

// cyrusDifferences is what is known to differ over Cyrus, with reasons.
const cyrusDifferences = "../../../testdata/transcripts/cyrus.differences"

func TestMain(m *testing.M) { os.Exit(cyrustest.Main(m)) }

// Every transcript runs over Cyrus as well. What differs is listed, and what is listed differs.
func TestGoldenTranscriptsOverCyrus(t *testing.T) {
	cyrus := cyrustest.Start(t)
	known, err := transcript.ReadKnown(cyrusDifferences)
	require.NoError(t, err)
	files, err := Files([]string{"../../../testdata/transcripts"})
	require.NoError(t, err)
	var names []string // of those that were not left out with -run
	var mu sync.Mutex
	t.Run("transcripts", func(t *testing.T) {
		for _, path := range files {
			name := strings.TrimSuffix(filepath.Base(path), ".txtar")
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				check := func() error {
					found := differencesOverCyrus(t, cyrus, path)
					mu.Lock()
					defer mu.Unlock()
					if *update {
						known.Replace(name, found)
					}
					return known.Check(name, found)
				}
				err := check()
				for try := 1; err != nil && try < idleTries && idles(t, path); try++ {
					err = check()
				}
				require.NoError(t, err)
				mu.Lock()
				defer mu.Unlock()
				names = append(names, name)
			})
		}
	})
	if *update {
		require.NoError(t, known.Write())
	}
	if len(names) == len(files) {
		require.NoError(t, known.Finish(names))
	}
}

// idleTries is how often a transcript with IDLE is run at most. Without push an IDLE looks for changes at a time of its own; where it looks
// between the upload and the import of another connection's APPEND, which both change the state of a Cyrus account, that one asks once more.
const idleTries = 4

func idles(t *testing.T, path string) bool {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return strings.Contains(string(text), " IDLE\n")
}

// differencesOverCyrus runs a transcript in an account of its own.
func differencesOverCyrus(t *testing.T, cyrus *cyrustest.Server, path string) []transcript.Difference {
	file, err := transcript.Read(path)
	require.NoError(t, err)
	people := append([][2]string{{demo.User, demo.Password}}, file.Users...)
	backend := &servertest.Backend{URL: cyrus.URL, Accounts: map[string]servertest.Account{}}
	for _, p := range people {
		backend.Accounts[p[0]] = servertest.Account{Password: p[1], Credentials: cyrus.User(t).Credentials}
	}
	target, err := Fresh(t.Context(), t, file, Options{Backend: backend})
	require.NoError(t, err)
	found, err := file.Differences(t.Context(), target)
	require.NoError(t, err)
	return found
}
