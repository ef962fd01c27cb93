package server

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each capability is named in the RFC that the table gives for it.
func TestCapabilitiesAreOfTheirRFCs(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range capabilities {
		require.False(t, seen[c.name], "%s stands twice", c.name)
		seen[c.name] = true
		text, err := os.ReadFile(fmt.Sprintf("../../shared/rfc/rfc%d.txt", c.rfc))
		if os.IsNotExist(err) {
			t.Skip("the RFC texts are not there")
		}
		require.NoError(t, err)
		require.Contains(t, string(text), c.name)
	}
}
