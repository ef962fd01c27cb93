package merge

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/gen/peg"
)

func TestLoadsTheGrammar(t *testing.T) {
	g, rep, err := Load(os.DirFS("../../grammar"))
	require.NoError(t, err)
	require.Equal(t, []string{"command", "response-line", "auth-continue", "idle-done", "append-start", "filter-value"}, g.Entries)
	for _, name := range g.Entries {
		require.NotNil(t, g.Rule(name), name)
	}
	for rule, want := range map[string]string{
		"fetch-att":       "section partial?",
		"search-key":      `"OLD"i`,
		"command-select":  `"CHECK"i`,
		"command-any":     "id",
		"status-att":      `"RECENT"i`,
		"sequence-set":    `seq_elem ("," seq_elem)* ("," seq_last_command)? / seq_last_command`,
		"store-att-flags": `store_op? "FLAGS"i silent? " " (flag_list / flag (" " flag)*)`,
		"literal":         `"{" number64 "+"? "}" "\r\n"`,
	} {
		require.Contains(t, peg.Text(g.Rule(rule).Expr), want, rule)
	}
	require.True(t, g.Rule("flag-extension").CatchAll)
	require.Contains(t, rep.Unions, "fetch-att")
	require.NotContains(t, rep.Unions, "address")
	require.Contains(t, rep.Overridden, "sequence-set")
	require.Contains(t, rep.Rewritten, "tagged-ext-comp")
	require.Contains(t, rep.Reordered, "flag-fetch: obsolete_flag_recent")
	require.Contains(t, rep.Guarded, "mailbox: \"INBOX\"i &[\\r )]")
	require.Equal(t, 221, rep.Files[0].Rules)
}

func TestLoadIsDeterministic(t *testing.T) {
	first, firstReport, err := Load(os.DirFS("../../grammar"))
	require.NoError(t, err)
	again, report, err := Load(os.DirFS("../../grammar"))
	require.NoError(t, err)
	require.Equal(t, firstReport, report)
	require.Len(t, again.Rules, len(first.Rules))
	for i, r := range first.Rules {
		require.Equal(t, r.Name, again.Rules[i].Name)
		require.Equal(t, peg.Text(r.Expr), peg.Text(again.Rules[i].Expr))
	}
}
