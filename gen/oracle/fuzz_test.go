package oracle

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// maxFuzzed bounds an input: the recogniser takes quadratic time.
const maxFuzzed = 2000

func FuzzCommandVerdicts(f *testing.F)     { imapSubject.fuzzVerdicts(f, "command") }
func FuzzResponseVerdicts(f *testing.F)    { imapSubject.fuzzVerdicts(f, "response-line") }
func FuzzManageSieveVerdicts(f *testing.F) { subjects["managesieve"].fuzzVerdicts(f, "command") }
func FuzzManageSieveResponses(f *testing.F) {
	subjects["managesieve"].fuzzVerdicts(f, "listscripts-line")
}
func FuzzURLVerdicts(f *testing.F)   { subjects["imapurl"].fuzzVerdicts(f, "url") }
func FuzzOAuthVerdicts(f *testing.F) { subjects["sasl"].fuzzVerdicts(f, "client-resp") }

// fuzzVerdicts wants the same verdict of the ABNF, the model, pigeon and the direct parser.
func (subject *subject) fuzzVerdicts(f *testing.F, entry string) {
	merged, model := subject.grammars(f)
	rec, in := NewRecogniser(merged), NewInterpreter(model, false)
	gen := NewGenerator(merged, 5)
	for range 50 {
		f.Add(gen.Sentence(entry))
	}
	for _, rfc := range subject.exampleTables(f) {
		for _, e := range subject.readExamples(f, rfc) {
			if e.entry == entry {
				f.Add(e.text)
			}
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > maxFuzzed {
			return
		}
		s, _ = withLiterals(s)
		want := rec.Accepts(entry, s)
		require.Equal(t, want, in.Accepts(entry, s), "model: %q", s)
		subject.pigeon(t, want, entry, s)
		subject.direct(t, want, entry, s)
	})
}
