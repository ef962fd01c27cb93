package merge

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/gen/abnf"
)

// differs lists the rules that are not as the RFC has them; the heads of the files and README.md say why. "*" is all of
// a file: the RFC has another notation.
var differs = map[int][]string{
	2177: {"*"}, 2193: {"*"}, 2221: {"*"}, 2342: {"*"}, 2971: {"*"}, 3691: {"*"},
	3502: {"resp-code-apnd"},
	4469: {"url-resp-text"},
	5182: {"search-return-opt"},
}

var (
	pageFoot = regexp.MustCompile(`(?m)^.*\[Page \d+\]\s*$`)
	pageHead = regexp.MustCompile(`(?m)^RFC \d+ .*\d{4}\s*$`)
	space    = regexp.MustCompile(`\s+`)
)

// The rules are those of the RFCs, character by character but for comments and space.
func TestRulesAreThoseOfTheRFCs(t *testing.T) {
	docs, err := ReadIndex(os.DirFS("../../grammar"))
	require.NoError(t, err)
	checked := 0
	for _, d := range docs {
		if d.File == "" || strings.Contains(d.File, "/") {
			continue
		}
		text, err := os.ReadFile(fmt.Sprintf("../../../shared/rfc/rfc%d.txt", d.RFC))
		if os.IsNotExist(err) {
			t.Skip("the RFC texts are not there")
		}
		require.NoError(t, err)
		rfc := bare(pageHead.ReplaceAllString(pageFoot.ReplaceAllString(string(text), ""), ""))
		file, err := os.ReadFile("../../grammar/" + d.File)
		require.NoError(t, err)
		f, err := abnf.Read(d.File, file)
		require.NoError(t, err)
		met := map[string]bool{}
		for _, r := range f.Rules() {
			same := strings.Contains(rfc, bare(r.Text))
			excused := false
			for _, name := range differs[d.RFC] {
				if name == "*" || name == abnf.Key(r.Name) {
					excused = true
					met[name] = met[name] || !same
				}
			}
			require.True(t, same || excused, "%s:%d: RFC %d has no %s", d.File, r.Line, d.RFC, r.Text)
			checked++
		}
		for _, name := range differs[d.RFC] {
			require.True(t, met[name], "%s: %s is as the RFC has it", d.File, name)
		}
	}
	require.Greater(t, checked, 600)
}

// bare takes the comments and all space out of ABNF.
func bare(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		quoted := false
		for _, c := range line {
			if c == '"' {
				quoted = !quoted
			}
			if c == ';' && !quoted {
				break
			}
			b.WriteRune(c)
		}
	}
	return space.ReplaceAllString(b.String(), "")
}
