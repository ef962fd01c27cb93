package pigeon

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/mna/pigeon/ast"
	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/gen/peg"
)

// A set of octets, written down and read by pigeon, is the same set.
func TestClassesAreReadAsTheyAreWritten(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	sets := []peg.ByteSet{{}, {^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}}
	for _, chars := range []string{"-", "^", "]", "\\", "^-]", "i", "+-.", "[]", "\r\n\t\x00", "\x7f\x80\xff"} {
		var set peg.ByteSet
		for i := range len(chars) {
			set.Add(chars[i])
		}
		sets = append(sets, set)
	}
	for range 500 {
		var set peg.ByteSet
		for range 1 + r.IntN(40) {
			lo := r.IntN(256)
			for c := lo; c < min(256, lo+1+r.IntN(4)); c++ {
				set.Add(byte(c))
			}
		}
		sets = append(sets, set)
	}
	for _, set := range sets {
		text := set.String()
		m := ast.NewCharClassMatcher(ast.Pos{}, text)
		require.False(t, m.Inverted || m.IgnoreCase, text)
		var got peg.ByteSet
		for _, c := range m.Chars {
			got.Add(byte(c))
		}
		for i := 0; i < len(m.Ranges); i += 2 {
			for c := m.Ranges[i]; c <= m.Ranges[i+1]; c++ {
				got.Add(byte(c))
			}
		}
		require.Equal(t, set, got, text)
	}
}

// A literal, written down, is the Go string that pigeon takes it for.
func TestLiteralsAreReadAsTheyAreWritten(t *testing.T) {
	for c := range 256 {
		text := "a" + string([]byte{byte(c)}) + "\""
		got, err := strconv.Unquote(peg.Text(&peg.Literal{Text: text}))
		require.NoError(t, err)
		require.Equal(t, runes(text), got)
	}
}

func TestWordsOfGoAreNotNames(t *testing.T) {
	require.Equal(t, "append_", peg.Identifier("append"))
	require.Equal(t, "select_", peg.Identifier("select"))
	require.Equal(t, "fetch_att", peg.Identifier("fetch-att"))
}
