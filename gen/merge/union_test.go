package merge

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/gen/abnf"
)

func print(p *abnf.Production) string { return abnf.Print(p.Expr) }

func TestUnion(t *testing.T) {
	cases := []struct{ name, first, second, overlay, want string }{
		{"the same twice", "a = \"x\" SP b\nb = \"y\"\n", "A = \"X\" sp B\n", "",
			"a = \"x\" SP b\nb = \"y\""},
		{"alternatives of both", "a = \"x\" / \"y\"\n", "a = \"y\" / \"z\"\n", "",
			`a = "x" / "y" / "z"`},
		{"added alternatives", "a = \"x\"\n", "a =/ \"y\"\n", "",
			`a = "x" / "y"`},
		{"a part that may be left out", "a = \"x\" [SP \"y\"] \"z\"\n", "a = \"x\" \"z\"\n", "",
			`a = "x" [SP "y"] "z"`},
		{"the wider one takes the place", "a = \"x\" \"z\" / \"w\"\n", "a = \"x\" [SP \"y\"] \"z\"\n", "",
			`a = "x" [SP "y"] "z" / "w"`},
		{"what a rule stands for", "a = \"x\" b\nb = \"y\" / \"z\"\n", "a = \"x\" \"z\"\n", "",
			"a = \"x\" b\nb = \"y\" / \"z\""},
		{"repeats", "a = *b\nb = \"y\"\n", "a = 1*b\na =/ b b\n", "",
			"a = *b / b b\nb = \"y\""},
		{"declared width", "a = \"x\" n\nn = 1*DIGIT\nm = 1*DIGIT\n", "a = \"x\" m\n",
			"; wider m n: reason\n; leftover n: reason\n",
			"a = \"x\" m\nm = 1*DIGIT"},
		{"case of strings that tell it apart", "a = %s\"x\"\n", "a = %s\"X\"\n", "",
			`a = %s"x" / %s"X"`},
		{"left recursion", "a = \"x\" / a *(SP a) / \"(\" a \")\"\n", "", "",
			"a = a-item *(SP a-item)\na-item = \"x\" / \"(\" a \")\""},
		{"prose", "a = <any b except c and \"d\">\nb = %x61-66\nc = \"A\" / %x62\n", "", "",
			"a = %x63 / %x65-66"},

		{"replace", "a = \"x\"\n", "a = \"y\"\n", "; replace: reason\na = \"z\"\n",
			`a = "z"`},
		{"define and attach", "a = \"x\"\n", "", "; define: reason\nb = \"y\"\n; attach: reason\na =/ b\n",
			"a = \"x\" / b\nb = \"y\""},
		{"drop inside", "a = \"x\" (\"y\" / \"z\")\n", "", "; drop: reason\na = \"y\"\n",
			`a = "x" "z"`},
		{"remove", "a = \"x\"\nb = <words>\n", "", "; remove b: reason\n",
			`a = "x"`},
		{"remove what is only added to", "a = \"x\"\n", "b =/ \"y\"\n", "; remove b: reason\n",
			`a = "x"`},
		{"name alternatives", "a = \"x\" / \"y\" / \"z\"\n", "", "; name a: reason\nb = \"y\" / \"z\"\n",
			"a = \"x\" / b\nb = \"y\" / \"z\""},
		{"name items", "a = \"x\" [\"y\" \"z\"] \"w\"\n", "", "; name a: reason\nb = \"y\" \"z\"\n",
			"a = \"x\" [b] \"w\"\nb = \"y\" \"z\""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, rules(t, c.first, c.second, entryA+c.overlay))
		})
	}
}

func TestReasonsOverSeveralLines(t *testing.T) {
	entries, err := readOverlay(grammar("", "", "; preface\n\n; entry a: one\n; two: three\n\n; a heading\n\n; leftover b: four\n"))
	require.NoError(t, err)
	require.Len(t, entries, 2)
	require.Equal(t, "one two: three", entries[0].reason)
	require.Equal(t, []string{"b"}, entries[1].names)
}

func TestSourcesAreKept(t *testing.T) {
	g, _, err := Load(grammar("; section 9.1\na = \"x\"\n", "; section 4\n\na =/ \"y\" ; comment\n", entryA))
	require.NoError(t, err)
	s := g.Rule("a").Sources
	require.Len(t, s, 2)
	require.Equal(t, 1, s[0].RFC)
	require.Equal(t, "9.1", s[0].Section)
	require.Equal(t, 3, s[1].Line)
	require.Equal(t, `a =/ "y"`, s[1].ABNF)
}
