package docs_test

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/gen/docs"
)

func TestConformanceListsTheTranscriptsOfAnRFC(t *testing.T) {
	made, err := docs.Generate(os.DirFS("../../grammar"), fstest.MapFS{
		"idle.txtar":  {Data: []byte("IDLE (RFC 2177, RFC 9051 section 6.3.13).\n-- session --\nC: a RFC 3501\n")},
		"other.txtar": {Data: []byte("RFC 9051, and RFC 9051 again.\n-- session --\n")},
	})
	require.NoError(t, err)
	text := string(made["docs/conformance.md"])
	require.Contains(t, text, "| 2177 | IMAP4 IDLE command | `IDLE` | yes | yes | idle |\n")
	require.Regexp(t, `\| 9051 \|.*\| yes \| yes \| idle, other \|`, text)
	require.Regexp(t, `\| 3501 \|.*\| yes \| yes \|  \|`, text)
}

func TestOverridesHaveTheirReasons(t *testing.T) {
	made, err := docs.Generate(os.DirFS("../../grammar"), fstest.MapFS{})
	require.NoError(t, err)
	text := string(made["grammar/overrides.md"])
	require.Contains(t, text, "| gate | `WITHIN`: `search-key` | RFC 5032. |\n")
	require.Contains(t, text, "## grammar/managesieve/overlay.abnf\n")
}

func TestFaultsOfTheIndexAreTold(t *testing.T) {
	_, err := docs.Generate(fstest.MapFS{"index.tsv": {Data: []byte("rfc\n")}}, fstest.MapFS{})
	require.ErrorContains(t, err, "index.tsv:1")
}
