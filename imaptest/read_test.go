package imaptest

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func nothingSet(string) bool { return false }

func parseText(text string) (*Script, error) { return parse("t", []byte(text), nothingSet) }

func mustParse(t *testing.T, text string) *Script {
	t.Helper()
	s, err := parseText(text)
	require.NoError(t, err)
	return s
}

func TestHeader(t *testing.T) {
	s := mustParse(t, "# a comment\nCapabilities: MOVE  UIDPLUS\nconnections: 2\nmessages: 3\nstate: Created\n"+
		"ignore_extra_untagged: no\nuser 2: $user2\n\n1 ok noop\n")
	require.Equal(t, []string{"MOVE", "UIDPLUS"}, s.Capabilities())
	require.Equal(t, 2, s.connections)
	require.Equal(t, 3, s.messages)
	require.Equal(t, stateCreated, s.state)
	require.True(t, s.strict)
	require.Equal(t, map[int]string{2: "$user2"}, s.users)
	s = mustParse(t, "user_name: $user2 bob\nmessages: all\n\nok noop\n")
	require.Equal(t, map[int]string{2: "$user2", 3: "bob"}, s.users)
	require.Equal(t, stateSelected, s.state)
	require.Equal(t, allMessages, s.messages)
	require.False(t, s.strict)
}

func TestThreeForms(t *testing.T) {
	s := mustParse(t, `state: auth

ok noop
ok check
* 1 exists
! 2 exists
? 3 exists
!ordered
!sleep 20 msecs

search all
* search 1
ok done now

tag1 noop
tag2 ok check
tag1 no

# words are tags when their status is in the paragraph
x noop
y search bad
* search
x ok
y bad [x]

"" idle
ok done
""
* bye
list "" no
ok
delete no
no [nonexistent]
`)
	var got []string
	for _, g := range s.groups {
		var b strings.Builder
		for _, c := range g.commands {
			b.WriteString(c.tag + "|" + c.text + "|" + c.want.String() + "; ")
		}
		for _, e := range g.untagged {
			b.WriteString(e.String() + "; ")
		}
		got = append(got, strings.TrimSpace(b.String()))
	}
	require.Equal(t, []string{
		"|noop|OK;", "|check|OK; * 1 exists; ! 2 exists; ? 3 exists;", "|search all|OK done now; * search 1;",
		"tag1|noop|NO; tag2|check|OK;", "x|noop|OK; y|search bad|BAD [x]; * search;",
		`|idle|"";`, "|done|OK;", `||""; * bye;`, `|list "" no|OK;`, `|delete no|NO [nonexistent];`,
	}, got)
	require.True(t, s.groups[1].ordered)
	require.Equal(t, 20*time.Millisecond, s.groups[1].sleep)
	require.Equal(t, 11, s.Commands()-1)
}

func TestLiterals(t *testing.T) {
	s := mustParse(t, "\nok append x {{{\nFrom: $a\n# no comment\n\nb\n}}} (\\Seen) ~{{{\nx\n}}}\n"+
		"ok login {3}\nabc {4+}\nd\nf more\n* 1 fetch (body[] {{{\na\nb\n}}} uid 5)\n")
	parts := s.groups[0].commands[0].parts
	require.Len(t, parts, 4)
	require.Equal(t, "From: $a\r\n# no comment\r\n\r\nb", string(parts[1].raw))
	require.True(t, parts[1].literal && parts[1].fill && !parts[1].binary)
	require.Equal(t, template{{kind: pieceText, text: ` (\Seen) `}}, parts[2].text)
	require.True(t, parts[3].binary)
	parts = s.groups[1].commands[0].parts
	require.Len(t, parts, 5)
	require.Equal(t, "abc", string(parts[1].raw))
	require.Equal(t, "d\r\nf", string(parts[3].raw))
	require.True(t, parts[3].nonSync && !parts[3].fill)
	require.Equal(t, " more", parts[4].text[0].text)
	require.Equal(t, "* 1 fetch (body[] {4}\r\na\r\nb uid 5)", strings.Replace(s.groups[1].untagged[0].String(), "\r\nb", "\r\nb", 1))
}

