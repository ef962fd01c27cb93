package emit_test

import (
	"bytes"
	goflag "flag"
	"fmt"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dragoman-mail/dragoman/gen/abnf"
	"github.com/dragoman-mail/dragoman/gen/oracle"
	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/imap/parser"
)

// drawer makes values of every command and every response: rapid chooses among the
// alternatives of the grammar and draws what stands at its leaves, and the parser makes
// of it the value, whose way through the encoder and back is then watched.
type drawer struct {
	t    *rapid.T
	gen  *oracle.Generator
	lits []imap.Literal
}

func newDrawer(g *abnf.Grammar) *drawer {
	d := &drawer{gen: oracle.NewGenerator(g, 0)}
	d.gen.Strict = true
	d.gen.Intn = func(n int) int { return rapid.IntRange(0, n-1).Draw(d.t, "choice") }
	digits := func(low, high uint64) func() string {
		return func() string { return strconv.FormatUint(rapid.Uint64Range(low, high).Draw(d.t, "number"), 10) }
	}
	sets := func(star bool) func() string {
		return func() string {
			var out bytes.Buffer
			e := imap.NewEncoder(&out)
			require.NoError(d.t, e.EncodeCommand("a", &imap.Copy{Set: set(star).Draw(d.t, "set"), Mailbox: "x"}))
			require.NoError(d.t, e.Flush())
			return strings.Split(out.String(), " ")[2]
		}
	}
	d.gen.Leaves = map[string]func() string{
		"literal":  func() string { return d.literal("", rapid.SliceOfN(rapid.ByteRange(1, 255), 0, 12)) },
		"literal8": func() string { return d.literal("~", rapid.SliceOfN(rapid.Byte(), 0, 12)) },
		"quoted": func() string {
			s := rapid.OneOf(rapid.SampledFrom([]string{"", "NIL", "a\"b", `\`, "ü", "日本", "%", "(", "{3}"}), rapid.StringN(0, 8, -1)).Draw(d.t, "quoted")
			return quote(strings.Map(func(r rune) rune {
				if r == 0 || r == '\r' || r == '\n' || r == 0xFFFD {
					return 'x'
				}
				return r
			}, s))
		},
		"quoted-char":         func() string { return rapid.SampledFrom([]string{"/", ".", `\\`, `\"`, " "}).Draw(d.t, "delimiter") },
		"number":              digits(0, 1<<32-1),
		"nz-number":           digits(1, 1<<32-1),
		"uniqueid":            digits(1, 1<<32-1),
		"number64":            digits(0, 1<<63-1),
		"nz-number64":         digits(1, 1<<63-1),
		"mod-sequence-value":  digits(0, 1<<63-1),
		"mod-sequence-valzer": digits(0, 1<<63-1),
		"sequence-set":        sets(true),
		"uid-set":             sets(false),
		"date": func() string {
			v := date().Draw(d.t, "date")
			return time.Date(v.Year, v.Month, v.Day, 0, 0, 0, 0, time.UTC).Format("2-Jan-2006")
		},
		"date-time": func() string { return dateTime().Draw(d.t, "date-time").Format(`"_2-Jan-2006 15:04:05 -0700"`) },
		"text":      func() string { return line().Draw(d.t, "text") },
		"base64":    func() string { return rapid.SampledFrom([]string{"", "AA==", "AGEAYg==", "/+8="}).Draw(d.t, "base64") },
	}
	d.gen.Only(nil)
	return d
}

func (d *drawer) literal(before string, data *rapid.Generator[[]byte]) string {
	v := data.Draw(d.t, "literal")
	lit := imap.Literal{Size: int64(len(v)), Binary: before != "", NonSync: rapid.Bool().Draw(d.t, "nonsync"), Data: v}
	d.lits = append(d.lits, lit)
	plus := ""
	if lit.NonSync {
		plus = "+"
	}
	return fmt.Sprintf("%s{%d%s}\r\n", before, len(v), plus)
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// sentence draws a sentence of an entry, with its literals.
func (d *drawer) sentence(t *rapid.T, entry string) string {
	d.t, d.lits = t, nil
	return d.gen.Sentence(entry)
}

// through draws one that comes by the target.
func (d *drawer) through(t *rapid.T, entry string, target *oracle.Target) string {
	d.t, d.lits = t, nil
	return d.gen.Through(entry, target)
}

// oneOctet reports whether an alternative is one of many octets, each of which has nothing to tell.
func oneOctet(n abnf.Node) bool {
	_, ok := abnf.Octet(n)
	return ok
}

// structs lists the structs of package imap that the grammar makes, by name.
func structs(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	f, err := goparser.ParseFile(token.NewFileSet(), "../../generated/imap/types.go", nil, 0)
	require.NoError(t, err)
	for _, decl := range f.Decls {
		g, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range g.Specs {
			if s, ok := spec.(*ast.TypeSpec); ok {
				if _, ok := s.Type.(*ast.StructType); ok {
					names[s.Name.Name] = false
				}
			}
		}
	}
	// What a strict parser does not make, and what is not sent.
	for _, name := range []string{"CodeOther", "ListOtherItem", "AppendStart"} {
		delete(names, name)
	}
	return names
}

// note marks the structs in a value as seen.
func note(seen map[string]bool, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			note(seen, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			note(seen, v.Index(i))
		}
	case reflect.Struct:
		if _, ok := seen[v.Type().Name()]; ok {
			seen[v.Type().Name()] = true
		}
		for i := range v.NumField() {
			note(seen, v.Field(i))
		}
	}
}

// Every type of command and response goes round: a value that is encoded and parsed
// again is the same. Encoded for fewer extensions it is refused, or it is a sentence of
// the grammar without the others.
func TestEveryTypeGoesRound(t *testing.T) {
	fewerChecks(t)
	merged, model := grammars(t)
	seen := structs(t)
	in, d := oracle.NewInterpreter(model, true), newDrawer(merged)
	for _, entry := range []string{"command", "response-line"} {
		for _, p := range merged.Productions {
			abnf.Walk(p.Expr, func(n abnf.Node) {
				choice, ok := n.(*abnf.Alt)
				if !ok {
					return
				}
				for _, alt := range choice.Alts {
					target := d.gen.Target(choice, alt)
					if !target.From(entry) || !d.gen.Possible(alt) || oneOctet(alt) {
						continue
					}
					t.Run(entry+" "+p.Name+" "+abnf.Print(alt), rapid.MakeCheck(func(t *rapid.T) {
						wire := d.through(t, entry, target)
						v, err := parse(entry, wire, d.lits, true)
						if wrongValue(err) {
							return
						}
						require.NoError(t, err, "%q", wire)
						note(seen, reflect.ValueOf(v))
						round(t, v)
						some := oracle.Capabilities(append([]string{}, rapid.SliceOfN(rapid.SampledFrom(imap.AllFeatures.Capabilities()), 0, 20).Draw(t, "on")...))
						in.On = some
						with(t, in, v, some)
					}))
				}
			})
		}
	}
	for name, ok := range seen {
		require.True(t, ok, "no value of %s", name)
	}
}

// So does the value of a filter, which is no line.
func TestFilterValuesGoRound(t *testing.T) {
	merged, _ := grammars(t)
	d := newDrawer(merged)
	rapid.Check(t, func(t *rapid.T) {
		text := d.sentence(t, "filter-value")
		keys, err := parser.FilterValue([]byte(text), d.lits, imap.AllFeatures)
		if wrongValue(err) {
			return
		}
		require.NoError(t, err, "%q", text)
		value, err := imap.FilterValue(keys, imap.AllFeatures)
		if err != nil {
			require.NotEmpty(t, d.lits, "%q: %v", text, err) // only a literal can hold what cannot be quoted
			return
		}
		back, err := parser.FilterValue(value, nil, imap.AllFeatures)
		require.NoError(t, err, "%q", value)
		require.Equal(t, keys, back, "%q", value)
	})
	_, err := imap.FilterValue([]imap.SearchKey{&imap.SearchWithin{Seconds: 1}}, 0)
	require.ErrorContains(t, err, "WITHIN")
}

// fewerChecks makes rapid's checks fewer, unless a number was asked for: there are hundreds of properties here.
func fewerChecks(t *testing.T) {
	const name, few = "rapid.checks", "8"
	checks := goflag.Lookup(name)
	if before := checks.Value.String(); before == checks.DefValue {
		require.NoError(t, goflag.Set(name, few))
		t.Cleanup(func() { require.NoError(t, goflag.Set(name, before)) })
	}
}

// round wants a value back from what it is encoded as. Its text is that of the value, or
// the status where it has none.
func round(t *rapid.T, v any) {
	if c, ok := v.(*imap.Cond); ok && c.Text == "" {
		c.Text = c.Status.String()
	}
	for _, utf8 := range []bool{false, true} {
		line, lits, err := encode(v, utf8, imap.AllFeatures)
		if err != nil && !utf8 && strings.Contains(err.Error(), "cannot be quoted") {
			continue
		}
		require.NoError(t, err, "%#v", v)
		entry := "response-line"
		if c, ok := v.(imap.TaggedCommand); ok {
			entry, v = "command", normalCommand(c)
		}
		back, err := parse(entry, string(line), lits, true)
		require.NoError(t, err, "%q", line)
		if c, ok := back.(imap.TaggedCommand); ok {
			back = normalCommand(c)
		}
		require.Equal(t, v, back, "%q", line)
	}
}

// with encodes a value for some features only.
func with(t *rapid.T, in *oracle.Interpreter, v any, on oracle.Capabilities) {
	var features imap.Features
	for _, name := range on {
		features |= imap.Feature(name)
	}
	line, lits, err := encode(v, true, features)
	if err != nil {
		return
	}
	if c, ok := v.(imap.TaggedCommand); ok {
		_, err := parser.Command(line, lits, features)
		require.NoError(t, err, "%s %q", on, line)
		require.True(t, in.Accepts("command", string(line)), "%s: %q of %#v", on, line, c.Command)
		return
	}
	require.True(t, in.Accepts("response-line", string(line)), "%s: %q of %#v", on, line, v)
}

func encode(v any, utf8 bool, on imap.Features) ([]byte, []imap.Literal, error) {
	var out bytes.Buffer
	e := imap.NewEncoder(&out)
	e.UTF8, e.Features = utf8, on
	var err error
	switch v := v.(type) {
	case imap.TaggedCommand:
		err = e.EncodeCommand(v.Tag, v.Command)
	case imap.Response:
		err = e.Encode(v)
	}
	if err != nil {
		return nil, nil, err
	}
	if err := e.Flush(); err != nil {
		return nil, nil, err
	}
	line, lits := split(panics{}, out.Bytes())
	return line, lits, nil
}

// panics lets helpers that want a test fail outside of one.
type panics struct{}

func (panics) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (panics) FailNow()                          { panic("failed") }
