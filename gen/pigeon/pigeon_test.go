package pigeon_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/gen/emit"
	"github.com/dragoman-mail/dragoman/gen/merge"
	"github.com/dragoman-mail/dragoman/gen/pigeon"
	"github.com/dragoman-mail/dragoman/generated/imap/peg"
)

var positions = regexp.MustCompile(`line: \d+, col: \d+, offset: \d+`)

// The parser is built without its text; pigeon itself must make the same of the
// text.
func TestTextAndParserAreTheSameGrammar(t *testing.T) {
	for _, target := range emit.Targets {
		files := generate(t, target)
		in := filepath.Join(t.TempDir(), "in.peg")
		require.NoError(t, os.WriteFile(in, files[pigeon.Dir(target.Name)+target.Name+".peg"], 0o600))
		out, err := exec.Command("go", "tool", "pigeon", "-optimize-parser", in).Output()
		require.NoError(t, err)
		bare := func(src []byte) []string {
			return strings.Split(string(positions.ReplaceAll(src, nil)), "\n")
		}
		want, have := bare(out), bare(files[pigeon.Dir(target.Name)+"parser.go"])
		for i := range min(len(want), len(have)) {
			require.Equal(t, want[i], have[i], "%s line %d", target.Name, i+1)
		}
		require.Len(t, have, len(want))
	}
}

func generate(t *testing.T, target *emit.Target) map[string][]byte {
	t.Helper()
	g, _, err := merge.LoadFolder(os.DirFS("../../grammar"), target.Folder)
	require.NoError(t, err)
	files, err := pigeon.Generate(g, target.Name, target.Title)
	require.NoError(t, err)
	return files
}

func TestCheckNamesWhatItExpected(t *testing.T) {
	cases := []struct {
		entry, input string
		offset       int
		expected     []string
	}{
		{"command", "a NOOP\r\n", -1, nil},
		{"command", "a NOOP \r\n", 6, []string{"CRLF"}},
		{"command", "a FETCH 1 BODY[HEADER.FIELDS (a)\r\n", 32, []string{`"]"`}},
		{"command", "a SELECT \xe2\x84\xaa\r\n", 9, []string{`"INBOX"`, `"\""`, `"{"`, "ASTRING-CHAR"}},
		{"command", "a SEARCH \xe2\x84\xaaEYWORD x\r\n", 9, nil},
		{"command", "a STORE 1 FLAGS (\\Seen\r\n", 22, []string{"SP", `")"`}},
		{"idle-done", "done\r\n", -1, nil},
		{"auth-continue", "*\r\n", -1, nil},
		{"auth-continue", "\r\n", -1, nil},
		{"append-start", "a APPEND {3+}\r\n (\\Seen) ", -1, nil},
		{"response-line", "* 1 FETCH (UID 0)\r\n", 15, []string{"digit-nz"}},
	}
	for _, c := range cases {
		err := peg.Check(c.entry, []byte(c.input))
		if c.offset < 0 {
			require.NoError(t, err, c.input)
			continue
		}
		var se *peg.SyntaxError
		require.ErrorAs(t, err, &se, c.input)
		require.Equal(t, c.offset, se.Offset, c.input)
		for _, want := range c.expected {
			require.Contains(t, se.Expected, want, c.input)
		}
	}
}

func TestCheckIsBounded(t *testing.T) {
	require.ErrorIs(t, peg.Check("command", make([]byte, peg.MaxInput+1)), peg.ErrTooLong)
	require.ErrorIs(t, peg.Check("commando", nil), peg.ErrEntry)
	deep := []byte("a SEARCH ")
	for len(deep) < peg.MaxInput {
		deep = append(deep, '(')
	}
	require.Error(t, peg.Check("command", deep))
}

func TestStrictLeavesOutCatchAlls(t *testing.T) {
	for _, line := range []string{
		"* OK [XNEW] text\r\n",
		"* OK [UIDNEXT x] text\r\n",
		"* OK [text\r\n",
		"* LIST (\\Foo) NIL a\r\n",
		"* ESEARCH X 1\r\n",
		"* LIST () NIL a (X 1)\r\n",
	} {
		require.NoError(t, peg.Check("response-line", []byte(line)), line)
		require.Error(t, peg.CheckStrict("response-line", []byte(line)), line)
	}
	require.NoError(t, peg.CheckStrict("response-line", []byte("* OK [ALERT] text\r\n")))
}