func TestPreprocessor(t *testing.T) {
	text := []byte("\n!ifenv A\nok a\n!ifnenv B\nok not b\n!else\nok b\n!endif\n!else\nok not a\n!endif\nok all\n")
	for set, want := range map[string]string{"": "not a all", "A": "a not b all", "AB": "a b all", "B": "not a all"} {
		s, err := parse("t", text, func(name string) bool { return strings.Contains(set, name) })
		require.NoError(t, err)
		var got []string
		for _, g := range s.groups {
			got = append(got, g.commands[0].text)
		}
		require.Equal(t, want, strings.Join(got, " "), set)
	}
}

func TestSyntaxErrorsNameTheLine(t *testing.T) {
	for _, c := range []struct {
		text string
		line int
		want string
	}{
		{"", 1, "no commands"},
		{"state: auth\n", 1, "no commands"},
		{"state: auth\n\n", 2, "no commands"},
		{"state: there\n\nok x\n", 1, `no state "there"`},
		{"# c\nfoo\n\nok x\n", 2, "key: value"},
		{"foo: 1\n\nok x\n", 1, `no setting "foo"`},
		{"user x: 1\n\nok x\n", 1, `no setting "user x"`},
		{"user 999: x\n\nok x\n", 1, "no such connection"},
		{"connections: 0\n\nok x\n", 1, "from 1 to 100"},
		{"messages: -2\n\nok x\n", 1, "messages should be"},
		{"ignore_extra_untagged: maybe\n\nok x\n", 1, "yes or no"},
		{"\n* 1 exists\n", 2, "belongs to no command"},
		{"\nok\n", 2, "there is no command"},
		{"\nsearch all\n* search\n", 3, "has no status"},
		{"\nsearch all\n\nnoop\nok\n", 4, "line 2 has no status yet"},
		{"connections: 2\n\nok noop\n", 3, "number of its connection"},
		{"connections: 2\n\n3 ok noop\n", 3, "no connection 3"},
		{"connections: 2\n\n1 noop\n2 ok\n", 4, "was on connection 1"},
		{"connections: 2\n\n1 tag1 noop\n2 tag2 noop\n", 4, "the same connection"},
		{"\ntag1 noop\ntag1 check\ntag1 ok\n", 3, "there already"},
		{"\nok noop\n* (a\n", 3, "not closed"},
		{"\nok noop\n* \n", 3, "empty"},
		{"\nok noop\n\n* 1 fetch (uid)\n", 4, "chains of 2"},
		{"\nok noop ${x\n", 2, "not closed"},
		{"\nok append x {{{\na\n", 2, "no }}}"},
		{"\nok noop\nok append x {9}\nab\n", 3, "has only 2"},
		{"\nok append x {3}\nab\ncd\n", 2, "between CR and LF"},
		{"\n!else\nok noop\n", 2, "no !ifenv"},
		{"\n!ifenv A\nok noop\n", 2, "no !endif"},
		{"\n!ifenv\nok noop\n!endif\n", 2, "name a variable"},
		{"\n!ifenv A\n!else\n!else\n!endif\nok noop\n", 4, "second time"},
		{"\nok noop\n!sleep long\n", 3, "a time such as"},
		{"\nok noop\n!shout\n", 3, "there is no !shout"},
		{"\n!ordered\nok noop\n", 2, "belongs to no command"},
	} {
		_, err := parseText(c.text)
		var syntax *SyntaxError
		require.True(t, errors.As(err, &syntax), "%q: %v", c.text, err)
		require.Equal(t, c.line, syntax.Line, "%q: %v", c.text, err)
		require.ErrorContains(t, err, c.want)
		require.True(t, strings.HasPrefix(err.Error(), "t:"))
	}
}

