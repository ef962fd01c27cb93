package oracle

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/gen/lower"
	"github.com/dragoman-mail/dragoman/gen/merge"
)

// hardGrammars are what RFCs have in the way of traps for ordered choice. Each
// starts at rule a.
var hardGrammars = map[string]string{
	"a loop that eats the word behind it": `
a    = "CAPABILITY" *(SP word) SP "REV2" *(SP word)
word = 1*(ALPHA / DIGIT)
`,
	"a loop before a word that others begin with": `
a     = "(" (*(other SP) sel *(SP other) / other *(SP other)) ")"
sel   = "\No" / "\Noselect"
other = "\Noinferiors" / "\" 1*ALPHA
`,
	"a catch-all first": `
a    = "[" code "]"
code = 1*ALPHA [SP 1*<any VCHAR except "]">] / "ALERT" / "UIDNEXT" SP 1*DIGIT
`,
	"prefixes all ways": `
a = (b / c / d) SP "x"
b = "ab" / "abab"
c = "a" / "aba"
d = 1*("a" / "b")
`,
	"a keyword of one letter": `
a = ("B" / "BC" / 1*ALPHA) *("." ("B" / 1*ALPHA "!" / 1*ALPHA))
`,
	"an option that begins like what follows": `
a    = "E" [SP "UID"] *(SP item)
item = 1*ALPHA SP 1*DIGIT
`,
	"numbers and ranges": `
a   = set *("," set)
set = num / num ":" num / "*"
num = %x31-39 *DIGIT
`,
	"a list of lists": `
a    = "(" list ")"
list = item / list *(SP list) / "(" list ")"
item = 1*ALPHA / "(" ")"
`,
	"an option at the end": `
a = b [c]
b = 1*"x" / "xy"
c = "y" / "yz"
`,
	"nothing or something": `
a    = ("=" / base) / "*"
base = *(4char) [2char "==" / 3char "="]
char = ALPHA / "+"
`,
	"counts": `
a = 1*2DIGIT "-" 2*4DIGIT ["." 3DIGIT]
`,
}

func TestHardGrammars(t *testing.T) {
	for name, text := range hardGrammars {
		t.Run(name, func(t *testing.T) {
			merged, _, err := merge.Merge(fstest.MapFS{
				"index.tsv":    {Data: []byte("rfc\tfile\ttitle\tcapabilities\tobsoletes\tgrammar\tserver\n1\tr.abnf\tT\t\t\tyes\tyes\n")},
				"r.abnf":       {Data: []byte(text)},
				"overlay.abnf": {Data: []byte("; entry a: reason\n")},
			})
			require.NoError(t, err)
			model, notes, err := lower.Lower(merged)
			require.NoError(t, err)
			rec, in := NewRecogniser(merged), NewInterpreter(model, false)
			gen := NewGenerator(merged, 7)
			for range 1000 {
				s := gen.Sentence("a")
				require.True(t, rec.Accepts("a", s), "%q", s)
				require.True(t, in.Accepts("a", s), "%q, %+v", s, notes)
				m := gen.Mutate(s)
				require.Equal(t, rec.Accepts("a", m), in.Accepts("a", m), "%q, %+v", m, notes)
			}
		})
	}
}
