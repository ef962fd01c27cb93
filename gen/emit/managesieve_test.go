package emit_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dragoman-mail/dragoman/generated/managesieve"
	"github.com/dragoman-mail/dragoman/generated/managesieve/parser"
	"github.com/dragoman-mail/dragoman/generated/managesieve/peg"
)

// octetString makes strings of any octets, NUL and line ends too, and long ones.
func octetString() *rapid.Generator[string] {
	return rapid.OneOf(
		str(), rapid.Just(strings.Repeat(`"`, 513)), rapid.Just(strings.Repeat("é", 513)),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 20), func(b []byte) string { return string(b) }),
	)
}

func scriptName() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"a", `clever"script`, "{3+}", "ümlaut", "日本", "a b", `\`, strings.Repeat("x", 2000)}),
		rapid.StringN(1, 20, -1),
	).Filter(managesieve.ValidScriptName)
}

func sieveAtom() *rapid.Generator[string] {
	return rapid.StringOfN(rapid.RuneFrom([]rune(atomAlphabet+"%*]}[")), 1, 12, -1)
}

var sieveCommands = []func(*rapid.T) managesieve.Command{
	func(*rapid.T) managesieve.Command { return &managesieve.Capability{} },
	func(*rapid.T) managesieve.Command { return &managesieve.Logout{} },
	func(*rapid.T) managesieve.Command { return &managesieve.StartTLS{} },
	func(*rapid.T) managesieve.Command { return &managesieve.ListScripts{} },
	func(*rapid.T) managesieve.Command { return &managesieve.Unauthenticate{} },
	func(t *rapid.T) managesieve.Command {
		return &managesieve.Noop{Tag: orNil(octetString()).Draw(t, "tag")}
	},
	func(t *rapid.T) managesieve.Command {
		secret := rapid.Map(octetString(), func(s string) managesieve.Secret { return managesieve.Secret(s) })
		return &managesieve.Authenticate{Mechanism: sieveAtom().Draw(t, "mechanism"), Initial: orNil(secret).Draw(t, "initial")}
	},
	func(t *rapid.T) managesieve.Command {
		return &managesieve.GetScript{Name: scriptName().Draw(t, "name")}
	},
	func(t *rapid.T) managesieve.Command {
		return &managesieve.SetActive{Name: rapid.OneOf(rapid.Just(""), scriptName()).Draw(t, "name")}
	},
	func(t *rapid.T) managesieve.Command {
		return &managesieve.DeleteScript{Name: scriptName().Draw(t, "name")}
	},
	func(t *rapid.T) managesieve.Command {
		return &managesieve.PutScript{Name: scriptName().Draw(t, "name"), Script: octetString().Draw(t, "script")}
	},
	func(t *rapid.T) managesieve.Command {
		return &managesieve.CheckScript{Script: octetString().Draw(t, "script")}
	},
	func(t *rapid.T) managesieve.Command {
		return &managesieve.HaveSpace{Name: scriptName().Draw(t, "name"), Size: rapid.Uint32().Draw(t, "size")}
	},
	func(t *rapid.T) managesieve.Command {
		return &managesieve.RenameScript{From: scriptName().Draw(t, "from"), To: scriptName().Draw(t, "to")}
	},
}

func extensionItem(depth int) *rapid.Generator[managesieve.ExtensionItem] {
	return rapid.Custom(func(t *rapid.T) managesieve.ExtensionItem {
		makers := []func(*rapid.T) managesieve.ExtensionItem{
			func(t *rapid.T) managesieve.ExtensionItem {
				return &managesieve.ExtensionToken{Value: sieveAtom().Draw(t, "token")}
			},
			func(t *rapid.T) managesieve.ExtensionItem {
				return &managesieve.ExtensionString{Value: octetString().Draw(t, "string")}
			},
		}
		if depth > 0 {
			makers = append(makers, func(t *rapid.T) managesieve.ExtensionItem {
				return &managesieve.ExtensionList{Items: list(extensionItem(depth-1)).Draw(t, "items")}
			})
		}
		return either(t, makers...)
	})
}

func octets() *rapid.Generator[[]byte] { return rapid.SliceOfN(rapid.Byte(), 0, 30) }

var sieveCodes = []func(*rapid.T) managesieve.RespCode{
	func(*rapid.T) managesieve.RespCode { return nil },
	func(t *rapid.T) managesieve.RespCode { return enum[managesieve.CodeKeyword](11).Draw(t, "code") },
	func(t *rapid.T) managesieve.RespCode {
		return &managesieve.CodeTag{Tag: octetString().Draw(t, "tag")}
	},
	func(t *rapid.T) managesieve.RespCode { return &managesieve.CodeSASL{Data: octets().Draw(t, "data")} },
	func(t *rapid.T) managesieve.RespCode {
		return &managesieve.CodeReferral{URL: "sieve://" + rapid.StringMatching(`[a-z0-9.:/%@]{1,20}`).Draw(t, "url")}
	},
	func(t *rapid.T) managesieve.RespCode {
		return &managesieve.CodeOther{Name: "X-" + sieveAtom().Draw(t, "name"), Data: list(extensionItem(3)).Draw(t, "data")}
	},
}

// sieveResponses make the responses by the entry that takes them.
var sieveResponses = map[string]func(*rapid.T) managesieve.Response{
	"response-oknobye": func(t *rapid.T) managesieve.Response {
		return &managesieve.Result{
			Status: enum[managesieve.Status](3).Draw(t, "status"), Code: either(t, sieveCodes...), Text: octetString().Draw(t, "text"),
		}
	},
	"capability-line": func(t *rapid.T) managesieve.Response {
		return &managesieve.CapabilityLine{Name: octetString().Draw(t, "name"), Value: orNil(octetString()).Draw(t, "value")}
	},
	"listscripts-line": func(t *rapid.T) managesieve.Response {
		return &managesieve.ScriptLine{Name: scriptName().Draw(t, "name"), Active: rapid.Bool().Draw(t, "active")}
	},
	"getscript-line": func(t *rapid.T) managesieve.Response {
		return &managesieve.ScriptData{Script: octetString().Draw(t, "script")}
	},
	"authenticate-line": func(t *rapid.T) managesieve.Response {
		return &managesieve.Challenge{Data: octets().Draw(t, "data")}
	},
}

type readLine = func(parser.Reader, []byte, []managesieve.Literal) (managesieve.Response, error)

var sieveReaders = map[string]readLine{
	"response-oknobye": func(r parser.Reader, line []byte, lits []managesieve.Literal) (managesieve.Response, error) {
		return r.Result(line, lits)
	},
	"capability-line":   parser.Reader.Capability,
	"listscripts-line":  parser.Reader.ListScripts,
	"getscript-line":    parser.Reader.GetScript,
	"authenticate-line": parser.Reader.Authenticate,
}

// Every command goes round.
func TestManageSieveCommandsGoRound(t *testing.T) {
	require.Len(t, sieveCommands, len(managesieve.CommandNames))
	for _, make := range sieveCommands {
		rapid.Check(t, func(t *rapid.T) { sieveCommandGoesRound(t, make(t)) })
	}
}

func sieveCommandGoesRound(t require.TestingT, c managesieve.Command) {
	wire, err := managesieve.AppendCommand([]byte("x"), c)
	require.NoError(t, err, "%#v", c)
	line, lits := split(t, wire[1:])
	require.NoError(t, peg.Check("command", line), "%q", line)
	back, err := parser.Command(line, lits)
	require.NoError(t, err, "%q", line)
	require.Equal(t, c, back, "%q", line)
	require.True(t, slices.Contains(managesieve.CommandNames, managesieve.CommandName(c)))
	require.NotZero(t, managesieve.CommandStates(c))
}

// Every response goes round, also where a line of another kind could stand.
func TestManageSieveResponsesGoRound(t *testing.T) {
	for entry, make := range sieveResponses {
		rapid.Check(t, func(t *rapid.T) { sieveResponseGoesRound(t, entry, make(t)) })
		rapid.Check(t, func(t *rapid.T) { sieveResponseGoesRound(t, entry, sieveResponses["response-oknobye"](t)) })
	}
}

func sieveResponseGoesRound(t require.TestingT, entry string, r managesieve.Response) {
	wire, err := managesieve.AppendResponse(nil, r)
	require.NoError(t, err, "%#v", r)
	line, lits := split(t, wire)
	require.NoError(t, peg.Check(entry, line), "%q", line)
	back, err := sieveReaders[entry](parser.Reader{}, line, lits)
	require.NoError(t, err, "%q", line)
	require.Equal(t, r, back, "%q", line)
	_, err = sieveReaders[entry](parser.Reader{Strict: true}, line, lits)
	result, _ := r.(*managesieve.Result)
	if result == nil {
		require.NoError(t, err, "%q", line)
		return
	}
	_, other := result.Code.(*managesieve.CodeOther)
	require.Equal(t, other, err != nil, "%q: %v", line, err)
}

// The examples of RFC 5804 go round, but for the base64 in three of them, which is none.
func TestManageSieveExamplesGoRound(t *testing.T) {
	commands, responses := 0, 0
	for _, e := range exampleTable(t, "managesieve/rfc5804.tsv", "\r\n") {
		line, lits := withLiterals(e.text)
		switch {
		case strings.Contains(e.text, "QJIrweAPyo6Q1T9x"):
			_, err := parser.Command([]byte(line), lits)
			require.EqualError(t, err, "AUTHENTICATE: value of base64 is not valid")
		case e.entry == "command":
			c, err := parser.Command([]byte(line), lits)
			if err != nil && strings.Contains(e.text, "GSSAPI") {
				continue // the octets that a test makes up are no base64
			}
			require.NoError(t, err, "%q", line)
			sieveCommandGoesRound(t, c)
			commands++
		case sieveReaders[e.entry] != nil && (e.entry != "authenticate-line" || lits == nil):
			r, err := sieveReaders[e.entry](parser.Reader{Strict: true}, []byte(line), lits)
			require.NoError(t, err, "%q", line)
			sieveResponseGoesRound(t, e.entry, r)
			responses++
		}
	}
	require.Greater(t, commands, 20)
	require.Greater(t, responses, 35)
}

func TestManageSieveAuthContinue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := octets().Draw(t, "data")
		line, lits := split(t, managesieve.AppendAuthContinue(nil, data))
		back, cancel, err := parser.AuthContinue(line, lits)
		require.NoError(t, err)
		require.False(t, cancel)
		require.Equal(t, data, back)
	})
	require.Equal(t, "\"*\"\r\n", string(managesieve.AppendAuthContinue(nil, nil)))
	_, cancel, err := parser.AuthContinue([]byte("\"*\"\r\n"), nil)
	require.NoError(t, err)
	require.True(t, cancel)
}

// What the grammar says in words only.
func TestManageSieveRefuses(t *testing.T) {
	lit := func(s string, nonSync bool) managesieve.Literal {
		return managesieve.Literal{Size: int64(len(s)), NonSync: nonSync, Data: []byte(s)}
	}
	for line, c := range map[string]struct {
		text string
		lits []managesieve.Literal
	}{
		"GETSCRIPT \"\"\r\n":                                     {"GETSCRIPT: value of sieve-name is not valid", nil},
		"GETSCRIPT \"a\x01b\"\r\n":                               {"GETSCRIPT: value of sieve-name is not valid", nil},
		"GETSCRIPT \"a\xe2\x80\xa8\"\r\n":                        {"GETSCRIPT: value of sieve-name is not valid", nil},
		"GETSCRIPT {1}\r\n\r\n":                                  {"GETSCRIPT: value of literal is not valid", []managesieve.Literal{lit("a", false)}},
		"GETSCRIPT {1+}\r\n\r\n":                                 {"GETSCRIPT: value of sieve-name is not valid", []managesieve.Literal{lit("\xff", true)}},
		"GETSCRIPT {2+}\r\n\r\n":                                 {"GETSCRIPT: value of literal is not valid", []managesieve.Literal{lit("a", true)}},
		"HAVESPACE \"a\" 4294967296\r\n":                         {"HAVESPACE: value of number is not valid", nil},
		"HAVESPACE \"a\" 01\r\n":                                 {"HAVESPACE: expected end of line", nil},
		"NOOP \"" + strings.Repeat("x", 1025) + "\"\r\n":         {"NOOP: value of string is not valid", nil},
		"AUTHENTICATE \"PLAIN\" \"AGEAYg=\"\r\n":                 {"AUTHENTICATE: value of base64 is not valid", nil},
		"AUTHENTICATE \"" + strings.Repeat("X", 1025) + "\"\r\n": {"AUTHENTICATE: value of atom is not valid", nil},
		"FETCH 1\r\n":                                            {"unknown command FETCH", nil},
		"\r\n":                                                   {"no command", nil},
		"LOGOUT":                                                 {"LOGOUT: line ends too early: expected end of line", nil},
	} {
		_, err := parser.Command([]byte(line), c.lits)
		require.EqualError(t, err, c.text, "%q", line)
	}
	for name, c := range map[string]managesieve.Command{
		"no name": &managesieve.GetScript{}, "mechanism": &managesieve.Authenticate{Mechanism: "a b"},
		"octets": &managesieve.DeleteScript{Name: "\xff"}, "nothing": nil,
	} {
		out, err := managesieve.AppendCommand([]byte("x"), c)
		require.Error(t, err, name)
		require.Equal(t, "x", string(out), name)
	}
	_, err := managesieve.AppendResponse(nil, &managesieve.Result{Code: &managesieve.CodeReferral{URL: "sieve://a) b"}})
	require.Error(t, err)
	deep := "OK (X " + strings.Repeat("(", 10000) + "\r\n"
	_, err = parser.Reader{}.Result([]byte(deep), nil)
	require.EqualError(t, err, "nested too deep")
}

// FuzzManageSieve parses any line in both directions; what parses has to go round.
func FuzzManageSieve(f *testing.F) {
	for _, seed := range []string{
		"PUTSCRIPT \"a\" {3+}\r\n\r\n", "AUTHENTICATE \"PLAIN\" \"AGEAYg==\"\r\n", "NO (QUOTA/MAXSIZE) \"full\"\r\n",
		"OK (X-A (b \"c\" ())) {1}\r\n\r\n", "\"a\" ACTIVE\r\n", "\"SASL\" \"\"\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		text, lits := withLiterals(string(data))
		line := []byte(text)
		if c, err := parser.Command(line, lits); err == nil {
			sieveCommandGoesRound(t, c)
		}
		_, _, _ = parser.AuthContinue(line, lits)
		for entry, read := range sieveReaders {
			_, strict := read(parser.Reader{Strict: true}, line, lits)
			r, err := read(parser.Reader{}, bytes.Clone(line), lits)
			if strict == nil && err != nil {
				t.Errorf("strict takes %q, lenient does not: %v", line, err)
			}
			if err == nil {
				sieveResponseGoesRound(t, entry, r)
			}
		}
	})
}
