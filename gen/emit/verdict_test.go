package emit_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/gen/abnf"
	"github.com/dragoman-mail/dragoman/gen/lower"
	"github.com/dragoman-mail/dragoman/gen/merge"
	"github.com/dragoman-mail/dragoman/gen/oracle"
	"github.com/dragoman-mail/dragoman/gen/peg"
	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/imap/parser"
	reference "github.com/dragoman-mail/dragoman/generated/imap/peg"
)

func grammars(t testing.TB) (*abnf.Grammar, *peg.Grammar) {
	t.Helper()
	merged, _, err := merge.Merge(os.DirFS("../../grammar"))
	require.NoError(t, err)
	model, _, err := lower.Lower(merged)
	require.NoError(t, err)
	return merged, model
}

var literalHead = regexp.MustCompile(`(~?)\{(\d+)(\+?)\}\r\n`)

// maxTestLiteral bounds the literals that tests make up.
const maxTestLiteral = 1 << 10

// withLiterals makes octets for the literals of a line. Sizes over the bound become
// smaller ones, in the line too.
func withLiterals(line string) (string, []imap.Literal) {
	var lits []imap.Literal
	line = literalHead.ReplaceAllStringFunc(line, func(head string) string {
		m := literalHead.FindStringSubmatch(head)
		n, err := strconv.ParseUint(m[2], 10, 64)
		if err != nil || n > maxTestLiteral {
			n = uint64(len(m[2]))
		}
		lits = append(lits, imap.Literal{
			Size: int64(n), Binary: m[1] != "", NonSync: m[3] != "", Data: []byte(strings.Repeat("x", int(n))),
		})
		return m[1] + "{" + strconv.FormatUint(n, 10) + m[3] + "}\r\n"
	})
	return line, lits
}

// parse runs the direct parser from an entry rule.
func parse(entry, line string, lits []imap.Literal, strict bool) (any, error) {
	switch entry {
	case "command":
		return valueOf(parser.Command([]byte(line), lits, imap.AllFeatures))
	case "response-line":
		if strict {
			return valueOf(parser.Response([]byte(line), lits))
		}
		return valueOf(parser.ResponseLenient([]byte(line), lits))
	case "filter-value":
		return valueOf(parser.FilterValue([]byte(line), lits, imap.AllFeatures))
	case "auth-continue":
		_, _, err := parser.AuthContinue([]byte(line))
		return nil, err
	case "idle-done":
		return nil, parser.IdleDone([]byte(line))
	case "append-start":
		if _, ok := parser.AppendStart([]byte(line), lits, imap.AllFeatures); !ok {
			return nil, errors.New("no APPEND")
		}
		return nil, nil
	}
	return nil, errors.New("no entry " + entry)
}

func valueOf[T any](v T, err error) (any, error) { return v, err }

// wrongValue reports whether a line is refused for what the grammar does not say: the
// range of a number, a date that is none, nesting.
func wrongValue(err error) bool {
	var e *parser.Error
	return errors.As(err, &e) && (strings.Contains(e.Text, "is not valid") || strings.Contains(e.Text, "nested too deep"))
}

type example struct {
	entry, text string
	valid       bool
}

// examples reads the examples of all RFCs of IMAP.
func examples(t testing.TB) []example {
	t.Helper()
	names, err := filepath.Glob("../oracle/testdata/rfc*.tsv")
	require.NoError(t, err)
	var list []example
	for _, name := range names {
		list = append(list, exampleTable(t, filepath.Base(name), "\r\n")...)
	}
	require.Greater(t, len(list), 2400)
	return list
}

// exampleTable reads a table of examples, each of which ends with end.
func exampleTable(t testing.TB, name, end string) []example {
	t.Helper()
	table, err := os.ReadFile("../oracle/testdata/" + name)
	require.NoError(t, err)
	octets := strings.NewReplacer("↵", "\r\n", "␀", "\x00", "␁", "\x01")
	var list []example
	for line := range strings.Lines(string(table)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if !strings.HasPrefix(line, "#") && len(f) > 1 {
			list = append(list, example{f[0], octets.Replace(f[1]) + end, len(f) == 2})
		}
	}
	require.NotEmpty(t, list)
	return list
}

