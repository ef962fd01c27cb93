package merge

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/gen/abnf"
)

func TestReadmeNamesEveryException(t *testing.T) {
	readme, err := os.ReadFile("../../grammar/README.md")
	require.NoError(t, err)
	folders, err := Folders(os.DirFS("../../grammar"))
	require.NoError(t, err)
	var entries []*entry
	for _, folder := range folders {
		more, err := readOverlay(os.DirFS("../../grammar/" + folder))
		require.NoError(t, err)
		require.NotEmpty(t, more)
		entries = append(entries, more...)
	}
	named := func(word string) bool { return strings.Contains(string(readme), "`"+word+"`") }
	for _, e := range entries {
		require.True(t, named(e.kind), e.kind)
		names := e.names
		for _, r := range e.rules {
			names = append(names, abnf.Key(r.Name))
		}
		for _, name := range names {
			require.True(t, named(name), "overlay.abnf:%d: %s", e.line, name)
		}
	}
}
