package clients

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestProbe runs "dragoman probe" against both servers, over HTTP.
func TestProbe(t *testing.T) {
	overEach(t, func(t *testing.T, b backend) {
		s := b.serve(t, t.TempDir())
		arguments := []string{"--jmap-url", s.jmapURL, "--user", s.user.User + ":" + s.user.Password}
		text := run(t, binary, append([]string{"probe"}, arguments...)...)
		require.Contains(t, text, " 0 broken, 0 skipped: the gateway works there\n")
		require.NotContains(t, text, "fatal")
		require.NotContains(t, text, "degraded")
		var report struct {
			Severity string
			Checks   []struct{ Name, Status, Severity, Detail, Meaning string }
		}
		decoder := json.NewDecoder(strings.NewReader(run(t, binary, append([]string{"probe", "--json"}, arguments...)...)))
		decoder.DisallowUnknownFields()
		require.NoError(t, decoder.Decode(&report))
		require.Contains(t, []string{"none", "optional"}, report.Severity)
		require.Len(t, report.Checks, strings.Count(text, "\n")-1, "a line for each check, and the summary")
		c := login(t, s)
		for _, l := range c.ok(`LIST "" *`) {
			require.NotContains(t, l, "probe")
		}
	})
}
