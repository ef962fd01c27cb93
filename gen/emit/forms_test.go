package emit

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/gen/peg"
)

// otherForms says some rules in forms that the lowering may choose, but does not at
// present: a loop that stops before what follows it, a class where there were literals,
// a keyword in two pieces.
func otherForms(t *testing.T, g *peg.Grammar) {
	t.Helper()
	word := func(s string) peg.Expr { return &peg.Literal{Text: s, Fold: true} }
	ref := func(s string) peg.Expr { return &peg.Ref{Name: s} }
	seq := func(items ...peg.Expr) peg.Expr { return &peg.Seq{Items: items} }
	space := &peg.Literal{Text: " "}

	g.Rule("capability-data").Expr = seq(word("CAPABILITY"),
		&peg.Repeat{Max: -1, Item: seq(space, ref("capability")), Until: seq(space, word("IMAP4rev2"))},
		space, word("IMAP4rev2"))

	var sign peg.ByteSet
	sign.Add('+')
	sign.Add('-')
	g.Rule("store-op").Expr = &peg.Class{Set: sign}

	fetch, ok := g.Rule("fetch-att").Expr.(*peg.Choice)
	require.True(t, ok)
	var alts []peg.Expr
	for _, a := range fetch.Alts {
		l, ok := a.(*peg.Literal)
		if !ok || l.Text != "BODY" && l.Text != "BODYSTRUCTURE" {
			alts = append(alts, a)
		}
	}
	fetch.Alts = append(alts, seq(word("BODY"), &peg.Repeat{Max: 1, Item: word("STRUCTURE")}))
	require.Len(t, fetch.Alts, len(alts)+1)
}

const formsProgram = `package main

import (
	"fmt"
	"os"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/imap/parser"
)

func main() {
	for _, line := range []string{
		"* CAPABILITY A B IMAP4rev2\r\n", "* CAPABILITY A\r\n", "* CAPABILITY IMAP4rev2\r\n",
	} {
		r, err := parser.Response([]byte(line), nil)
		if c, ok := r.(*imap.CapabilityData); ok {
			fmt.Println(c.Capabilities)
			continue
		}
		fmt.Println(err)
	}
	for _, line := range []string{"a STORE 1 +FLAGS x\r\n", "a STORE 1 -flags.silent x\r\n", "a STORE 1 FLAGS x\r\n"} {
		c, err := parser.Command([]byte(line), nil, imap.AllFeatures)
		if s, ok := c.Command.(*imap.Store); ok {
			fmt.Println(s.Op == imap.StoreAdd, s.Op == imap.StoreRemove, s.Silent)
			continue
		}
		fmt.Println(err)
	}
	c, err := parser.Command([]byte("a FETCH 1 (BODY BODYSTRUCTURE BODY[])\r\n"), nil, imap.AllFeatures)
	fmt.Println(c.Command.(*imap.Fetch).Items[:2], err)
	e := imap.NewEncoder(os.Stdout)
	_ = e.EncodeCommand("a", c.Command)
	_ = e.EncodeCommand("b", &imap.Store{Set: c.Command.(*imap.Fetch).Set, Op: imap.StoreRemove})
	_ = e.Flush()
}
`

const formsOutput = `[A B]
expected SP
[]
true false false
false true true
false false false
[BODY BODYSTRUCTURE] <nil>
a FETCH 1 (BODY BODYSTRUCTURE BODY[])
b STORE 1 -FLAGS ()
`

// The parser made of these forms is built and run.
func TestOtherForms(t *testing.T) {
	g := load(t)
	otherForms(t, g)
	files, err := Generate(g, os.DirFS("../../grammar"), Targets[0])
	require.NoError(t, err)

	dir := t.TempDir()
	files["main.go"] = []byte(formsProgram)
	files["go.mod"] = []byte("module github.com/dragoman-mail/dragoman\n\ngo 1.26\n")
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, text, 0o644))
	}
	cmd := exec.CommandContext(t.Context(), "go", "run", ".")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, formsOutput, strings.ReplaceAll(string(out), "\r\n", "\n"))
}
