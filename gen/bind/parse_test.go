package bind

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadBindings(t *testing.T) {
	src, err := os.ReadFile("../../grammar/bindings.txt")
	require.NoError(t, err)
	f, err := Read("grammar/bindings.txt", src)
	require.NoError(t, err)
	byRule := map[string]*Binding{}
	for _, b := range f.Bindings {
		byRule[b.Rule] = b
	}
	fetch := byRule["fetch-att"]
	require.Equal(t, "FetchAtt", fetch.Union.Name)
	require.Equal(t, Case{
		Name: "FetchBinary", When: []string{"BINARY", "BINARY.PEEK"},
		Doc: "FetchBinary asks for a part with its transfer encoding removed.", Line: fetch.Union.Cases[1].Line,
		Fields: []Field{
			{Name: "Peek", Flag: "BINARY.PEEK", Line: fetch.Union.Cases[1].Line + 2},
			{Name: "Part", Sources: []Source{{Rule: "section-part"}}, Optional: true, Doc: "nil: the whole message", Line: fetch.Union.Cases[1].Line + 3},
			{Name: "Partial", Pointer: true, Optional: true, Sources: []Source{{Rule: "partial"}}, Line: fetch.Union.Cases[1].Line + 4},
		},
	}, fetch.Union.Cases[1])
	require.Equal(t, &Codec{"string", "stringValue", "astring"}, byRule["astring"].Leaf)
	require.Equal(t, "UID", byRule["uid"].Union.Set)
}

func TestReadReportsThePlace(t *testing.T) {
	_, err := Read("b.txt", []byte("tag => leaf string text\ntag => leaf !\n"))
	require.ErrorContains(t, err, "b.txt:2:")
}

func FuzzRead(f *testing.F) {
	src, err := os.ReadFile("../../grammar/bindings.txt")
	require.NoError(f, err)
	f.Add(src)
	f.Add([]byte("// Doc.\na => struct A : U by hand { B *b#2|\"C\"|@D? after \"E\" as []*F g h; I ! J }"))
	f.Fuzz(func(t *testing.T, src []byte) {
		file, err := Read("fuzz", src)
		if (file == nil) == (err == nil) {
			t.Errorf("neither a file nor an error, or both: %v", err)
		}
	})
}
