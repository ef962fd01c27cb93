package main

import (
	"bytes"
	"fmt"
	"strings"
)

// contextLines is how many lines around a difference a diff shows.
const contextLines = 3

// diff returns a unified diff of one hunk, from the first line that differs to
// the last one, or "" if the texts are the same. A nil text is a missing file.
func diff(path string, have, want []byte) string {
	if bytes.Equal(have, want) && (have == nil) == (want == nil) {
		return ""
	}
	a, b := splitLines(have), splitLines(want)
	from := 0
	for from < len(a) && from < len(b) && a[from] == b[from] {
		from++
	}
	tail := 0
	for tail < len(a)-from && tail < len(b)-from && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	start := max(from-contextLines, 0)
	after := min(tail, contextLines)
	endA, endB := len(a)-tail, len(b)-tail

	var out strings.Builder
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", fileName("a/"+path, have), fileName("b/"+path, want))
	fmt.Fprintf(&out, "@@ -%s +%s @@\n", span(start, endA+after), span(start, endB+after))
	writeLines(&out, " ", a[start:from])
	writeLines(&out, "-", a[from:endA])
	writeLines(&out, "+", b[from:endB])
	writeLines(&out, " ", a[endA:endA+after])
	return out.String()
}

func fileName(path string, text []byte) string {
	if text == nil {
		return "/dev/null"
	}
	return path
}

// span writes the lines from start (counted from zero) to end as diff does.
func span(start, end int) string {
	if end == start {
		return fmt.Sprintf("%d,0", start)
	}
	return fmt.Sprintf("%d,%d", start+1, end-start)
}

func splitLines(text []byte) []string {
	if len(text) == 0 {
		return nil
	}
	return strings.SplitAfter(strings.TrimSuffix(string(text), "\n"), "\n")
}

func writeLines(out *strings.Builder, mark string, lines []string) {
	for _, l := range lines {
		out.WriteString(mark + strings.TrimSuffix(l, "\n") + "\n")
	}
}
