package schema

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func parsedSchema(t testing.TB) *schema {
	files, err := parseFiles(grammarFS, "jmap")
	require.NoError(t, err)
	return newSchema(files)
}

// grammarFS is the folder of the repository that people write.
var grammarFS = os.DirFS("../../grammar")
