package oracle

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// example is a line of an RFC's examples. With a reason it is one that the
// grammar must not accept.
type example struct{ entry, text, reason string }

// octetsOf gives the octets that a table has signs for.
var octetsOf = strings.NewReplacer("↵", "\r\n", "␀", "\x00", "␁", "\x01")

// row gives the text as it is in the table.
func (e example) row() string {
	return strings.ReplaceAll(strings.TrimSuffix(e.text, "\r\n"), "\r\n", "↵")
}

// readExamples reads the table of an RFC.
func (s *subject) readExamples(t testing.TB, rfc int) []example {
	t.Helper()
	table, err := os.ReadFile(fmt.Sprintf("testdata/%srfc%d.tsv", s.tables, rfc))
	require.NoError(t, err)
	var out []example
	for line := range strings.Lines(string(table)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		require.GreaterOrEqual(t, len(f), 2, line)
		e := example{entry: f[0], text: octetsOf.Replace(f[1]) + s.end}
		if len(f) > 2 {
			e.reason = f[2]
		}
		out = append(out, e)
	}
	return out
}

// exampleTables returns the RFCs that have a table in testdata/.
func (s *subject) exampleTables(t testing.TB) []int {
	t.Helper()
	names, err := filepath.Glob("testdata/" + s.tables + "rfc*.tsv")
	require.NoError(t, err)
	var rfcs []int
	for _, name := range names {
		n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(filepath.Base(name), "rfc"), ".tsv"))
		require.NoError(t, err)
		rfcs = append(rfcs, n)
	}
	slices.Sort(rfcs)
	return rfcs
}

func TestExamplesOfTheRFCs(t *testing.T) {
	eachSubject(t, func(t *testing.T, s *subject) { s.testExamples(t) })
}

func (s *subject) testExamples(t *testing.T) {
	merged, model := s.grammars(t)
	rec, in := NewRecogniser(merged), NewInterpreter(model, false)
	var table strings.Builder
	fmt.Fprintf(&table, "\n%8s %6s %6s %8s\n", "RFC", "client", "server", "rejected")
	for _, rfc := range s.exampleTables(t) {
		var client, server int
		var rejected []example
		for _, e := range s.readExamples(t, rfc) {
			valid := e.reason == ""
			if e.entry == "response-line" {
				server++
			} else {
				client++
			}
			if !valid {
				rejected = append(rejected, e)
			}
			if valid != rec.Accepts(e.entry, e.text) {
				t.Errorf("RFC %d: ABNF accepts: %t: %q", rfc, !valid, e.text)
				continue
			}
			require.Equal(t, valid, in.Accepts(e.entry, e.text), "RFC %d: model: %q", rfc, e.text)
			s.pigeon(t, valid, e.entry, e.text)
			s.direct(t, valid, e.entry, e.text)
		}
		fmt.Fprintf(&table, "%8d %6d %6d %8d\n", rfc, client, server, len(rejected))
		for _, e := range rejected {
			fmt.Fprintf(&table, "%33s%s\n%35s%s\n", "", e.row(), "", e.reason)
		}
	}
	t.Log(table.String())
}

// Without the catch-alls the grammar loses what belongs to extensions, and finds
// the slips of the RFCs: a response code needs a space behind it, and RFC 9051
// section 9 wants the charsets in parentheses.
func TestExamplesWithoutCatchAlls(t *testing.T) {
	_, model := grammars(t)
	strict := NewInterpreter(model, true)
	want := []string{
		`RFC 2177: * OK [UIDVALIDITY 1]`,
		`RFC 2193: A001 NO [REFERRAL IMAP://user;AUTH=*@SERVER2/REMOTE]Remote Mailbox`,
		`RFC 2193: * OK [UIDVALIDITY 123456789]`,
		`RFC 2193: * OK [PERMANENTFLAGS (Answered Deleted Seen ]`,
		`RFC 4551: * OK [HIGHESTMODSEQ 715194045007]`,
		`RFC 4551: * OK [HIGHESTMODSEQ 12111230047]`,
		`RFC 4978: * OK [CAPABILITY IMAP4REV1 STARTTLS COMPRESS=DEFLATE]`,
		`RFC 5162: * OK [HIGHESTMODSEQ 90060128194045007]`,
		`RFC 5162: * OK [CLOSED]`,
		`RFC 5162: * OK [HIGHESTMODSEQ 90060115205545359]`,
		`RFC 5162: * OK [HIGHESTMODSEQ 20010715194045007]`,
		`RFC 5182: B283 NO [BADCHARSET UTF-8] KOI8-R is not supported`,
		`RFC 5257: * OK [PERMANENTFLAGS (\Answered \Flagged \Draft \Deleted \Seen \*)]`,
		`RFC 5257: * OK [UNSEEN 10268]`,
		`RFC 5257: * OK [UIDVALIDITY 890061587]`,
		`RFC 5257: * OK [UIDNEXT 34643]`,
		`RFC 5257: * OK [ANNOTATIONS 20480 NOPRIVATE]`,
		`RFC 5259: g001 NO [MAXCONVERTMESSAGES 1]`,
		`RFC 5465: * OK [CAPABILITY IMAP4REV1 NOTIFY]`,
		`RFC 5530: e OK [CONTACTADMIN]`,
		`RFC 6851: * OK [COPYUID 432432 42:69 1202:1229]`,
		`RFC 7162: * OK [HIGHESTMODSEQ 715194045007]`,
		`RFC 7162: * OK [HIGHESTMODSEQ 12111230047]`,
		`RFC 7162: * OK [CLOSED]`,
		`RFC 9051: * OK [UIDVALIDITY 1]`,
		`RFC 9051: * OK [UIDNEXT 1]`,
		`RFC 9051: B283 NO [BADCHARSET UTF-8] KOI8-R is not supported`,
		`RFC 9051: * OK [COPYUID 432432 42:69 1202:1229]`,
		`RFC 9051: e NO [CONTACTADMIN]`,
		`RFC 9051: * LIST () ":" Tables:new (tablecloth ("edge" "lacy") Sample ("text" "more text"))`,
		`RFC 9586: * OK [CAPABILITY IMAP4rev1 ENABLE CONDSTORE QRESYNC UIDONLY AUTH=SCRAM-SHA-256]`,
	}
	var lost []string
	for _, rfc := range imapSubject.exampleTables(t) {
		for _, e := range imapSubject.readExamples(t, rfc) {
			if e.reason == "" && !strict.Accepts(e.entry, e.text) {
				lost = append(lost, fmt.Sprintf("RFC %d: %s", rfc, e.row()))
			}
		}
	}
	require.Equal(t, want, lost)
}
