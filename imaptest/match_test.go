package imaptest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func patternsOf(t *testing.T, text string) []pattern {
	t.Helper()
	args, err := parseData([]byte(text))
	require.NoError(t, err, text)
	list, err := parsePatterns(args)
	require.NoError(t, err, text)
	return list
}

func matches(t *testing.T, vars *variables, want, got string) bool {
	t.Helper()
	args, err := parseData([]byte(got))
	require.NoError(t, err, got)
	return matcher{vars, &sequences{}}.match(patternsOf(t, want), args, isStatus(args[0].text))
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		want, got string
		ok        bool
	}{
		{"search 1 2", "SEARCH 1 2", true},
		{"search 1 2", "SEARCH 1", false},
		{"search 1", "SEARCH 1 2", false},
		{"search 2 1", "SEARCH 1 2", false},
		{"search $ 2", "SEARCH 1 2", true},
		{"search $", "SEARCH", false},
		{`x "A b"`, "x {3}\r\na B", true},
		{`x foo`, `x "FOO"`, true},
		{"x ${case:Foo}", "x Foo", true},
		{"x ${case:Foo}", "x foo", false},
		{"x A${case:b}c", "x abC", true},
		{"x nil", "x NIL", true},
		{"x nil", `x "NIL"`, false},
		{`x "nil"`, "x NIL", false},
		{"x $", "x NIL", true},
		{"x $", "x (1 (2))", true},
		{"x $a", "x (1)", false},
		{"x $$a", "x $A", true},
		{"x (1 2)", "x (1 2)", true},
		{"x (1 2)", "x (2 1)", false},
		{"x (1)", "x (1 2)", false},
		{"x ($!extra 1 3)", "x (1 2 3)", true},
		{"x ($!extra 3 1)", "x (1 2 3)", false},
		{"x ($!ordered 1 2)", "x (1 2)", true},
		{"x ($!ordered 2 1)", "x (1 2)", false},
		{"x ($!unordered 2 1)", "x (1 2 3)", true},
		{"x ($!unordered 2 4)", "x (1 2 3)", false},
		{"x ($!unordered $!noextra 2 1)", "x (1 2 3)", false},
		{"x ($!unordered $!noextra 2 1)", "x (1 2)", true},
		{"x ($!unordered $!noextra $!ignore=3 2 1)", "x (1 2 3)", true},
		{"x ($!unordered $!noextra $!ignore=4 2 1)", "x (1 2 3)", false},
		{"x ($!unordered $!ban=3 1)", "x (1 2)", true},
		{"x ($!unordered $!ban=3 1)", "x (1 3)", false},
		{"x ($!unordered=2 b 2 a 1)", "x (a 1 b 2 c 3)", true},
		{"x ($!unordered=2 b 1)", "x (a 1 b 2)", false},
		{"x ($!unordered=2 $!noextra b 2)", "x (a 1 b 2)", false},
		{"x ($!unordered=2 a 1)", "x (a 1 b)", false},
		{"x ($!unordered=2 $!ban=b a 1)", "x (a 1 c b)", true},
		{"x ($!unordered=2 $!ban=b a 1)", "x (b 1 a 1)", false},
		// the defaults
		{"1 fetch (uid 5)", `1 FETCH (FLAGS (\Seen) UID 5)`, true},
		{"1 fetch (uid 5)", `2 FETCH (UID 5)`, false},
		{`1 fetch (flags (\seen \draft))`, `1 FETCH (FLAGS (\Draft \Recent \Seen))`, true},
		{`1 fetch (flags (\seen))`, `1 FETCH (FLAGS (\Seen \Draft))`, false},
		{`1 fetch (flags ($!unordered \seen))`, `1 FETCH (FLAGS (\Recent \Draft \Seen))`, true},
		{`1 fetch (flags ($!noextra \seen))`, `1 FETCH (FLAGS (\Recent \Seen))`, false},
		{`1 fetch ($!noextra uid 5)`, `1 FETCH (UID 5 FLAGS ())`, false},
		{`1 fetch (x (a b))`, `1 FETCH (X (b a))`, false},
		{`$n fetch (uid 5)`, `7 FETCH (FLAGS () UID 5)`, true},
		{`list (\marked) "/" a`, `LIST (\HasNoChildren \Marked) "/" a`, true},
		{`list (\marked) "/" a`, `LIST (\HasNoChildren) "/" a`, false},
		{`list () "/" a ("childinfo" (a b))`, `LIST () "/" a (CHILDINFO (b a))`, false},
		{`lsub () "/" a`, `LSUB (\HasNoChildren) "/" a`, true},
		{`status a (unseen 1)`, `STATUS a (MESSAGES 3 UNSEEN 1)`, true},
		{`status a (unseen 2)`, `STATUS a (MESSAGES 3 UNSEEN 1)`, false},
		// response codes, and texts for people
		{"ok [uidnext 5]", "OK [UIDNEXT 5] Predicted (next UID", true},
		{"ok [uidnext 5]", "OK [UIDNEXT 55]", false},
		{"ok [uidnext 5", "OK [UIDNEXT 55]", true},
		{"ok [permanentflags ($!unordered \\seen)]", `OK [PERMANENTFLAGS (\Draft \Seen \*)] Yes`, true},
		{"ok [capability $] done", "OK [CAPABILITY IMAP4rev1 X=Y Z] done it", true},
		{"ok [capability $] done", "OK [CAPABILITY IMAP4rev1 X=Y Z] is it", false},
		{"ok [alert]", "OK [ALERT oh (no", false},
		{"bye", `BYE "unbalanced`, true},
		{"no", "OK", false},
		{"1 fetch (body[header.fields (a b)] $)", "1 FETCH (BODY[HEADER.FIELDS (A B)] {2}\r\nxx)", true},
		{"1 fetch (body[header.fields (a c)] $)", "1 FETCH (BODY[HEADER.FIELDS (A B)] {2}\r\nxx)", false},
	} {
		require.Equal(t, c.ok, matches(t, newVariables(), c.want, c.got), "%s over %s", c.want, c.got)
	}
}

