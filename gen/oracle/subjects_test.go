package oracle

import (
	"errors"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/gen/abnf"
	"github.com/dragoman-mail/dragoman/gen/emit"
	"github.com/dragoman-mail/dragoman/gen/lower"
	"github.com/dragoman-mail/dragoman/gen/merge"
	"github.com/dragoman-mail/dragoman/gen/peg"
	"github.com/dragoman-mail/dragoman/generated/imap"
	imapparser "github.com/dragoman-mail/dragoman/generated/imap/parser"
	imappeg "github.com/dragoman-mail/dragoman/generated/imap/peg"
	imapurl "github.com/dragoman-mail/dragoman/generated/imapurl/parser"
	imapurlpeg "github.com/dragoman-mail/dragoman/generated/imapurl/peg"
	managesieve "github.com/dragoman-mail/dragoman/generated/managesieve/parser"
	managesievepeg "github.com/dragoman-mail/dragoman/generated/managesieve/peg"
	sasl "github.com/dragoman-mail/dragoman/generated/sasl/parser"
	saslpeg "github.com/dragoman-mail/dragoman/generated/sasl/peg"
)

// subject is a grammar of the repository with what has been made of it.
type subject struct {
	folder  string // below grammar/
	tables  string // its examples, below testdata/
	end     string // what ends an example's line
	check   func(entry string, input []byte) error
	tooMuch []error // errors of check that are no verdict
	parse   map[string]parse

	made   sync.Once
	merged *abnf.Grammar
	model  *peg.Grammar
	err    error
}

// parse is a function of a direct parser.
type parse = func(line []byte, lits []imap.Literal) error

// imapSubject is the grammar of IMAP. The parser has no function for whole lines that
// begin at append-start.
var imapSubject = &subject{
	folder: merge.RootFolder, end: "\r\n",
	check: imappeg.Check, tooMuch: []error{imappeg.ErrTooLong, imappeg.ErrTooHard},
	parse: map[string]parse{
		"command":       withAll(imapparser.Command),
		"filter-value":  withAll(imapparser.FilterValue),
		"response-line": verdictOf(imapparser.ResponseLenient),
		"auth-continue": func(line []byte, _ []imap.Literal) error {
			_, _, err := imapparser.AuthContinue(line)
			return err
		},
		"idle-done": func(line []byte, _ []imap.Literal) error { return imapparser.IdleDone(line) },
	},
}

// subjects are all grammars.
var subjects = map[string]*subject{
	"imap": imapSubject,
	"managesieve": {
		folder: "managesieve", tables: "managesieve/", end: "\r\n",
		check: managesievepeg.Check, tooMuch: []error{managesievepeg.ErrTooLong, managesievepeg.ErrTooHard},
		parse: map[string]parse{
			"command": verdictOf(managesieve.Command),
			"auth-continue": func(line []byte, lits []imap.Literal) error {
				_, _, err := managesieve.AuthContinue(line, lits)
				return err
			},
			"response-oknobye":  verdictOf(managesieve.Reader{}.Result),
			"capability-line":   verdictOf(managesieve.Reader{}.Capability),
			"listscripts-line":  verdictOf(managesieve.Reader{}.ListScripts),
			"getscript-line":    verdictOf(managesieve.Reader{}.GetScript),
			"authenticate-line": verdictOf(managesieve.Reader{}.Authenticate),
		},
	},
	"imapurl": {
		folder: "imapurl", tables: "imapurl/",
		check: imapurlpeg.Check, tooMuch: []error{imapurlpeg.ErrTooLong, imapurlpeg.ErrTooHard},
		parse: map[string]parse{"url": verdictOf(unframed(imapurl.URL))},
	},
	"sasl": {
		folder: "sasl", tables: "sasl/",
		check: saslpeg.Check, tooMuch: []error{saslpeg.ErrTooLong, saslpeg.ErrTooHard},
		parse: map[string]parse{
			"plain-message":         verdictOf(unframed(sasl.Plain)),
			"anonymous-message":     verdictOf(unframed(sasl.Anonymous)),
			"external-initial-resp": verdictOf(unframed(sasl.External)),
			"client-resp":           verdictOf(unframed(sasl.OAuth)),
		},
	},
}

