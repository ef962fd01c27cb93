package oracle

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	reference "github.com/dragoman-mail/dragoman/generated/imap/peg"
)

// maxFuzzed bounds an input: the recogniser takes quadratic time.
const maxFuzzed = 2000

func FuzzCommandVerdicts(f *testing.F)  { fuzzVerdicts(f, "command") }
func FuzzResponseVerdicts(f *testing.F) { fuzzVerdicts(f, "response-line") }

// fuzzVerdicts wants the same verdict of the ABNF, the model and pigeon.
func fuzzVerdicts(f *testing.F, entry string) {
	merged, model := grammars(f)
	rec, in := NewRecogniser(merged), NewInterpreter(model, false)
	gen := NewGenerator(merged, 5)
	for range 50 {
		f.Add(gen.Sentence(entry))
	}
	for _, e := range readExamples(f, "rfc9051.tsv") {
		if e.entry == entry {
			f.Add(e.text)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > maxFuzzed {
			return
		}
		want := rec.Accepts(entry, s)
		require.Equal(t, want, in.Accepts(entry, s), "model: %q", s)
		err := reference.Check(entry, []byte(s))
		if !errors.Is(err, reference.ErrTooHard) {
			require.Equal(t, want, err == nil, "pigeon: %q: %v", s, err)
		}
	})
}
