package server

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/imap"
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

// The handler has a method for each command of the extensions that are announced.
func TestAnnouncedCommandsHaveMethods(t *testing.T) {
	require.Empty(t, imap.Missing(&session{}, features))
	require.NotEmpty(t, imap.Missing(&session{}, imap.AllFeatures))
	require.Equal(t, []string{"ID", "SPECIAL-USE"}, features.Capabilities())
}
