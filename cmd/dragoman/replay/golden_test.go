package replay

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/server/transcript"
)

func TestGoldenTranscripts(t *testing.T) {
	files, err := Files([]string{"../../../testdata/transcripts"})
	require.NoError(t, err)
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			file, err := transcript.Read(name)
			require.NoError(t, err)
			target, err := Fresh(t.Context(), t, file, Options{})
			require.NoError(t, err)
			require.NoError(t, file.Check(t.Context(), target))
		})
	}
}

func TestFilesNamesWhatIsMissing(t *testing.T) {
	_, err := Files([]string{"nowhere"})
	require.ErrorContains(t, err, "nowhere")
	_, err = Files([]string{t.TempDir()})
	require.ErrorContains(t, err, "no transcript")
}