func TestVariablesKeepWhatTheyMeet(t *testing.T) {
	vars := newVariables()
	require.True(t, matches(t, vars, "1 fetch (uid $uid1)", "1 FETCH (UID 5)"))
	require.True(t, matches(t, vars, "search $uid1", "SEARCH 5"))
	require.False(t, matches(t, vars, "search $uid1", "SEARCH 6"))
	require.False(t, matches(t, vars, "search $other 7", "SEARCH 6 8"))
	_, set := vars.get("other")
	require.False(t, set, "what does not match is forgotten")
	require.True(t, matches(t, vars, "ok [copyuid $v ${uid1} $new]", "OK [COPYUID 17 5 9] done"))
	for name, want := range map[string]string{"v": "17", "new": "9"} {
		value, _ := vars.get(name)
		require.Equal(t, want, value)
	}
	require.True(t, matches(t, vars, "x <$local@$host>", "x <a.b@c.d>"))
	value, _ := vars.get("local")
	require.Equal(t, "a.b", value)
	require.False(t, matches(t, newVariables(), "x $a-$a", "x 1-2"))
	require.True(t, matches(t, newVariables(), "x $a-$a", "x 1-1"))
	require.True(t, matches(t, newVariables(), "x {8}\r\n$a=1\r\n$b", "x {7}\r\nz=1\r\n77"))
}

func TestModseqsGrow(t *testing.T) {
	for _, c := range []struct {
		first, second, values string
		ok                    bool
	}{
		{"modseq1", "modseq2", "5 6", true},
		{"modseq1", "modseq2", "5 5", false},
		{"modseq1", "modseq2", "6 5", false},
		{"modseq1", "modseq4", "5 8", true},
		{"modseq1", "modseq4", "5 7", false},
		{"modseq4", "modseq1", "8 5", true},
		{"modseq4", "modseq1", "7 5", false},
		{"modseq1", "modseq1", "5 5", true},
		{"modseq1", "modseq1", "5 6", false},
		{"modseq1", "modseq2", "5 x", false},
		{"modseqx", "modseqy", "5 4", true},
	} {
		got := matches(t, newVariables(), "x $"+c.first+" $"+c.second, "x "+c.values)
		require.Equal(t, c.ok, got, "%v", c)
	}
}

func TestSequencesFollowExpunges(t *testing.T) {
	s := &sequences{}
	for _, step := range []struct {
		expunged uint32
		now      [5]string
	}{
		{2, [5]string{"1", "(expunged)", "2", "3", "4"}},
		{2, [5]string{"1", "(expunged)", "(expunged)", "2", "3"}},
		{9, [5]string{"1", "(expunged)", "(expunged)", "2", "3"}},
		{1, [5]string{"(expunged)", "(expunged)", "(expunged)", "1", "2"}},
	} {
		s.expunge(step.expunged)
		for i, want := range step.now {
			require.Equal(t, want, s.now(uint32(i+1)))
		}
	}
}

func TestPatternFaults(t *testing.T) {
	for text, want := range map[string]string{
		"x ($!unorderd a)":                  "no directive $!unorderd",
		"x ($!unordered=0 a)":               "from 1 to 100",
		"x ($!unordered=2 a)":               "chains of 2 has 1",
		"1 fetch (uid)":                     "chains of 2 has 1",
		"x (a $!unordered)":                 "not at the beginning of a list",
		"x $!unordered":                     "not at the beginning of a list",
		"x ${a":                             "not closed",
		"x ${}":                             "no name",
		"x ($!ignore= a)":                   "no directive",
		"status a (messages 1 unseen)":      "chains of 2 has 3",
		"x ($!unordered ($!unordered=3 a))": "chains of 3 has 1",
	} {
		args, err := parseData([]byte(text))
		require.NoError(t, err)
		_, err = parsePatterns(args)
		require.ErrorContains(t, err, want, text)
	}
}