// unframed gives a function of a parser whose grammar has no literals.
func unframed[T any](parse func([]byte) (T, error)) func([]byte, []imap.Literal) (T, error) {
	return func(text []byte, _ []imap.Literal) (T, error) { return parse(text) }
}

func verdictOf[T any](parse func([]byte, []imap.Literal) (T, error)) parse {
	return func(line []byte, lits []imap.Literal) error {
		_, err := parse(line, lits)
		return err
	}
}

// withAll is verdictOf with all features on.
func withAll[T any](parse func([]byte, []imap.Literal, imap.Features) (T, error)) parse {
	return verdictOf(func(line []byte, lits []imap.Literal) (T, error) { return parse(line, lits, imap.AllFeatures) })
}

// Every grammar that code is made of is a subject here.
func TestEveryGrammarIsASubject(t *testing.T) {
	require.Len(t, subjects, len(emit.Targets))
	for _, target := range emit.Targets {
		require.NotNil(t, subjects[target.Name], target.Name)
		require.Equal(t, target.Folder, subjects[target.Name].folder)
	}
}

// eachSubject runs a test for every grammar.
func eachSubject(t *testing.T, test func(*testing.T, *subject)) {
	for name, s := range subjects {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, s)
		})
	}
}

// grammars returns both forms of the grammar, made once: nobody changes them.
func (s *subject) grammars(t testing.TB) (*abnf.Grammar, *peg.Grammar) {
	t.Helper()
	s.made.Do(func() {
		if s.merged, _, s.err = merge.MergeFolder(os.DirFS("../../grammar"), s.folder); s.err == nil {
			s.model, _, s.err = lower.Lower(s.merged)
		}
	})
	require.NoError(t, s.err)
	return s.merged, s.model
}

// pigeon wants the verdict of the reference parser, as far as it gives one.
func (s *subject) pigeon(t require.TestingT, want bool, entry, text string) {
	err := s.check(entry, []byte(text))
	for _, no := range s.tooMuch {
		if errors.Is(err, no) {
			return
		}
	}
	require.Equal(t, want, err == nil, "%s: pigeon: %q: %v", entry, text, err)
}

// direct wants the verdict of the direct parser. It may refuse for a value what the ABNF
// knows nothing of, such as a number of more than 32 bits.
func (s *subject) direct(t require.TestingT, want bool, entry, text string) {
	parse := s.parse[entry]
	if parse == nil {
		return
	}
	text, lits := withLiterals(text)
	err := parse([]byte(text), lits)
	if err == nil || !strings.Contains(err.Error(), "is not valid") && !strings.Contains(err.Error(), "nested too deep") {
		require.Equal(t, want, err == nil, "%s: parser: %q: %v", entry, text, err)
	}
}

var literalHead = regexp.MustCompile(`(~?)\{(\d+)(\+?)\}\r\n`)

// longestLiteral bounds the literals that tests make up.
const longestLiteral = 1 << 10

// withLiterals makes octets for the literals of a line, which neither the grammars nor
// the tables have. Sizes over the bound become small ones, in the line too.
func withLiterals(text string) (string, []imap.Literal) {
	var lits []imap.Literal
	text = literalHead.ReplaceAllStringFunc(text, func(head string) string {
		m := literalHead.FindStringSubmatch(head)
		n, err := strconv.Atoi(m[2])
		if err != nil || n > longestLiteral {
			n = 1
		}
		lits = append(lits, imap.Literal{
			Size: int64(n), Binary: m[1] != "", NonSync: m[3] != "", Data: []byte(strings.Repeat("x", n)),
		})
		return m[1] + "{" + strconv.Itoa(n) + m[3] + "}\r\n"
	})
	return text, lits
}
