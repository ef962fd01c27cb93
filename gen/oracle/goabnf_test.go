package oracle

import (
	"strings"
	"testing"

	goabnf "github.com/pandatix/go-abnf"
	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/gen/abnf"
)

// go-abnf takes some milliseconds for a line, so it sees a fixed sample.
const (
	linesForGoABNF  = 50
	lengthForGoABNF = 100
)

// The merged ABNF means to go-abnf, which shares no code with the recogniser, what it means here.
func TestGoABNFGivesTheSameVerdicts(t *testing.T) {
	eachSubject(t, func(t *testing.T, subject *subject) {
		merged, model := subject.grammars(t)
		rec, in := NewRecogniser(merged), NewInterpreter(model, false)
		other, err := goabnf.ParseABNF([]byte(textForGoABNF(merged)))
		require.NoError(t, err)
		gen := NewGenerator(merged, 6)
		for _, entry := range merged.Entries {
			valid := 0
			for range linesForGoABNF {
				s := shortSentence(gen, entry)
				m := gen.Mutate(s)
				for _, line := range []string{s, m} {
					got, err := other.IsValid(entry, widened(line))
					require.NoError(t, err)
					require.Equal(t, got, rec.Accepts(entry, line), "%s: recogniser: %q", entry, line)
					require.Equal(t, got, in.Accepts(entry, line), "%s: model: %q", entry, line)
					if got {
						valid++
					}
				}
			}
			require.GreaterOrEqual(t, valid, linesForGoABNF, entry)
			require.Less(t, valid, 2*linesForGoABNF, entry)
		}
	})
}

// textForGoABNF prints the grammar without the core rules, which go-abnf has and does not let anyone redefine.
func textForGoABNF(g *abnf.Grammar) string {
	var b strings.Builder
	for _, p := range g.Productions {
		if goabnf.GetRule(p.Name, nil) == nil {
			b.WriteString(p.Name + " = " + abnf.Print(p.Expr) + "\r\n")
		}
	}
	return b.String()
}

func shortSentence(gen *Generator, entry string) string {
	for {
		if s := gen.Sentence(entry); len(s) <= lengthForGoABNF {
			return s
		}
	}
}

// widened writes each octet as the code point of the same number: numbers in ABNF are octets to IMAP and code points to
// go-abnf.
func widened(s string) []byte {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return []byte(string(runes))
}
