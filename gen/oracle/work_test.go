package oracle

import (
	"math/rand"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/gen/peg"
)

// maxSteps bounds the steps for one octet. The worst of 100,000 lines took 57, most of
// them to find a search key of one octet among its alternatives; more RFCs have more.
const maxSteps = 200

// pumps make a line long: the middle part is repeated, or what stands around it.
var pumps = []func(before, middle, after string, n int) string{
	func(a, m, z string, n int) string { return a + strings.Repeat(m, n) + z },
	func(a, m, z string, n int) string { return a + strings.Repeat(m+" ", n) + z },
	func(a, m, z string, n int) string { return a + strings.Repeat(m, n) + "\r\n" },
	func(a, m, z string, n int) string { return a + strings.Repeat("(", n) + m + strings.Repeat(")", n) + z },
	func(a, m, z string, n int) string { return a + strings.Repeat("("+m+" ", n) + z },
	func(a, m, z string, n int) string { return a + strings.Repeat(m+" (", n) + "\r\n" },
	func(a, m, z string, n int) string { return a + strings.Repeat("["+m, n) + z },
}

var words = regexp.MustCompile(`~?\{\d+\+?\}\r\n|"(?:[^"\\]|\\.)*"|[\w.$-]+|\r\n|.`)

// Whatever is repeated in a line, the parsers take it in a number of steps that grows as
// the line does: no alternative reads far and fails, again and again, and none reads
// again what nests. Quadratic work would make the last difference four times the one
// before, linear work makes it twice that.
func TestWorkGrowsWithTheLine(t *testing.T) {
	eachSubject(t, func(t *testing.T, s *subject) { s.testWork(t) })
}

func (s *subject) testWork(t *testing.T) {
	_, model := s.grammars(t)
	in := NewInterpreter(model, false)
	random := rand.New(rand.NewSource(1))
	var lines []example
	for _, rfc := range s.exampleTables(t) {
		lines = append(lines, s.readExamples(t, rfc)...)
		lines = slices.DeleteFunc(lines, func(e example) bool { return e.text == "" })
	}
	tries := 2500
	if testing.Short() {
		tries = 1000
	}
	worst := 0.0
	for range tries {
		e := lines[random.Intn(len(lines))]
		parts := words.FindAllString(e.text, -1)
		i := random.Intn(len(parts))
		j := i + 1 + random.Intn(min(8, len(parts)-i))
		before, middle, after := strings.Join(parts[:i], ""), strings.Join(parts[i:j], ""), strings.Join(parts[j:], "")
		pump := pumps[random.Intn(len(pumps))]
		n := 8 + 400/len(middle)
		steps := func(n int) (int, string) {
			line := pump(before, middle, after, n)
			limit := maxSteps * len(line)
			took := in.Steps(e.entry, line, limit)
			require.LessOrEqual(t, took, limit, "more than %d steps for each octet of %q", maxSteps, line)
			worst = max(worst, float64(took)/float64(len(line)))
			return took, line
		}
		one, _ := steps(n)
		two, _ := steps(2 * n)
		four, line := steps(4 * n)
		require.LessOrEqual(t, four-two, 3*max(two-one, 2*len(line)), "%q", line)
	}
	t.Logf("at most %.0f steps for an octet", worst)
}

// The count sees work that a verdict does not show.
func TestStepsSeeRepeatedWork(t *testing.T) {
	seq := func(items ...peg.Expr) *peg.Seq { return &peg.Seq{Items: items} }
	text := func(s string) *peg.Literal { return &peg.Literal{Text: s} }
	twice := &peg.Grammar{}
	twice.Add(&peg.Rule{Name: "a", Expr: &peg.Choice{Alts: []peg.Expr{
		seq(text("("), &peg.Ref{Name: "a"}, text("!")), seq(text("("), &peg.Ref{Name: "a"}, text(")")), text("x"),
	}}})
	in := NewInterpreter(twice, false)
	nested := func(n int) string { return strings.Repeat("(", n) + "x" + strings.Repeat(")", n) }
	require.True(t, in.Accepts("a", nested(8)))
	require.Greater(t, in.Steps("a", nested(12), 1<<20), 10*in.Steps("a", nested(8), 1<<20))
	require.Less(t, in.Steps("a", nested(100), 1000), 2000)
}
