package schema

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNotationParses(t *testing.T) {
	files, err := parseFiles(grammarFS, "jmap")
	require.NoError(t, err)
	require.Len(t, files, 2)
}

// grammarFS is the folder of the repository that people write.
var grammarFS = os.DirFS("../../grammar")