func TestMbox(t *testing.T) {
	box := parseMbox([]byte("junk\nFrom a@b Thu Feb  1 10:00:00 2024 +0200\nSubject: 1\n\nx\n>From y\n>>From z\n\nend\n\n" +
		"From c Thu Feb 29 23:59:59 2024\r\nSubject: 2\r\n\r\n\r\n\r\nFrom d whenever\nSubject: 3\n\nFrom e  Fri Feb 22 17:06:23 2008\n\nbody\n\n"))
	require.Len(t, box, 4)
	require.Equal(t, "\r\nbody\r\n", string(box[3].octets))
	require.Equal(t, "2008-02-22T17:06:23Z", box[3].date.Format(time.RFC3339))
	require.Equal(t, "Subject: 1\r\n\r\nx\r\nFrom y\r\n>From z\r\n\r\nend\r\n", string(box[0].octets))
	require.Equal(t, "2024-02-01T08:00:00Z", box[0].date.UTC().Format(time.RFC3339))
	require.Equal(t, ` " 1-Feb-2024 10:00:00 +0200"`, box[0].dateArgument())
	require.Equal(t, "Subject: 2\r\n\r\n\r\n", string(box[1].octets))
	require.Equal(t, "2024-02-29T23:59:59Z", box[1].date.Format(time.RFC3339))
	require.Equal(t, "Subject: 3\r\n\r\n", string(box[2].octets))
	require.Empty(t, box[2].dateArgument())
	require.Empty(t, parseMbox(nil))
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a": "\nok a\n", "b": "\nwrong\n", "b.mbox": "", "a.mbox": "From x\n\n", "c": "\nok c\n", "default.mbox": "From x\nA: b\n\n",
		".hidden": "", "d": "nothing",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	scripts, err := Load(dir)
	require.ErrorContains(t, err, filepath.Join(dir, "b")+":2: the command of line 2 has no status")
	require.ErrorContains(t, err, filepath.Join(dir, "d")+":1: ")
	require.Len(t, scripts, 2)
	require.Equal(t, "a", scripts[0].Name)
	require.Equal(t, "\r\n", string(scripts[0].mbox[0].octets))
	require.Equal(t, "A: b\r\n\r\n", string(scripts[1].mbox[0].octets))
	scripts, err = Load(filepath.Join(dir, "c"), filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.Len(t, scripts, 1)
	require.Len(t, scripts[0].mbox, 1)
	_, err = Load(t.TempDir())
	require.ErrorContains(t, err, "no scripts")
	alone := filepath.Join(t.TempDir(), "alone")
	require.NoError(t, os.WriteFile(alone, []byte("\nok x\n"), 0o600))
	scripts, err = Load(alone)
	require.NoError(t, err)
	require.ErrorContains(t, scripts[0].mboxErr, "neither alone.mbox nor default.mbox")
}

func TestOwnScriptsParse(t *testing.T) {
	scripts, err := Own()
	require.NoError(t, err)
	for _, s := range scripts {
		require.NoError(t, s.mboxErr)
	}
}

func FuzzScript(f *testing.F) {
	scripts, err := filepath.Glob("scripts/*")
	require.NoError(f, err)
	for _, name := range scripts {
		if text, err := os.ReadFile(name); err == nil && filepath.Ext(name) == "" {
			f.Add(text)
		}
	}
	f.Add([]byte("connections: 2\n\n1 tag1 noop {{{\na\n}}} ~{{{\n}}}\n1 tag1 ok\n!ifenv A\n!else\n!endif\n* 1 fetch (flags ($!ban=x $))\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := parse("t", text, nothingSet)
		if err != nil {
			var syntax *SyntaxError
			require.True(t, errors.As(err, &syntax))
			require.LessOrEqual(t, syntax.Line, strings.Count(string(text), "\n")+1)
			return
		}
		require.NotEmpty(t, s.groups)
		for _, g := range s.groups {
			require.True(t, g.greeting() || g.commands[0].want != nil)
			for _, e := range g.untagged {
				requireSamePatterns(t, e)
			}
		}
	})
}

// requireSamePatterns reads an expectation again from what it is shown as.
func requireSamePatterns(t *testing.T, e expectation) {
	t.Helper()
	var list []arg
	for _, p := range e.args {
		args, err := parseArgs([]byte(p.written))
		if err != nil || len(args) != 1 {
			return // the words of a status response may be anything
		}
		list = append(list, args[0])
	}
	again, err := parsePatterns(list)
	require.NoError(t, err)
	require.Equal(t, formatPatterns(e.args), formatPatterns(again))
}
