package emit_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/imap/parser"
)

// hostileLines are built to cost time, memory or stack: n is their size.
var hostileLines = map[string]func(n int) string{
	"open parentheses": func(n int) string { return "a SEARCH " + strings.Repeat("(", n) + "\r\n" },
	"nested lists": func(n int) string {
		return "a SEARCH " + strings.Repeat("(", n) + "ALL" + strings.Repeat(")", n) + "\r\n"
	},
	"nested not": func(n int) string { return "a SEARCH " + strings.Repeat("NOT ", n) + "ALL\r\n" },
	"nested or": func(n int) string {
		return "a SEARCH " + strings.Repeat("OR ", n) + strings.Repeat("ALL ", n) + "ALL\r\n"
	},
	"open quote":       func(n int) string { return "a LOGIN \"" + strings.Repeat("x", n) + "\r\n" },
	"backslashes":      func(n int) string { return "a LOGIN \"" + strings.Repeat(`\\`, n) + "\r\n" },
	"NULs":             func(n int) string { return strings.Repeat("\x00", n) + "\r\n" },
	"NULs in a string": func(n int) string { return "a LOGIN \"" + strings.Repeat("\x00", n) + "\" x\r\n" },
	"spaces":           func(n int) string { return "a FETCH 1 (" + strings.Repeat(" ", n) + ")\r\n" },
	"long set":         func(n int) string { return "a FETCH " + strings.Repeat("1:2,", n/4) + "1 FLAGS\r\n" },
	"set without end":  func(n int) string { return "a FETCH " + strings.Repeat("1:2,", n/4) + "\r\n" },
	"one number":       func(n int) string { return "a FETCH " + strings.Repeat("9", n) + " FLAGS\r\n" },
	"long tag":         func(n int) string { return strings.Repeat("a", n) + " NOOP\r\n" },
	"long command":     func(n int) string { return "a " + strings.Repeat("N", n) + "\r\n" },
	"long atom":        func(n int) string { return "a SELECT " + strings.Repeat("x", n) + " \r\n" },
	"flags":            func(n int) string { return "a STORE 1 FLAGS (" + strings.Repeat(`\Seen `, n/6) + "\r\n" },
	"fetch items":      func(n int) string { return "a FETCH 1 (" + strings.Repeat("BODY[1.2.3] ", n/12) + "\r\n" },
	"section numbers":  func(n int) string { return "a FETCH 1 BODY[" + strings.Repeat("1.", n/2) + "]\r\n" },
	"header names":     func(n int) string { return "a FETCH 1 BODY[HEADER.FIELDS (" + strings.Repeat("x ", n/2) + ")]\r\n" },
	"literal heads":    func(n int) string { return "a LOGIN " + strings.Repeat("{1}\r\n ", n/6) + "\r\n" },
	"base64":           func(n int) string { return "a AUTHENTICATE PLAIN " + strings.Repeat("AAAA", n/4) + "=\r\n" },
	"8-bit":            func(n int) string { return "a LOGIN \"" + strings.Repeat("\xc3", n) + "\" x\r\n" },
	"UTF-8":            func(n int) string { return "a LOGIN \"" + strings.Repeat("é", n/2) + "\" x\r\n" },
	"capabilities":     func(n int) string { return "a ENABLE" + strings.Repeat(" AUTH=X", n/7) + " \r\n" },
	"body structure":   func(n int) string { return "* 1 FETCH (BODY " + strings.Repeat("(", n) + "\r\n" },
	"nested messages": func(n int) string {
		return "* 1 FETCH (BODY " + strings.Repeat(`("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 1 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) `, n/80) + "\r\n"
	},
	"body extensions": func(n int) string {
		return `* 1 FETCH (BODYSTRUCTURE ("A" "B" NIL NIL NIL "7BIT" 1 NIL NIL NIL NIL ` + strings.Repeat("(", n) + "\r\n"
	},
	"list items":    func(n int) string { return `* LIST () "/" x (` + strings.Repeat("a ((", n/4) + "\r\n" },
	"response text": func(n int) string { return "* OK " + strings.Repeat("[", n) + "\r\n" },
	"response code": func(n int) string { return "* OK [" + strings.Repeat("x ", n/2) + "\r\n" },
	"addresses": func(n int) string {
		return "* 1 FETCH (ENVELOPE (NIL NIL (" + strings.Repeat("(NIL NIL NIL NIL)", n/17) + "\r\n"
	},
	"search numbers": func(n int) string { return "* SEARCH" + strings.Repeat(" 1", n/2) + " \r\n" },
	"search sets":    func(n int) string { return "a SEARCH" + strings.Repeat(" 1", n/2) + "\r\n" },
	"search lists":   func(n int) string { return "a SEARCH" + strings.Repeat(" (1 1)", n/6) + "\r\n" },
	"nested keys": func(n int) string {
		return "a SEARCH" + strings.Repeat(" "+strings.Repeat("(NOT OR 1 ", 30)+"1"+strings.Repeat(")", 30), n/331) + "\r\n"
	},
	"permanent flags": func(n int) string { return "* OK [PERMANENTFLAGS (" + strings.Repeat(`\* `, n/3) + ")] x\r\n" },
	"keywords":        func(n int) string { return "* OK [PERMANENTFLAGS (" + strings.Repeat("$ ", n/2) + "\r\n" },
	"search set":      func(n int) string { return "* ESEARCH ALL 1" + strings.Repeat(",1", n/2) + "\r\n" },
	"mailbox flags":   func(n int) string { return `* LIST (` + strings.Repeat(`\X `, n/3) + `\X) "/" x` + "\r\n" },
	"continuation":    func(n int) string { return "+ " + strings.Repeat("A", n) + "\r\n" },
}

