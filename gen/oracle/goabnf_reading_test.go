package oracle

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	goabnf "github.com/pandatix/go-abnf"
	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/gen/abnf"
)

// go-abnf, which shares no code with gen/abnf, has to read the same trees in the files of the grammar.
func TestGoABNFReadsTheSameRules(t *testing.T) {
	files, err := filepath.Glob("../../grammar/*.abnf")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	more, err := filepath.Glob("../../grammar/*/*.abnf")
	require.NoError(t, err)
	require.NotEmpty(t, more)
	files = append(files, more...)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			ours, err := abnf.Read(file, text)
			require.NoError(t, err)
			theirs := readByGoABNF(t, string(text))
			for _, r := range ours.Rules() {
				key := abnf.Key(r.Name)
				require.NotEmpty(t, theirs[key], "%s: %s", file, r.Name)
				other := theirs[key][0]
				theirs[key] = theirs[key][1:]
				require.True(t, abnf.Equal(r.Expr, other), "%s: %s: %s, or %s", file, r.Name, abnf.Print(r.Expr), abnf.Print(other))
			}
			for name, more := range theirs {
				require.Empty(t, more, "%s: %s", file, name)
			}
		})
	}
}

// readByGoABNF returns the definitions of each rule in their order. Its time grows faster than the text, so it gets the
// paragraphs one by one; and it takes additions only to rules that it knows, so they become definitions.
func readByGoABNF(t *testing.T, text string) map[string][]abnf.Node {
	defs := map[string][]abnf.Node{}
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		if onlyComments(paragraph) {
			continue
		}
		paragraph = strings.ReplaceAll(strings.Trim(paragraph, "\n"), "=/", "=") + "\n"
		g, err := goabnf.ParseABNF([]byte(strings.ReplaceAll(paragraph, "\n", "\r\n")),
			goabnf.WithValidation(false), goabnf.WithRedefineCoreRules(true))
		require.NoError(t, err, paragraph)
		for _, r := range g.Rulemap {
			key := abnf.Key(r.Name)
			defs[key] = append(defs[key], fromAlternation(t, r.Alternation))
		}
	}
	return defs
}

func onlyComments(paragraph string) bool {
	for line := range strings.Lines(paragraph) {
		if strings.TrimSpace(line) != "" && !strings.HasPrefix(line, ";") {
			return false
		}
	}
	return true
}

func fromAlternation(t *testing.T, a goabnf.Alternation) abnf.Node {
	var alts []abnf.Node
	for _, c := range a.Concatenations {
		var items []abnf.Node
		for _, r := range c.Repetitions {
			items = append(items, fromRepetition(t, r))
		}
		if len(items) == 1 {
			alts = append(alts, items[0])
			continue
		}
		alts = append(alts, &abnf.Concat{Items: items})
	}
	if len(alts) == 1 {
		return alts[0]
	}
	return &abnf.Alt{Alts: alts}
}

func fromRepetition(t *testing.T, r goabnf.Repetition) abnf.Node {
	item := fromElement(t, r.Element)
	if r.Min == 1 && r.Max == 1 {
		return item
	}
	return &abnf.Rep{Min: r.Min, Max: r.Max, Item: item}
}

func fromElement(t *testing.T, e goabnf.ElemItf) abnf.Node {
	switch e := e.(type) {
	case goabnf.ElemRulename:
		return &abnf.Ref{Name: e.Name}
	case goabnf.ElemGroup:
		return fromAlternation(t, e.Alternation)
	case goabnf.ElemOption:
		return &abnf.Rep{Min: 0, Max: 1, Item: fromAlternation(t, e.Alternation)}
	case goabnf.ElemCharVal:
		return &abnf.Str{Text: string(e.Values), Sensitive: e.Sensitive}
	case goabnf.ElemProseVal:
		return &abnf.Prose{Text: strings.Trim(e.String(), "<>")}
	case goabnf.ElemNumVal:
		n := &abnf.Num{Range: e.Status == goabnf.StatRange}
		base := map[string]int{"b": 2, "d": 10, "x": 16}[strings.ToLower(e.Base)]
		for _, text := range e.Elems {
			v, err := strconv.ParseInt(text, base, 32)
			require.NoError(t, err)
			n.Values = append(n.Values, rune(v))
		}
		return n
	}
	require.Fail(t, fmt.Sprintf("%T is no element", e))
	return nil
}