func TestExamplesOfTheRFCs(t *testing.T) {
	for _, e := range examples(t) {
		line, lits := withLiterals(e.text)
		_, err := parse(e.entry, line, lits, false)
		require.Equal(t, e.valid, err == nil || wrongValue(err), "%s %q: %v", e.entry, line, err)
	}
}

// Every example goes round: parsed, encoded, parsed again it is the same.
func TestExamplesGoRound(t *testing.T) {
	for _, e := range examples(t) {
		line, lits := withLiterals(e.text)
		v, err := parse(e.entry, line, lits, false)
		if err != nil || e.entry != "command" && e.entry != "response-line" {
			continue
		}
		if strings.Contains(e.text, "(tablecloth") {
			continue // an item that only the parser makes
		}
		if c, ok := v.(*imap.Cond); ok && strings.HasPrefix(c.Text, "[") {
			continue // a code without text behind it, which the grammar takes for text
		}
		goRound(t, v)
	}
}

// The reference parser and the direct parser agree on the examples, strict or not.
func TestReferenceAgreesOnExamples(t *testing.T) {
	for _, e := range examples(t) {
		line, lits := withLiterals(e.text)
		for _, strict := range []bool{false, true} {
			if strict && e.entry != "response-line" {
				continue
			}
			_, err := parse(e.entry, line, lits, strict)
			agreesWithPigeon(t, e.entry, line, strict, err)
		}
	}
}

// sentencesOfEntry keeps the test to seconds, since pigeon's parser sees them all.
const sentencesOfEntry = 1000

// Sentences of the grammar, and sentences with mistakes, get the same verdict from the
// direct parser, from the model it is made of and from pigeon's parser.
func TestVerdictsAgree(t *testing.T) {
	merged, model := grammars(t)
	for _, strict := range []bool{false, true} {
		in := oracle.NewInterpreter(model, strict)
		gen := oracle.NewGenerator(merged, 7)
		accepted, values := 0, 0
		for _, entry := range merged.Entries {
			if strict && entry != "response-line" {
				continue
			}
			for i := range sentencesOfEntry {
				line, lits := withLiterals(mistakes(gen, gen.Sentence(entry), i%4))
				want := in.Accepts(entry, line)
				_, err := parse(entry, line, lits, strict)
				if entry == "append-start" && want && err != nil {
					err = wholeAppend(line, lits)
				}
				if wrongValue(err) {
					values++
					continue
				}
				require.Equal(t, want, err == nil, "%s %q: %v", entry, line, err)
				if want {
					accepted++
				}
				agreesWithPigeon(t, entry, line, strict, err)
			}
		}
		require.Greater(t, accepted, sentencesOfEntry/4)
		t.Logf("strict %v: %d accepted, %d refused for a value", strict, accepted, values)
	}
}

// wholeAppend gives the error of an APPEND or REPLACE that begins with line: AppendStart
// itself only says that it is none.
func wholeAppend(line string, lits []imap.Literal) error {
	var err error
	for _, rest := range []string{"{0}\r\n\r\n", "{0}\r\n)\r\n", "~{0}\r\n)\r\n"} {
		lit := imap.Literal{Data: []byte{}, Binary: rest[0] == '~'}
		_, err = parser.Command([]byte(line+rest), append(slices.Clone(lits), lit), imap.AllFeatures)
		if err == nil || wrongValue(err) {
			break
		}
	}
	return err
}

// mistakes puts n mistakes into a line.
func mistakes(gen *oracle.Generator, line string, n int) string {
	for range n {
		line = gen.Mutate(line)
	}
	return line
}

// agreesWithPigeon holds the direct parser's verdict on a line against the reference.
func agreesWithPigeon(t require.TestingT, entry, line string, strict bool, err error) {
	if wrongValue(err) {
		return
	}
	check := reference.Check
	if strict {
		check = reference.CheckStrict
	}
	ref := check(entry, []byte(line))
	if errors.Is(ref, reference.ErrTooLong) || errors.Is(ref, reference.ErrTooHard) {
		return
	}
	require.Equal(t, ref == nil, err == nil, "%s %q: reference: %v, direct: %v", entry, line, ref, err)
}
