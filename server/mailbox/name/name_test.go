package name

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestEscapeExamples(t *testing.T) {
	for name, part := range map[string]string{
		"Work": "Work", "a/b": "a=2Fb", "a=b": "a=b", "a=2Fb": "a=3D2Fb", "=": "=", "==2F": "==3D2F", " a ": "=20a=20", "a b": "a b",
		"a=20b": "a=20b", "a=20": "a=3D20", "=20a": "=3D20a", "x\r\ny": "x=0D=0Ay", "\x7f": "=7F", "\u0085": "=85", " ": "=20", "  ": "=20=20",
		"a=3D": "a=3D3D", "=2f": "=2f", "50=%": "50=%",
	} {
		require.Equal(t, part, Escape(name))
		require.Equal(t, name, Unescape(part))
	}
}

var tricky = rapid.StringOfN(rapid.SampledFrom([]rune("=23DF0 /\x00\x1f\x7f\u0085aé😀~")), 0, 12, -1)

func TestEscapeIsReversible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(tricky, rapid.String()).Draw(t, "name")
		part := Escape(name)
		require.Equal(t, name, Unescape(part))
		require.NotContains(t, part, "/")
		require.Equal(t, strings.Trim(part, " "), part)
		for _, r := range part {
			require.False(t, control(r))
		}
	})
}

// A path part that a client makes up stands for a name whose part it is.
func TestEveryPartIsANamesPart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := strings.ReplaceAll(tricky.Draw(t, "part"), "/", "")
		require.Equal(t, Unescape(part), Unescape(Escape(Unescape(part))))
	})
}

func FuzzEscape(f *testing.F) {
	f.Add("a=2F")
	f.Fuzz(func(t *testing.T, name string) {
		if utf8.ValidString(name) {
			require.Equal(t, name, Unescape(Escape(name)))
		}
		Unescape(name)
	})
}

func TestSuffixDependsOnIDAndAttempt(t *testing.T) {
	require.Equal(t, Suffix("a", 0), Suffix("a", 0))
	require.NotEqual(t, Suffix("a", 0), Suffix("a", 1))
	require.NotEqual(t, Suffix("a", 0), Suffix("b", 0))
}
