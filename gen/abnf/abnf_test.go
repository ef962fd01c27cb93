package abnf

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadsEveryFileOfTheGrammar(t *testing.T) {
	files, err := filepath.Glob("../../grammar/*.abnf")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		f, err := Read(filepath.Base(name), text)
		require.NoError(t, err)
		require.NotEmpty(t, f.Rules(), name)
		roundTrip(t, f)
	}
}

// roundTrip prints the file, reads that and compares the trees.
func roundTrip(t *testing.T, f *File) {
	t.Helper()
	text := f.String()
	again, err := Read(f.Name, []byte(text))
	require.NoError(t, err, text)
	require.Len(t, again.Items, len(f.Items))
	for i, it := range f.Items {
		switch it := it.(type) {
		case *Comment:
			require.Equal(t, it.Text, again.Items[i].(*Comment).Text)
		case *Rule:
			r := again.Items[i].(*Rule)
			require.Equal(t, it.Name, r.Name)
			require.Equal(t, it.Added, r.Added)
			require.True(t, Equal(it.Expr, r.Expr), "%s\n%s", it, r)
		}
	}
	require.Equal(t, text, again.String())
}

func TestNotation(t *testing.T) {
	cases := map[string]string{
		`a = b`:                       `a = b`,
		`a =/ b / c d`:                `a =/ b / c d`,
		`a=b/c`:                       `a = b / c`,
		`a = *b 1*c *2d 3*4e 5f 0*1g`: `a = *b 1*c *2d 3*4e 5f [g]`,
		`a = *(b c) (d / e) [f]`:      `a = *(b c) (d / e) [f]`,
		`a = (b c) d`:                 `a = (b c) d`,
		`a = (b)`:                     `a = b`,
		`a = 4(*x)`:                   `a = 4(*x)`,
		`a = %x41-5a %d13.10 %b1`:     `a = %x41-5A %x0D.0A %x01`,
		`a = %s"Ab" %i"cD" "e;f"`:     `a = %s"Ab" "cD" "e;f"`,
		`a = <any "b;" c>`:            `a = <any "b;" c>`,
		"a = b ; one\n  / c ; two":    `a = b / c`,
		"a = b\r\n    c\r\n":          `a = b c`,
		"; only\na = b":               "; only\na = b",
	}
	for in, want := range cases {
		f, err := Read("t", []byte(in))
		require.NoError(t, err, in)
		require.Equal(t, want+"\n", f.String(), in)
	}
}

func TestLinesAndText(t *testing.T) {
	f, err := Read("t", []byte("; head\n\na = b ; note\n    / c\n\nd = \";\"\n"))
	require.NoError(t, err)
	rules := f.Rules()
	require.Equal(t, 3, rules[0].Line)
	require.Equal(t, "a = b\n    / c", rules[0].Text)
	require.Equal(t, 6, rules[1].Line)
	require.Equal(t, `d = ";"`, rules[1].Text)
	require.Equal(t, 1, f.Items[0].(*Comment).Line)
}

func TestErrorsNameFileAndLine(t *testing.T) {
	cases := map[string]string{
		"a = b\nc == d\n":        "x.abnf:2: ",
		"a = (b\nc = d\n":        "x.abnf:2: ",
		"a = b\n\nc = \"d\ne\n":  "x.abnf:3: ",
		"a = %x5A-41\n":          "x.abnf:1: range %x5A-41 runs backwards",
		"a = %x110000\n":         "x.abnf:1: value 110000 of %x110000 is above %x10FFFF",
		"a = 3*2b\n":             "x.abnf:1: repeat 3*2: the least count is above the most",
		"a = 99999999999999999b": "x.abnf:1: repeat count 99999999999999999 is above 65536",
		"a = b\n\xff":            "x.abnf:2: not UTF-8",
		"a = \"\xc3\xa9\"":       "x.abnf:1: ",
	}
	for in, want := range cases {
		_, err := Read("x.abnf", []byte(in))
		require.ErrorContains(t, err, want, in)
	}
}

func TestNestingIsBounded(t *testing.T) {
	deep := make([]byte, 0, 400_010)
	deep = append(deep, "a = "...)
	for range 200_000 {
		deep = append(deep, '(')
	}
	_, err := Read("x.abnf", deep)
	require.ErrorContains(t, err, "x.abnf:1: groups nest deeper than 200")
}

func TestCoreRules(t *testing.T) {
	f := Core()
	roundTrip(t, f)
	require.Len(t, f.Rules(), 23)
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"rfc2971.abnf", "rfc3501.abnf"} {
		text, err := os.ReadFile("../../grammar/" + name)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Add([]byte("a = *(b / %x41.42) [\"c\"] %s\"D\" <any e>\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := Read("fuzz", text)
		if err == nil {
			roundTrip(t, file)
		}
	})
}
