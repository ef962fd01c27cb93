package merge

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExceptions(t *testing.T) {
	fsys := os.DirFS("../../grammar")
	folders, err := Folders(fsys)
	require.NoError(t, err)
	kinds := map[string]bool{}
	for _, folder := range folders {
		list, err := Exceptions(fsys, folder)
		require.NoError(t, err)
		require.NotEmpty(t, list, folder)
		for _, e := range list {
			kinds[e.Kind] = true
			require.NotEmpty(t, e.Reason)
			require.NotEmpty(t, e.Rules)
			require.Equal(t, e.Kind == "gate", len(e.Capabilities) > 0)
		}
	}
	require.Len(t, kinds, len(shapes), "a kind that no overlay needs")
}
