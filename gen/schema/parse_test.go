package schema

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNotationParses(t *testing.T) {
	files, err := parseFiles(os.DirFS("../../grammar"), "jmap")
	require.NoError(t, err)
	require.Len(t, files, 2)
}
