package oracle

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/gen/abnf"
	"github.com/dragoman-mail/dragoman/gen/peg"
)

// grammars returns both forms of the grammar of IMAP.
func grammars(t testing.TB) (*abnf.Grammar, *peg.Grammar) {
	t.Helper()
	return imapSubject.grammars(t)
}

// sentencesOfRule and sentencesOfEntry keep the tests to a few seconds; more of
// them have been run by hand (see README.md of grammar/).
const (
	sentencesOfRule  = 100
	sentencesOfEntry = 3000
	pigeonEvery      = 25 // pigeon is slow: it sees one sentence in so many
)

func TestEverySentenceOfEveryRuleThatBeginsALine(t *testing.T) {
	eachSubject(t, func(t *testing.T, subject *subject) {
		merged, model := subject.grammars(t)
		rec, in := NewRecogniser(merged), NewInterpreter(model, false)
		gen := NewGenerator(merged, 1)
		for _, entry := range merged.Entries {
			for i := range sentencesOfEntry {
				s, _ := withLiterals(gen.Sentence(entry))
				require.True(t, rec.Accepts(entry, s), "%s: the generator and the recogniser differ: %q", entry, s)
				require.True(t, in.Accepts(entry, s), "%s: the model rejects %q", entry, s)
				subject.direct(t, true, entry, s)
				if i%pigeonEvery == 0 {
					subject.pigeon(t, true, entry, s)
				}
			}
		}
	})
}

// Each command is made often enough, however small its part of the grammar is.
func TestSentencesOfEachCommand(t *testing.T) {
	merged, model := grammars(t)
	in := NewInterpreter(model, false)
	gen := NewGenerator(merged, 2)
	for _, state := range []string{"command-any", "command-nonauth", "command-auth", "command-select", "response-payload"} {
		for _, alt := range abnf.Alternatives(merged.Get(state).Expr) {
			for range sentencesOfRule {
				s := string(gen.node(nil, alt, 0))
				if state == "response-payload" {
					require.True(t, in.Accepts("response-line", "* "+s+"\r\n"), "%q", s)
					continue
				}
				require.True(t, in.Accepts("command", "a "+s+"\r\n"), "%q", s)
			}
		}
	}
}

func TestMutatedSentencesGetTheSameVerdict(t *testing.T) {
	eachSubject(t, func(t *testing.T, subject *subject) {
		merged, model := subject.grammars(t)
		rec, in := NewRecogniser(merged), NewInterpreter(model, false)
		gen := NewGenerator(merged, 3)
		for _, entry := range merged.Entries {
			accepted := 0
			for i := range sentencesOfEntry {
				s, _ := withLiterals(gen.Mutate(gen.Sentence(entry)))
				want, got := rec.Accepts(entry, s), in.Accepts(entry, s)
				if want {
					accepted++
				}
				if want != got {
					t.Errorf("%s: ABNF %v, model %v: %q", entry, want, got, s)
				}
				subject.direct(t, got, entry, s)
				if i%pigeonEvery == 0 {
					subject.pigeon(t, got, entry, s)
				}
			}
			t.Logf("%s: %d of %d mutants are sentences", entry, accepted, sentencesOfEntry)
		}
	})
}

func TestStrictModelIsSmaller(t *testing.T) {
	merged, model := grammars(t)
	strict, loose := NewInterpreter(model, true), NewInterpreter(model, false)
	gen := NewGenerator(merged, 4)
	rejected := 0
	for range sentencesOfEntry {
		s := gen.Sentence("response-line")
		if !strict.Accepts("response-line", s) {
			rejected++
		}
		m := gen.Mutate(s)
		if strict.Accepts("response-line", m) {
			require.True(t, loose.Accepts("response-line", m), "%q", m)
		}
	}
	require.NotZero(t, rejected)
}
