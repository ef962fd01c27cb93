package mime

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// within fails if f takes longer than linear code has any reason to.
func within(t *testing.T, limit time.Duration, f func()) {
	t.Helper()
	start := time.Now()
	f()
	require.Less(t, time.Since(start), limit)
}

func countParts(m *Message) (n, depth int) {
	m.Root.Walk(true, func(p *Part) {
		n++
		d := 0
		for q := p; q.Parent != nil; q = q.Parent {
			d++
		}
		depth = max(depth, d)
	})
	return n, depth
}

func TestNestedMultipartBomb(t *testing.T) {
	var b bytes.Buffer
	for i := range 100_000 {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	within(t, 30*time.Second, func() {
		m := Parse(b.Bytes())
		n, depth := countParts(m)
		require.True(t, m.Capped)
		require.LessOrEqual(t, depth, MaxDepth)
		require.LessOrEqual(t, n, MaxParts+MaxDepth+1)
		checkTree(t, m)
	})
}

func TestNestedMessageBomb(t *testing.T) {
	in := strings.Repeat("Content-Type: message/rfc822\n\n", 200_000)
	within(t, 30*time.Second, func() {
		m := Parse([]byte(in))
		_, depth := countParts(m)
		require.True(t, m.Capped)
		require.Equal(t, MaxDepth, depth)
		checkTree(t, m)
	})
}

func TestMillionParts(t *testing.T) {
	in := "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 1_000_000) + "--b--\n"
	within(t, 30*time.Second, func() {
		m := Parse([]byte(in))
		n, _ := countParts(m)
		require.True(t, m.Capped)
		require.LessOrEqual(t, n, MaxParts+2)
		last := m.Root.Children[len(m.Root.Children)-1]
		require.Equal(t, "application/octet-stream", last.MediaType())
		require.Equal(t, len(in), last.Body.End)
	})
}

func TestGiantHeaders(t *testing.T) {
	giants := map[string]string{
		"one line":      "To: " + strings.Repeat("a@b, ", 2_000_000),
		"one word":      "Subject: " + strings.Repeat("x", 10_000_000),
		"folded":        "Subject: " + strings.Repeat("x\n ", 3_000_000),
		"fields":        strings.Repeat("A:\n", 3_000_000),
		"params":        "Content-Type: a/b" + strings.Repeat("; x=y", 2_000_000),
		"quotes":        "To: " + strings.Repeat("\"a", 2_000_000),
		"parens":        "To: " + strings.Repeat("(a", 2_000_000),
		"angles":        "To: " + strings.Repeat("<@", 2_000_000),
		"groups":        "To: " + strings.Repeat("g:", 2_000_000),
		"encoded words": "Subject: " + strings.Repeat("=?utf-8?q?=e2?= ", 600_000),
		"blobs":         "Subject: " + strings.Repeat("[a]", 2_000_000),
	}
	for name, in := range giants {
		t.Run(name, func(t *testing.T) {
			within(t, 30*time.Second, func() {
				m := Parse([]byte(in))
				for f := range m.Header().Fields() {
					if f.Name == "A" {
						break
					}
					require.LessOrEqual(t, len(ParseAddresses(f.Raw)), MaxAddresses)
					ParseMessageIDs(f.Raw)
					ParseURLs(f.Raw)
					_, _ = ParseDate(f.Raw)
					BaseSubject(Text(f.Raw))
				}
				require.LessOrEqual(t, len(m.Root.Params), MaxParams)
			})
		})
	}
}

func TestHostileHTML(t *testing.T) {
	for _, unit := range []string{"<", "<a", "<!--", "<script>", "</", "<style", "&#", "<p>"} {
		within(t, 30*time.Second, func() { HTMLText(strings.Repeat(unit, 300_000)) })
	}
}

// checkTree holds the offsets of every part against those of its parent.
func checkTree(t *testing.T, m *Message) {
	t.Helper()
	require.Equal(t, len(m.Octets), m.Root.Body.End)
	m.Root.Walk(true, func(p *Part) {
		ok := p.Header.Start <= p.Header.End && p.Header.End == p.Body.Start && p.Body.Start <= p.Body.End
		if p.Parent != nil {
			ok = ok && p.Header.Start >= p.Parent.Body.Start && p.Body.End <= p.Parent.Body.End
		}
		ok = ok && p.Type != "" && p.Subtype != "" && (p.Type != "multipart" || len(p.Children) > 0)
		if !ok {
			t.Fatalf("part %s: header %v body %v type %q", p.Section(), p.Header, p.Body, p.MediaType())
		}
	})
}
