package embedded

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// A text that is looked at in pieces is the same text, whatever stands where it is cut.
func TestTextPieces(t *testing.T) {
	for _, filling := range []string{"x", "x ", "é", "x\n", " ", "\u3000", "𝕏"} {
		for shift := range 3 {
			text := strings.Repeat("y", shift) + strings.Repeat(filling, 5*pieceOctets/2/len(filling)) + "end"
			m := mime.Parse([]byte("Content-Type: text/plain; charset=utf-8\r\n\r\n" + text))
			var all strings.Builder
			begins := 0
			eachPiece(m, func(p textPiece) bool {
				require.LessOrEqual(t, len(p.text), pieceOctets)
				if p.begins {
					begins++
				}
				if !p.begins && !p.glued {
					require.Contains(t, " \n\t", all.String()[all.Len()-1:])
				}
				all.WriteString(p.text)
				return true
			})
			require.Equal(t, text, all.String())
			require.Equal(t, 1, begins)
		}
	}
	n := 0
	eachPiece(mime.Parse([]byte("\r\n"+strings.Repeat("x ", 2*pieceOctets))), func(textPiece) bool { n++; return false })
	require.Equal(t, 1, n)
}

// Words and phrases are found across the places where a long text is cut, and not across parts.
func TestSearchInLongTexts(t *testing.T) {
	c := newClient(t, Limits{})
	inbox := c.mailbox("inbox")
	for _, filling := range []string{"xé", "x yz "} {
		ids := []string{}
		for shift := range 3 {
			text := strings.Repeat("y", 1000+shift) + strings.Repeat(filling, (pieceOctets-1004)/len(filling))
			ids = append(ids, c.importMail("Content-Type: text/plain; charset=utf-8\r\n\r\n"+text+" Needle\r\n\tin  HAY "+text+" last", inbox, ""))
		}
		for _, filter := range []string{`{"body":"\"needle in hay\" last"}`, `{"text":"nEEdle last"}`, `{"operator":"AND","conditions":[{"body":"needle"},{"body":"last"}]}`} {
			require.Len(t, c.ok("Email/query", `"filter":`+filter)["ids"], len(ids), "%s %s", filling, filter)
		}
		require.Empty(t, c.ok("Email/query", `"filter":{"body":"needle absent"}`)["ids"])
		got := c.ok("SearchSnippet/get", fmt.Sprintf(`"filter":{"body":"last absent"},"emailIds":[%q]`, ids[0]))["list"].([]any)[0].(map[string]any)
		require.Contains(t, got["preview"], "<mark>last</mark>")
		for _, id := range ids {
			c.ok("Email/set", fmt.Sprintf(`"destroy":[%q]`, id))
		}
	}
	c.importMail("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\none\r\n--x\r\n\r\ntwo\r\n--x--\r\n", inbox, "")
	require.Len(t, c.ok("Email/query", `"filter":{"body":"one two"}`)["ids"], 1)
	require.Empty(t, c.ok("Email/query", `"filter":{"body":"\"one two\""}`)["ids"])
}

// What is looked for is bounded, as every message is looked at for all of it.
func TestFiltersAndSortsAreBounded(t *testing.T) {
	c := newClient(t, Limits{})
	id := c.importMail(message("s", "a@example.org", "text"), c.mailbox("inbox"), "")
	words := func(n int) string { return strings.TrimSuffix(strings.Repeat("text ", n), " ") }
	require.Len(t, c.ok("Email/query", `"filter":{"body":"`+words(maxTerms)+`"}`)["ids"], 1)
	fields := strings.TrimSuffix(strings.Repeat(`{"header":["Subject"]},`, maxTerms+1), ",")
	for _, filter := range []string{
		`{"body":"` + words(maxTerms+1) + `"}`,
		`{"operator":"OR","conditions":[{"subject":"` + words(maxTerms) + `"},{"text":"x"}]}`,
		`{"header":["Subject","` + words(maxTerms) + `"]}`,
		`{"operator":"OR","conditions":[` + fields + `]}`,
		`{"body":"` + strings.Repeat("x", maxSearchText+1) + `"}`,
	} {
		require.Equal(t, "unsupportedFilter", c.fails("Email/query", `"filter":`+filter), "%.100s", filter)
		require.Equal(t, "unsupportedFilter", c.fails("SearchSnippet/get", fmt.Sprintf(`"emailIds":[%q],"filter":%s`, id, filter)), "%.100s", filter)
	}
	sorts := func(n int) string {
		return `"sort":[` + strings.TrimSuffix(strings.Repeat(`{"property":"sortOrder"},`, n), ",") + `]`
	}
	c.ok("Mailbox/query", sorts(maxComparators))
	require.Equal(t, "unsupportedSort", c.fails("Mailbox/query", sorts(maxComparators+1)))
	c.ok("Email/query", strings.ReplaceAll(sorts(maxComparators), "sortOrder", "subject"))
	require.Equal(t, "unsupportedSort", c.fails("Email/query", strings.ReplaceAll(sorts(maxComparators+1), "sortOrder", "subject")))
}

// Both ways to fold and squeeze come to the same.
func TestSearchable(t *testing.T) {
	for _, s := range []string{"", " ", "Ab  C\r\n\td", "\v x\f", " a ", "\x00\x1c B\x85", "É  x\u3000Y", "\xff Z"} {
		require.Equal(t, squeeze(foldCase(s)), searchable(s), "%q", s)
	}
}
