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

// pigeonEvery is how many sentences pass between those that pigeon sees, which is slow.
const pigeonEvery = 25

func TestStrictModelIsSmaller(t *testing.T) {
	merged, model := grammars(t)
	strict, loose := NewInterpreter(model, true), NewInterpreter(model, false)
	gen := NewGenerator(merged, 4)
	rejected := 0
	for range 3000 {
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