// Any input costs time in proportion to its size, and no more memory than a few times
// its size. The bounds are wide: quadratic time would miss them by far.
func TestHostileInput(t *testing.T) {
	const size = 1 << 20
	for name, make := range hostileLines {
		t.Run(name, func(t *testing.T) {
			line := []byte(make(size))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			if line[0] == '*' || line[0] == '+' {
				_, _ = parser.Response(line, nil)
				_, _ = parser.ResponseLenient(line, nil)
			} else {
				_, _ = parser.Command(line, nil, imap.AllFeatures)
				_, _ = parser.AppendStart(line, nil, imap.AllFeatures)
			}
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			require.Less(t, took, 20*time.Second)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(120*size))
		})
	}
}

// Short forms of the same lines get the reference's verdict too.
func TestHostileVerdicts(t *testing.T) {
	for name, make := range hostileLines {
		line, lits := withLiterals(make(100))
		entry := "command"
		if line[0] == '*' || line[0] == '+' {
			entry = "response-line"
		}
		_, err := parse(entry, line, lits, false)
		t.Log(name, err)
		agreesWithPigeon(t, entry, line, false, err)
	}
}

func TestNestingIsBounded(t *testing.T) {
	for _, line := range []string{
		hostileLines["nested lists"](10000), hostileLines["nested not"](10000), hostileLines["nested or"](10000),
	} {
		_, err := parser.Command([]byte(line), nil, imap.AllFeatures)
		var e *parser.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, "SEARCH: nested too deep", e.Text)
		require.Equal(t, "a", e.Tag)
	}
	for _, deep := range []int{20, 100} {
		_, err := parser.Command([]byte("a SEARCH "+strings.Repeat("(NOT ", deep/2)+"ALL"+strings.Repeat(")", deep/2)+"\r\n"), nil, imap.AllFeatures)
		require.NoError(t, err)
	}
	_, err := parser.ResponseLenient([]byte(hostileLines["body structure"](10000)), nil)
	require.ErrorContains(t, err, "nested too deep")
}

func TestLiteralsMustFit(t *testing.T) {
	lit := func(n int) imap.Literal { return imap.Literal{Size: int64(n), Data: make([]byte, n)} }
	text := func(s string) imap.Literal { return imap.Literal{Size: int64(len(s)), Data: []byte(s)} }
	for name, c := range map[string]struct {
		line string
		lits []imap.Literal
	}{
		"missing":           {"a LOGIN {3}\r\n {3}\r\n\r\n", []imap.Literal{text("abc")}},
		"none":              {"a LOGIN {3}\r\n x\r\n", nil},
		"too many":          {"a LOGIN x {3}\r\n\r\n", []imap.Literal{text("abc"), text("abc")}},
		"nothing to take":   {"a NOOP\r\n", []imap.Literal{text("abc")}},
		"other size":        {"a LOGIN x {4}\r\n\r\n", []imap.Literal{text("abc")}},
		"data cut":          {"a LOGIN x {4}\r\n\r\n", []imap.Literal{{Size: 4, Data: []byte("abc")}}},
		"not synchronizing": {"a LOGIN x {3+}\r\n\r\n", []imap.Literal{text("abc")}},
		"NUL":               {"a LOGIN x {3}\r\n\r\n", []imap.Literal{lit(3)}},
		"streamed":          {"a LOGIN x {3}\r\n\r\n", []imap.Literal{{Size: 3, Streamed: true}}},
		"streamed mailbox":  {"a APPEND {3}\r\n {3}\r\n\r\n", []imap.Literal{{Size: 3, Streamed: true}, text("abc")}},
		"huge size":         {"a LOGIN x {99999999999999999999}\r\n\r\n", []imap.Literal{text("abc")}},
	} {
		_, err := parser.Command([]byte(c.line), c.lits, imap.AllFeatures)
		var e *parser.Error
		require.True(t, errors.As(err, &e), "%s: %v", name, err)
		require.Equal(t, "a", e.Tag, name)
	}
	got, err := parser.Command([]byte("a APPEND x {3}\r\n\r\n"), []imap.Literal{{Size: 3, Streamed: true}}, imap.AllFeatures)
	require.NoError(t, err)
	require.Equal(t, imap.Literal{Size: 3, Streamed: true}, got.Command.(*imap.Append).Messages[0].Data.(*imap.AppendLiteral).Message)
}

// A parser keeps nothing of the line: the framing layer uses its buffer again.
func TestValuesDoNotShareTheLine(t *testing.T) {
	line := []byte("a LOGIN user {4}\r\n\r\n")
	data := []byte("pass")
	c, err := parser.Command(line, []imap.Literal{{Size: 4, Data: data}}, imap.AllFeatures)
	require.NoError(t, err)
	for i := range line {
		line[i] = 'z'
	}
	copy(data, "zzzz")
	require.Equal(t, imap.TaggedCommand{Tag: "a", Command: &imap.Login{User: "user", Password: "pass"}}, c)
}
