package lower

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/gen/abnf"
	"github.com/dragoman-mail/dragoman/gen/peg"
)

// read returns the rules of a text, the first of them the entry, and the core
// rules.
func read(t *testing.T, text string) *abnf.Grammar {
	t.Helper()
	f, err := abnf.Read("t.abnf", []byte(text))
	require.NoError(t, err)
	g := &abnf.Grammar{}
	for _, r := range append(f.Rules(), abnf.Core().Rules()...) {
		if g.Get(r.Name) == nil {
			g.Add(&abnf.Production{
				Name: abnf.Key(r.Name), Expr: r.Expr,
				Sources: []peg.Source{{File: "t.abnf", Line: r.Line}},
			})
		}
	}
	g.Entries = []string{g.Productions[0].Name}
	return g
}

func TestLower(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"notation", `a = "x" %s"Y" SP *"1" 1*"2" ["3"] 2*3b %x41-43 %d13.10 ("d" / b)` + "\nb = \"-\"",
			`"x"i "Y" " " "1"* "2"+ "3"? (b b b?) [A-C] "\r\n" ("d"i / b)`},
		{"a class of one octet", "a = DIGIT / \"+\" / %x61-63", `[+0-9a-c]`},
		{"a choice of strings stays", `a = "+" / "-"`, `"+" / "-"`},
		{"nested sequences and choices", `a = ("x" "y") (("u" / "v") / "w")`, `"x"i "y"i ("u"i / "v"i / "w"i)`},

		{"keywords", `a = "BODY" ["STRUCTURE"] SP DIGIT / "RFC822" [".SIZE" / ".TEXT"] / "RFC822.SIZE"`,
			`"BODYSTRUCTURE"i " " digit / "BODY"i " " digit / "RFC822.SIZE"i / "RFC822.TEXT"i / "RFC822"i`},
		{"the longer one first", `a = b SP` + "\n" + `b = "BODY" / "BODY" "[" *DIGIT "]"`, `b " "`},
		{"a catch-all last", `a = 1*ALPHA / "X" SP 1*DIGIT / "Y"`,
			`"X"i " " digit+ / "Y"i !` + allOctets + ` / alpha+`},
		{"a lookahead where both take", `a = ("Seen" / 1*ALPHA) (")" / SP)`,
			`("Seen"i &[ )] / alpha+) (")" / " ")`},
		{"an option that one octet tells", `a = [SP "UID"] *(SP 1*ALPHA ".")`,
			`(" " "UID"i &([ ] / !` + allOctets + `))? (" " alpha+ ".")*`},
		{"a loop that stops in time", `a = *(SP 1*ALPHA) SP "X" *(SP DIGIT)`,
			`(!(" " "X"i (" " digit)* !` + allOctets + `) (" " alpha+))* " " "X"i (" " digit)*`},
		{"an empty alternative last", `a = (*"b" / "=") ";"`, `("=" / "b"i*) ";"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g, _, err := Lower(read(t, c.in))
			require.NoError(t, err)
			require.Equal(t, c.want, peg.Text(g.Rule("a").Expr))
		})
	}
}

const allOctets = `[\u0000-\u00ff]`

func TestNotesNameWhatHasChanged(t *testing.T) {
	_, notes, err := Lower(read(t, `a = ("B" / "BC" / 1*ALPHA) SP *(SP ALPHA) SP "X" *(SP ALPHA)`))
	require.NoError(t, err)
	require.Equal(t, []string{`a: "BC"i`}, notes.Reordered)
	require.Equal(t, []string{`a: "BC"i &[ ]`, `a: "B"i &[ ]`}, notes.Guarded)
	require.Len(t, notes.NonGreedy, 1)
}

func TestCommitMakesAnOptionBinding(t *testing.T) {
	src := read(t, `a = ["[" DIGIT "]"] *VCHAR`)
	src.Get("a").Commit = "odd"
	g, _, err := Lower(src)
	require.NoError(t, err)
	require.Equal(t, `("[" digit "]" &(vchar* !`+allOctets+`) / odd / !"[") vchar*`, peg.Text(g.Rule("a").Expr))
	require.True(t, g.Rule("odd").CatchAll)
	require.Equal(t, `&"["`, peg.Text(g.Rule("odd").Expr))
}

func TestShadowedAlternatives(t *testing.T) {
	for _, in := range []string{
		"a = \"xy\" / %x58.59 / %x58.79 / %x78.59 / %x78.79",
		"a = 1*DIGIT / 1*%x30-39",
		"a = b / c\nb = ALPHA [a]\nc = ALPHA [c]",
	} {
		_, _, err := Lower(read(t, in))
		require.ErrorContains(t, err, "t.abnf:1: rule a: alternative ", in)
		require.ErrorContains(t, err, "can never match", in)
	}
}
