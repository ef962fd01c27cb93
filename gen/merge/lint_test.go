package merge

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/gen/abnf"
)

// grammar returns a file system with the rules of two RFCs and an overlay.
func grammar(first, second, overlay string) fstest.MapFS {
	index := indexHeader + "\n1\trfc1.abnf\tOne\t\t\tyes\tyes\n2\trfc2.abnf\tTwo\t\t\tyes\tyes\n"
	return fstest.MapFS{
		"index.tsv":    {Data: []byte(index)},
		"rfc1.abnf":    {Data: []byte(first)},
		"rfc2.abnf":    {Data: []byte(second)},
		"overlay.abnf": {Data: []byte(overlay)},
	}
}

const entryA = "; entry a: where it starts\n\n"

func TestFaultsFailWithFileLineAndRule(t *testing.T) {
	cases := []struct{ name, first, second, overlay, want string }{
		{"syntax", "a = \"x\"\nb == c\n", "", entryA,
			"rfc1.abnf:2: "},
		{"prose", "a = \"x\" b\n\nb = <some words>\n", "", entryA,
			"rfc1.abnf:3: rule b: unresolved prose value <some words>"},
		{"prose of an undefined rule", "a = <any X except \"y\">\n", "", entryA,
			"rfc1.abnf:1: rule a: unresolved prose value"},
		{"undefined", "a = \"x\" / b\n", "", entryA,
			"rfc1.abnf:1: rule a: undefined rule b"},
		{"only added to", "a = \"x\"\n", "b =/ \"y\"\n", entryA,
			"rfc2.abnf:1: rule b: added to, but no file defines it"},
		{"unreachable", "a = \"x\"\n", "\nb = \"y\"\n", entryA,
			"rfc2.abnf:2: rule b: unreachable: no entry rule leads to it"},
		{"twice in one RFC", "a = \"x\"\nA = \"y\"\n", "", entryA,
			"rfc1.abnf:2: rule A: defined in line 1 already"},
		{"hidden left recursion", "a = [\"x\"] b\nb = a \"y\" / \"z\"\n", "", entryA,
			"rfc1.abnf:1: rule a: left recursion"},
		{"nothing but left recursion", "a = a \"x\"\n", "", entryA,
			"rfc1.abnf:1: rule a: every alternative begins with the rule itself"},
		{"shadowed", "a = \"x\" / b / c\nb = 1*DIGIT\nc = 1*DIGIT\n", "", entryA,
			`rfc1.abnf:1: rule a: alternative c can never match: earlier alternatives shadow it`},
		{"not an octet", "a = %x100\n", "", entryA,
			"rfc1.abnf:1: rule a: %x100 is not an octet"},
		{"no entry", "a = \"x\"\n", "", "",
			"overlay.abnf: no entry rule"},

		{"replace of nothing", "a = \"x\"\n", "", entryA + "; replace: reason\nb = \"y\"\n",
			"overlay.abnf:4: rule b: unused override: no RFC defines it"},
		{"replace by the same", "a = \"x\"\n", "", entryA + "; replace: reason\na = \"X\"\n",
			"overlay.abnf:4: rule a: unused override: it says what the RFC says"},
		{"define of a rule", "a = \"x\"\n", "", entryA + "; define: reason\na = \"y\"\n",
			"overlay.abnf:4: rule a: defined already: replace it instead"},
		{"attach to nothing", "a = \"x\"\n", "", entryA + "; attach: reason\nb =/ \"y\"\n",
			"overlay.abnf:4: rule b: unused override: there is no such rule"},
		{"attach of what is there", "a = \"x\" / \"y\"\n", "", entryA + "; attach: reason\na =/ \"Y\"\n",
			`overlay.abnf:4: rule a: unused override: the rule has "Y" already`},
		{"drop of what is not there", "a = \"x\" / \"y\"\n", "", entryA + "; drop: reason\na = \"z\"\n",
			`overlay.abnf:4: rule a: unused override: it has no alternative "z"`},
		{"remove of nothing", "a = \"x\"\n", "", entryA + "; remove b: reason\n",
			"overlay.abnf:3: rule b: unused override: there is no such rule"},
		{"name of what is not there", "a = \"x\"\n", "", entryA + "; name a: reason\nb = \"y\"\n",
			`overlay.abnf:4: rule b: unused override: a has no part "y"`},
		{"wider for nothing", "a = b / c\nb = \"x\"\nc = \"y\"\n", "", entryA + "; wider c b: reason\n\n; wider a b: reason\n\n; leftover b: reason\n",
			"overlay.abnf:5: rule a: unused override: no alternative is left out because of it"},
		{"leftover that is reached", "a = b\nb = \"x\"\n", "", entryA + "; leftover b: reason\n",
			"overlay.abnf:3: rule b: unused override: the rule can be reached"},
		{"leftover of nothing", "a = \"x\"\n", "", entryA + "; leftover b: reason\n",
			"overlay.abnf:3: rule b: unused override: there is no such rule"},
		{"catch-all of nothing", "a = \"x\"\n", "", entryA + "; catch-all b: reason\n",
			"overlay.abnf:3: rule b: unused override: there is no such rule"},
		{"commit of nothing", "a = \"x\"\n", "", entryA + "; commit b c: reason\n",
			"overlay.abnf:3: rule b: unused override: there is no such rule"},
		{"commit without an option", "a = \"x\" \"y\"\n", "", entryA + "; commit a b: reason\n",
			"rfc1.abnf:1: rule a: commit needs a rule that begins with an option"},

		{"no reason", "a = \"x\"\n", "", "; entry a:\n",
			"overlay.abnf:1: entry has no reason"},
		{"no name", "a = \"x\"\n", "", entryA + "; leftover: reason\n",
			"overlay.abnf:3: leftover names no rule"},
		{"no rule", "a = \"x\"\n", "", entryA + "; replace: reason\n",
			"overlay.abnf:3: replace has no rule below it"},
		{"rules where none belong", "a = \"x\"\n", "", "; entry a: reason\n; leftover a: reason\nb = \"x\"\n",
			"overlay.abnf:3: rule b: leftover takes no rules"},
		{"rule without entry", "a = \"x\"\n", "", "b = \"x\"\n" + entryA,
			"overlay.abnf:1: rule b: no entry above it says what to do with it"},
		{"wrong sign", "a = \"x\"\n", "", entryA + "; attach: reason\na = \"y\"\n",
			"overlay.abnf:4: rule a: attach wants =/"},
		{"wider of one", "a = \"x\"\n", "", entryA + "; wider a: reason\n",
			"overlay.abnf:3: wider needs two names"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := Load(grammar(c.first, c.second, c.overlay))
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestIndexFaults(t *testing.T) {
	for _, c := range []struct{ index, want string }{
		{"", "index.tsv:1: the header is not"},
		{indexHeader + "\nx\ta.abnf\tT\t\t\tyes\tyes\n", `index.tsv:2: "x" is not an RFC number`},
		{indexHeader + "\n1\ta.abnf\tT\n", "index.tsv:2: 3 columns, not 7"},
		{indexHeader + "\n1\t-\tT\t\t\tyes\tyes\n1\t-\tT\t\t\tyes\tyes\n", "index.tsv:3: RFC 1 is listed twice"},
		{indexHeader + "\n1\t-\t\t\t\tyes\tyes\n", "index.tsv:2: RFC 1 lacks its title, or its support is not yes, partial or no"},
		{indexHeader + "\n1\ta.abnf\tT\t\t\tyes\tyes\n", "reading the rules of RFC 1"},
	} {
		_, _, err := Load(fstest.MapFS{
			"index.tsv": {Data: []byte(c.index)}, "overlay.abnf": {Data: []byte(entryA)},
		})
		require.ErrorContains(t, err, c.want, c.index)
	}
}

// A grammar in a folder of its own shares the index with the others and nothing else.
func TestGrammarsInFolders(t *testing.T) {
	fsys := grammar("a = \"x\"\n", "b =/ a\n", "; entry a: where it starts\n\n; leftover b: reason\n")
	fsys["index.tsv"].Data = append(fsys["index.tsv"].Data, "3\tother/rfc3.abnf\tThree\t\t\tyes\tno\n"...)
	fsys["rfc2.abnf"].Data = []byte("b = a\n")
	fsys["other/rfc3.abnf"] = &fstest.MapFile{Data: []byte("a = \"y\" b\nb = \"z\"\n")}
	fsys["other/overlay.abnf"] = &fstest.MapFile{Data: []byte(entryA)}
	folders, err := Folders(fsys)
	require.NoError(t, err)
	require.Equal(t, []string{RootFolder, "other"}, folders)
	for folder, want := range map[string]string{RootFolder: `"x"`, "other": `"y" b`} {
		g, rep, err := MergeFolder(fsys, folder)
		require.NoError(t, err)
		require.Equal(t, want, print(g.Get("a")))
		require.NotEmpty(t, rep.Files)
	}
	fsys["other/rfc3.abnf"].Data = []byte("a = b\n")
	_, _, err = LoadFolder(fsys, "other")
	require.EqualError(t, err, "other: rfc3.abnf:1: rule a: undefined rule b")
	fsys["other/rfc4.abnf"] = &fstest.MapFile{Data: []byte("c = \"y\"\n")}
	_, _, err = LoadFolder(fsys, "other")
	require.EqualError(t, err, "other: rfc4.abnf: not in index.tsv")
}

func TestFileThatIsNotInTheIndex(t *testing.T) {
	fsys := grammar("a = \"x\"\n", "", entryA)
	fsys["rfc3.abnf"] = &fstest.MapFile{Data: []byte("b = \"y\"\n")}
	_, _, err := Load(fsys)
	require.EqualError(t, err, "rfc3.abnf: not in index.tsv")
}

// rules merges and returns the rules as ABNF, one a line.
func rules(t *testing.T, first, second, overlay string) string {
	t.Helper()
	g, _, err := Merge(grammar(first, second, overlay))
	require.NoError(t, err)
	var lines []string
	for _, p := range g.Productions {
		if !p.Core {
			lines = append(lines, p.Name+" = "+print(p))
		}
	}
	return strings.Join(lines, "\n")
}

func TestGates(t *testing.T) {
	fsys := grammar("a = \"x\" / b / \"(\" (\"y\" / \"x\") \")\"\nb = \"z\"\n", "", entryA+`
; gate ONE TWO: reason
a = "x"
b = "z"

; gate TWO: reason
a = "y"
`)
	_, _, err := Merge(fsys)
	require.EqualError(t, err, "overlay.abnf:4: no RFC of the index has the capability ONE")
	fsys["index.tsv"].Data = []byte(strings.Replace(string(fsys["index.tsv"].Data), "One\t\t", "One\tONE TWO=\t", 1))
	g, rep, err := Merge(fsys)
	require.NoError(t, err)
	gates := map[string][]string{}
	for _, name := range []string{"a", "b"} {
		abnf.Walk(g.Get(name).Expr, func(n abnf.Node) {
			if gate, ok := n.(*abnf.Gate); ok {
				gates[name+" "+abnf.Print(gate)] = gate.Capabilities
			}
		})
	}
	require.Equal(t, map[string][]string{`a "x"`: {"ONE", "TWO"}, `b "z"`: {"ONE", "TWO"}, `a "y"`: {"TWO"}}, gates,
		"an alternative of the rule itself goes before one inside a group")
	require.Equal(t, []string{"ONE TWO: a", "ONE TWO: b", "TWO: a"}, rep.Gated)

	fsys["overlay.abnf"].Data = append(fsys["overlay.abnf"].Data, "\n; gate TWO: reason\na = \"q\"\n"...)
	_, _, err = Merge(fsys)
	require.ErrorContains(t, err, `unused override: it has no alternative "q"`)
}
