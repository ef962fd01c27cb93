package importer

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// Summary says what became of everything that was found.
type Summary struct {
	Imported int
	Octets   int64 // of the imported messages
	Earlier  int   // imported by an earlier run
	Already  int   // the server had the same message
	Skipped  Notes // left out on purpose
	Failed   Notes // not imported, though they should be
	Elapsed  time.Duration
}

// Notes counts reasons and keeps some of the places.
type Notes struct {
	Count   int
	Reasons map[string]int
	Places  []string // "place: reason", the first few
}

const mostPlaces = 20

func (n *Notes) add(place, reason string) {
	if n.Reasons == nil {
		n.Reasons = map[string]int{}
	}
	n.Count++
	n.Reasons[reason]++
	if len(n.Places) < mostPlaces {
		n.Places = append(n.Places, place+": "+reason)
	}
}

// Print writes the summary for people.
func (s *Summary) Print(w io.Writer) {
	fmt.Fprintf(w, "imported %s (%s) in %s\n", count(s.Imported, "message"), octets(s.Octets), s.Elapsed.Round(100*time.Millisecond))
	if s.Earlier > 0 {
		fmt.Fprintf(w, "%s imported by an earlier run\n", count(s.Earlier, "message"))
	}
	if s.Already > 0 {
		fmt.Fprintf(w, "%s already on the server\n", count(s.Already, "message"))
	}
	s.Skipped.print(w, "skipped")
	s.Failed.print(w, "failed")
}

func (n *Notes) print(w io.Writer, what string) {
	if n.Count == 0 {
		return
	}
	fmt.Fprintf(w, "%d %s\n", n.Count, what)
	reasons := make([]string, 0, len(n.Reasons))
	for reason := range n.Reasons {
		reasons = append(reasons, reason)
	}
	slices.SortFunc(reasons, func(a, b string) int { return n.Reasons[b] - n.Reasons[a] })
	for _, reason := range reasons[:min(len(reasons), mostPlaces)] {
		fmt.Fprintf(w, "  %6d  %s\n", n.Reasons[reason], reason)
	}
	for _, place := range n.Places {
		fmt.Fprintf(w, "  %s\n", place)
	}
	if more := n.Count - len(n.Places); more > 0 {
		fmt.Fprintf(w, "  and %d more\n", more)
	}
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func octets(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return count(int(n), "octet")
}
