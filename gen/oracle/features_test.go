package oracle

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/imap"
	imapparser "github.com/dragoman-mail/dragoman/generated/imap/parser"
	imappeg "github.com/dragoman-mail/dragoman/generated/imap/peg"
)

// With some of the extensions on, the grammar is that of RFC 9051 and those: sentences made of it are taken, and of
// others the recogniser, the model, the direct parser and pigeon's parser think the same.
func TestVerdictsWithSomeFeaturesOnly(t *testing.T) {
	const subsets, commands = 100, 40
	merged, model := grammars(t)
	rec, in, gen := NewRecogniser(merged), NewInterpreter(model, false), NewGenerator(merged, 11)
	random := rand.New(rand.NewPCG(11, 2))
	all := model.Capabilities()
	require.Equal(t, imap.AllFeatures.Capabilities(), all)
	taken, refused := 0, 0
	for range subsets {
		on, features := Capabilities{}, imap.Features(0)
		for _, name := range all {
			if random.IntN(3) == 0 {
				on = append(on, name)
				features |= imap.Feature(name)
			}
		}
		rec.On, in.On = on, on
		for i := range commands {
			own := i < commands/2
			switch i {
			case 0:
				gen.Only(on)
			case commands / 2:
				gen.Only(nil)
			}
			line, lits := withLiterals(gen.Sentence("command"))
			want := rec.Accepts("command", line)
			if own {
				require.True(t, want, "%s: %q", on, line)
			}
			if want {
				taken++
			} else {
				refused++
			}
			require.Equal(t, want, in.Accepts("command", line), "%s: model: %q", on, line)
			require.Equal(t, want, imapparser.MatchCommand([]byte(line), lits, features), "%s: parser: %q", on, line)
			if i%pigeonEvery == 0 {
				err := imappeg.CheckOnly("command", []byte(line), on)
				if !errors.Is(err, imappeg.ErrTooLong) && !errors.Is(err, imappeg.ErrTooHard) {
					require.Equal(t, want, err == nil, "%s: pigeon: %q: %v", on, line, err)
				}
			}
		}
	}
	require.Greater(t, taken, subsets*commands/2)
	require.Greater(t, refused, subsets*commands/10)
}
