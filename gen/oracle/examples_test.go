package oracle

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	reference "github.com/dragoman-mail/dragoman/generated/imap/peg"
)

var exampleTables = []string{"rfc9051.tsv", "rfc3501.tsv", "extensions.tsv"}

// example is a line of an RFC's examples. With a reason it is one that the
// grammar must not accept.
type example struct{ entry, text, reason string }

// readExamples reads a table of testdata/.
func readExamples(t testing.TB, name string) []example {
	t.Helper()
	table, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	var out []example
	for line := range strings.Lines(string(table)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		require.GreaterOrEqual(t, len(f), 2, line)
		e := example{entry: f[0], text: strings.ReplaceAll(f[1], "↵", "\r\n") + "\r\n"}
		if len(f) > 2 {
			e.reason = f[2]
		}
		out = append(out, e)
	}
	return out
}

func TestExamplesOfTheRFCs(t *testing.T) {
	merged, model := grammars(t)
	rec, in := NewRecogniser(merged), NewInterpreter(model, false)
	for _, name := range exampleTables {
		examples := readExamples(t, name)
		require.Greater(t, len(examples), 30, name)
		for _, e := range examples {
			valid := e.reason == ""
			require.Equal(t, valid, rec.Accepts(e.entry, e.text), "%s: ABNF: %q", name, e.text)
			require.Equal(t, valid, in.Accepts(e.entry, e.text), "%s: model: %q", name, e.text)
			err := reference.Check(e.entry, []byte(e.text))
			require.Equal(t, valid, err == nil, "%s: pigeon: %q: %v", name, e.text, err)
		}
	}
}

// Without the catch-alls the grammar loses what belongs to extensions, and finds
// the slips of the RFC: a response code needs a space behind it, and RFC 9051
// section 9 wants the charsets in parentheses.
func TestExamplesWithoutCatchAlls(t *testing.T) {
	_, model := grammars(t)
	strict := NewInterpreter(model, true)
	want := []string{
		"* OK [CAPABILITY IMAP4rev2 STARTTLS AUTH=GSSAPI]\r\n",
		"* OK [CAPABILITY IMAP4rev2 STARTTLS AUTH=GSSAPI\r\n",
		"* OK [UIDVALIDITY 1]\r\n",
		"* OK [UIDNEXT 1]\r\n",
		"B283 NO [BADCHARSET UTF-8] KOI8-R is not supported\r\n",
		"* OK [COPYUID 432432 42:69 1202:1229]\r\n",
		"e NO [CONTACTADMIN]\r\n",
		"* LIST () \":\" Tables:new (tablecloth (\"edge\" \"lacy\") Sample (\"text\" \"more text\"))\r\n",
		"* ESEARCH (TAG \"a1\") MIN 2 MODSEQ 917162488\r\n",
		"* ESEARCH (TAG \"a2\") MAX 23 MODSEQ 907162321\r\n",
		"* ESEARCH (TAG \"a3\") MIN 2 MAX 23 MODSEQ 917162488\r\n",
		"* ESEARCH (TAG \"a4\") MIN 2 COUNT 10 MODSEQ 917162500\r\n",
		"t3 NO [USEATTR] \\All not supported\r\n",
	}
	var lost []string
	for _, name := range exampleTables {
		for _, e := range readExamples(t, name) {
			if e.reason == "" && !strict.Accepts(e.entry, e.text) {
				lost = append(lost, e.text)
			}
		}
	}
	require.Equal(t, want, lost)
}
