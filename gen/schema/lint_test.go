package schema

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// TestLint has one mistake per case, in a file that is right without it.
func TestLint(t *testing.T) {
	const head = "rfc 1 \"x\"\ncapability C = \"urn:c\" (1)\nusing C\n" +
		"record R (2) \"is\" {\n  id: Id (immutable)\n}\n" +
		"template get (3) {\n  request {\n    ids: Id[]|null (ref)\n  }\n  response {\n    list: Foo[]\n  }\n}\n" +
		"method R/get: get (4) {\n}\n"
	cases := map[string]struct{ add, want string }{
		"undefined type":       {"object O (5) \"is\" {\n  a: Nope\n}", "g/jmap/a.jmap:18: object O: a has the unknown type Nope"},
		"declared twice":       {"object R (5) \"is\" {\n}", "a.jmap:17: object R: declared before at jmap/a.jmap:4"},
		"property twice":       {"object O (5) \"is\" {\n  a: Id\n  a: Id\n}", "a.jmap:19: object O: a is there twice"},
		"unknown modifier":     {"object O (5) \"is\" {\n  a: Id (imutable)\n}", "a.jmap:18: object O: a has the modifier"},
		"modifier elsewhere":   {"object O (5) \"is\" {\n  a: Id (ref)\n}", "a.jmap:18: object O: a has the modifier"},
		"each of no map":       {"record O (5) \"is\" {\n  a: Id[] (each: A)\n}", "a.jmap:18: record O: a: each is for"},
		"null default":         {"record O (5) \"is\" {\n  a: Id (default: null)\n}", "a.jmap:18: record O: a: the default is null"},
		"unknown template":     {"method R/put: put (5) {\n}", "a.jmap:17: method R/put: no template put"},
		"template of nothing":  {"method Q/get: get (5) {\n}", "a.jmap:17: method Q/get: no record Q"},
		"drop of nothing":      {"method R/take: get (5) {\n  request {\n    - nope\n  }\n}", "a.jmap:19: method R/take: template get has no argument nope"},
		"template unused":      {"template put (5) {\n}", "a.jmap:17: template put: no method takes it over"},
		"unknown capability":   {"using D", "a.jmap:17: using D: no such capability"},
		"filter of nothing":    {"filter F (5) of Q {\n}", "a.jmap:17: filter F: no record Q"},
		"builtin without code": {"builtin Nope (5)", "a.jmap:17: builtin Nope: there is no such type"},
		"map by a number":      {"object O (5) \"is\" {\n  a: Int[Id]\n}", "a.jmap:18: object O: a has a map with keys of Int"},
		"error kind":           {"errors Other (5) { a }", "a.jmap:17: errors Other:"},
		"syntax":               {"object O (5) {\n}", "a.jmap:17: no match found"},
		"more than 64":         {"record O (5) \"is\" {\n" + manyProperties(65) + "}", "a.jmap:17: record O: 65 properties"},
	}
	require.NoError(t, generateText(head), "the file without a mistake")
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, generateText(head+c.add), strings.TrimPrefix(c.want, "g/"))
		})
	}
}

func generateText(text string) error {
	s, err := parseFile("jmap/a.jmap", []byte(text))
	if err != nil {
		return err
	}
	return newSchema([]*File{s}).lint()
}

func manyProperties(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("  p" + string(rune('a'+i/26)) + string(rune('a'+i%26)) + ": Id\n")
	}
	return b.String()
}

func TestGenerateWithoutNotation(t *testing.T) {
	_, err := Generate(fstest.MapFS{})
	require.ErrorContains(t, err, "no .jmap files")
}
