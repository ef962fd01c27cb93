package schema

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write generated/jmap")

func TestGenerate(t *testing.T) {
	out, err := Generate(grammarFS)
	require.NoError(t, err)
	for name, text := range out {
		path := filepath.Join("../..", name)
		if *update {
			require.NoError(t, os.WriteFile(path, text, 0o644))
		}
		have, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(text), string(have), "%s is stale: run go test ./gen/schema -update", name)
	}
}
