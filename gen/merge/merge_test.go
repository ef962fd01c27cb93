package merge

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLoadsTheGrammar(t *testing.T) {
	g, rep, err := Load(os.DirFS("../../grammar"))
	require.NoError(t, err)
	require.NotEmpty(t, g.Rules)
	t.Log(rep)
}
