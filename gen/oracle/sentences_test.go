package oracle

import (
	"flag"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/gen/abnf"
)

// The large run of grammar/README.md has other values for these.
var (
	sentences = flag.Int("sentences", 10_000, "how many sentences of each grammar to make, and to damage")
	seed      = flag.Uint64("seed", 1, "what the sentences depend on")
)

// route is one alternative of the grammar, and the entry that leads to it.
type route struct {
	entry  string
	choice *abnf.Alt
	alt    abnf.Node
}

// routes lists every alternative of every choice that an entry leads to, by each entry, and each entry by itself.
func routes(g *abnf.Grammar) []route {
	var list []route
	for _, entry := range g.Entries {
		list = append(list, route{entry: entry})
		reached := g.Reachable([]string{entry})
		for _, p := range g.Productions {
			if reached[p.Name] {
				abnf.Walk(p.Expr, func(n abnf.Node) {
					if c, ok := n.(*abnf.Alt); ok {
						for _, alt := range c.Alts {
							list = append(list, route{entry, c, alt})
						}
					}
				})
			}
		}
	}
	return list
}

// tally is what a run has seen.
type tally struct {
	mutex                       sync.Mutex
	made, damaged, still, apart int
}

// The recogniser of the merged ABNF, the model and the direct parser agree on sentences through every alternative of the
// grammar, and on damaged ones; pigeon's parser is asked now and then.
func TestSentencesThroughEveryAlternative(t *testing.T) {
	eachSubject(t, func(t *testing.T, s *subject) {
		merged, model := s.grammars(t)
		list := routes(merged)
		each := max(1, *sentences/len(list))
		cover := NewCoverage()
		var sum tally
		var group sync.WaitGroup
		const workers = 2
		for worker := range workers {
			group.Go(func() {
				rec, in := NewRecogniser(merged), NewInterpreter(model, false)
				gen := NewGenerator(merged, *seed*workers+uint64(worker))
				mine := NewCoverage()
				gen.Cover = mine
				for i := worker; i < len(list); i += workers {
					s.follow(t, list[i], each, gen, rec, in, &sum)
				}
				sum.mutex.Lock()
				defer sum.mutex.Unlock()
				cover.Add(mine)
			})
		}
		group.Wait()
		rules, coveredRules, alts, coveredAlts, missing := cover.Of(merged)
		require.Empty(t, missing)
		require.Zero(t, sum.apart)
		t.Logf("%d sentences; %d damaged, of which %d were sentences still; %d of %d rules, %d of %d alternatives; %d disagreements",
			sum.made, sum.damaged, sum.still, coveredRules, rules, coveredAlts, alts, sum.apart)
	})
}

// follow makes sentences by one route, and damages them.
func (s *subject) follow(t *testing.T, r route, n int, gen *Generator, rec *Recogniser, in *Interpreter, sum *tally) {
	made, still, apart := 0, 0, 0
	var target *Target
	if r.choice != nil {
		target = gen.Target(r.choice, r.alt)
	}
	for i := range n {
		var text string
		if target == nil {
			text = gen.Sentence(r.entry)
		} else {
			text = gen.Through(r.entry, target)
		}
		made++
		whole, _ := withLiterals(text)
		damaged, _ := withLiterals(gen.Mutate(text))
		for _, line := range []string{whole, damaged} {
			want, got := rec.Accepts(r.entry, line), in.Accepts(r.entry, line)
			if want != got || line == whole && !want {
				apart++
				t.Errorf("%s: ABNF %v, model %v: %q", r.entry, want, got, line)
				continue
			}
			if line == damaged && want {
				still++
			}
			s.direct(asserting{t}, want, r.entry, line)
			if i%pigeonEvery == 0 {
				s.pigeon(asserting{t}, want, r.entry, line)
			}
		}
	}
	sum.mutex.Lock()
	defer sum.mutex.Unlock()
	sum.made += made
	sum.damaged += made
	sum.still += still
	sum.apart += apart
}

// asserting reports failures without ending the goroutine, which need not be the test's.
type asserting struct{ *testing.T }

func (asserting) FailNow() {}
