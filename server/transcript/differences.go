package transcript

import (
	"context"
	"slices"
	"strings"
)

// Difference is what a server answers to one command in place of what the transcript has.
type Difference struct {
	Command string // the client's line as in the file, "C: a1 NOOP"; the first one of several
	Lines   []string
}

func (d Difference) String() string { return d.Command + "\n" + strings.Join(d.Lines, "\n") }

// answers are the lines that are no requests.
func (d Difference) answers() []string {
	return slices.DeleteFunc(slices.Clone(d.Lines), func(l string) bool { return strings.HasPrefix(l[1:], "J: ") })
}

func (d Difference) equal(other Difference) bool {
	return d.Command == other.Command && slices.Equal(d.Lines, other.Lines)
}

// Differences runs the transcript to its end, whatever comes, and returns where it departs: each command with the lines that are
// missing, "-S: …", and those that came instead, "+S: …", in the order of the file. Requests count, "+J: …".
func (f *File) Differences(ctx context.Context, target Target) ([]Difference, error) {
	came, err := f.play(ctx, target, true)
	if err != nil {
		return nil, err
	}
	want, got := exchanges(f.lines), exchanges(came)
	var differences []Difference
	for i, w := range want {
		if changed := diff(w.answers, got[i].answers); len(changed) > 0 {
			differences = append(differences, Difference{Command: w.command, Lines: changed})
		}
	}
	return differences, nil
}

// exchange is what a client sent in one go and all that came until it sent again. What comes before the client has sent anything belongs to the
// command "".
type exchange struct {
	command string   // the first line sent
	sent    []string // all of them, without "C: "
	answers []string
}

func exchanges(lines []line) []exchange {
	all := []exchange{{}}
	sending := false
	for _, l := range lines {
		switch {
		case l.kind == client:
			if !sending {
				all = append(all, exchange{command: l.String()})
			}
			last := &all[len(all)-1]
			last.sent = append(last.sent, l.text)
			sending = true
		case l.kind == server || l.kind == jmapRequest:
			last := &all[len(all)-1]
			last.answers = append(last.answers, l.String())
			sending = false
		}
	}
	return all
}

// diff lists what has to go from a and what has to come for b, without the lines that stay.
func diff(a, b []string) []string {
	// common[i][j] is the length of the longest common subsequence of a[i:] and b[j:].
	common := make([][]int, len(a)+1)
	common[len(a)] = make([]int, len(b)+1)
	for i := len(a) - 1; i >= 0; i-- {
		common[i] = make([]int, len(b)+1)
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var lines []string
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			lines = append(lines, "-"+a[i])
			i++
		default:
			lines = append(lines, "+"+b[j])
			j++
		}
	}
	return slices.Clip(lines)
}
