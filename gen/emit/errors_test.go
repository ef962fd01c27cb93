package emit_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/imap/parser"
)

// What a client is told of a command that does not parse.
func TestCommandErrors(t *testing.T) {
	for line, want := range map[string]parser.Error{
		"a1 LOGIN joe":                   {Tag: "a1", Command: "LOGIN", Offset: 12, Text: "LOGIN: expected SP"},
		"a1 FOO bar":                     {Tag: "a1", Offset: 3, Text: "unknown command FOO"},
		"a1 UID FOO 1":                   {Tag: "a1", Offset: 7, Text: "unknown command UID FOO"},
		"a1 UID":                         {Tag: "a1", Offset: 6, Text: "UID: no command behind it"},
		"a1 SELECTX y":                   {Tag: "a1", Offset: 9, Text: "unknown command SELECTX"},
		"a1 NOOP x":                      {Tag: "a1", Command: "NOOP", Offset: 7, Text: "NOOP: expected end of line"},
		"a1 SEARCH 99999999999":          {Tag: "a1", Command: "SEARCH", Offset: 10, Text: "SEARCH: value of sequence-set is not valid"},
		"a1 SEARCH SINCE 31-Feb-2024":    {Tag: "a1", Command: "SEARCH", Offset: 16, Text: "SEARCH: value of date is not valid"},
		"a1 UID SEARCH SINCE 1-Foo-2024": {Tag: "a1", Command: "UID SEARCH", Offset: 22, Text: "UID SEARCH: expected date-month"},
		"a1 FETCH 1 (FLAGS FOO)":         {Tag: "a1", Command: "FETCH", Offset: 18, Text: "FETCH: expected fetch-att"},
		"a1 FETCH 1 FLAGS UID":           {Tag: "a1", Command: "FETCH", Offset: 16, Text: "FETCH: expected end of line"},
		"a1 SELECT":                      {Tag: "a1", Command: "SELECT", Offset: 9, Text: "SELECT: expected SP"},
		"a1 SELECT ":                     {Tag: "a1", Command: "SELECT", Offset: 10, Text: "SELECT: expected mailbox"},
		"a1 STATUS x (FOO)":              {Tag: "a1", Command: "STATUS", Offset: 13, Text: "STATUS: expected status-att"},
		"a1":                             {Tag: "a1", Offset: 2, Text: "no command behind the tag"},
		"a1 ":                            {Tag: "a1", Offset: 3, Text: "no command behind the tag"},
		" NOOP":                          {Offset: 0, Text: "no tag before the command"},
		"":                               {Offset: 0, Text: "no tag before the command"},
		"+ NOOP":                         {Offset: 0, Text: "no tag before the command"},
		"* NOOP":                         {Offset: 0, Text: "no tag before the command"},
		"a1 LOGIN a \"\xff\"":            {Tag: "a1", Command: "LOGIN", Offset: 12, Text: "LOGIN: expected quoted-char or quote"},
	} {
		_, err := parser.Command([]byte(line+"\r\n"), nil, 0)
		var e *parser.Error
		require.ErrorAs(t, err, &e, line)
		require.Equal(t, want, *e, line)
		agreesWithPigeon(t, "command", line+"\r\n", false, err)
	}
}

func TestAuthContinue(t *testing.T) {
	resp, cancel, err := parser.AuthContinue([]byte("AGEAYg==\r\n"))
	require.NoError(t, err)
	require.False(t, cancel)
	require.Equal(t, []byte("\x00a\x00b"), resp)
	resp, cancel, err = parser.AuthContinue([]byte("\r\n"))
	require.NoError(t, err)
	require.False(t, cancel)
	require.Equal(t, []byte{}, resp)
	_, cancel, err = parser.AuthContinue([]byte("*\r\n"))
	require.NoError(t, err)
	require.True(t, cancel)
	for _, bad := range []string{"A", "A\r\n", "AGEAYg=\r\n", "**\r\n", "AAAA AAAA\r\n", "AAAA\r\n\r\n", ""} {
		_, _, err = parser.AuthContinue([]byte(bad))
		require.Error(t, err, bad)
		agreesWithPigeon(t, "auth-continue", bad, false, err)
	}
}

func TestIdleDone(t *testing.T) {
	require.NoError(t, parser.IdleDone([]byte("done\r\n")))
	for _, bad := range []string{"", "DONE", "DONE \r\n", "a NOOP\r\n", "DONE\r\n\r\n"} {
		err := parser.IdleDone([]byte(bad))
		require.Error(t, err, bad)
		agreesWithPigeon(t, "idle-done", bad, false, err)
	}
}

func TestAppendStart(t *testing.T) {
	for line, want := range map[string]bool{
		"a APPEND inbox ": true, "a append x (\\Seen a) ": true, "a APPEND \"x y\" (\\Seen) \"01-Feb-2024 10:11:12 +0000\" ": true,
		"a APPEND ": false, "a APPEND x": false, "a LOGIN x ": false, "a APPEND x (\\Seen ": false, "a APPEND x y ": false, "": false,
		"a APPEND x \"31-Feb-2024 10:11:12 +0000\" ": false,
	} {
		start, ok := parser.AppendStart([]byte(line), nil, imap.AllFeatures)
		require.Equal(t, want, ok, line)
		if ok {
			require.Equal(t, "a", start.Tag)
		}
	}
}

// The strict parser refuses what stands in the grammar for future extensions only.
func TestStrictResponses(t *testing.T) {
	for _, line := range []string{
		"* OK [X-FOO bar] hi\r\n", "* OK [UIDNEXT x] hi\r\n", "* 1 FETCH (FLAGS (\\Foo))\r\n", "* LIST (\\Foo) \"/\" x\r\n",
		"* LIST () \"/\" x (x (y))\r\n", "* ESEARCH FOO 1\r\n", "* OK [ALERT]\r\n",
		"* 1 FETCH (BODYSTRUCTURE (\"A\" \"B\" NIL NIL NIL \"7BIT\" 1 NIL NIL NIL NIL 5))\r\n",
	} {
		_, err := parser.ResponseLenient([]byte(line), nil)
		require.NoError(t, err, line)
		agreesWithPigeon(t, "response-line", line, false, err)
		_, err = parser.Response([]byte(line), nil)
		require.Error(t, err, line)
		agreesWithPigeon(t, "response-line", line, true, err)
	}
}
