package schema

import (
	goparser "go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGenerateIsPure wants the same files from the same grammar, each one marked and in its folder. That
// the files in the repository are those is checked for all generated code at once, by gen.
func TestGenerateIsPure(t *testing.T) {
	out, err := Generate(grammarFS)
	require.NoError(t, err)
	again, err := Generate(grammarFS)
	require.NoError(t, err)
	require.Equal(t, out, again)
	for name, text := range out {
		require.True(t, strings.HasPrefix(name, "generated/jmap/"), name)
		require.Regexp(t, `\A// Code generated .* DO NOT EDIT\.\n`, string(text), name)
		require.NotContains(t, name, "_test.go")
		f, err := goparser.ParseFile(token.NewFileSet(), name, text, goparser.ImportsOnly)
		require.NoError(t, err)
		require.Equal(t, "jmap", f.Name.Name)
	}
}
