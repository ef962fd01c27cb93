package importer

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestJournalOverwritesNoOtherFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.mbox")
	for _, text := range []string{"From a", "From a\n\nx\n"} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		for _, restart := range []bool{false, true} {
			_, err := OpenJournal(path, "me", restart)
			require.ErrorContains(t, err, path)
			left, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, text, string(left))
		}
	}
	require.NoError(t, os.WriteFile(path, []byte(`{"imp`), 0o600))
	j, err := OpenJournal(path, "me", false)
	require.NoError(t, err, "a run died as it began")
	require.NoError(t, j.Close())
	j, err = OpenJournal(path, "somebody else", true)
	require.NoError(t, err)
	require.NoError(t, j.Close())
}
