package emit

import (
	"path"

	"github.com/dave/jennifer/jen"
)

const modulePath = "github.com/dragoman-mail/dragoman/"

// Target says what is to be made of one grammar beside what its bindings say.
type Target struct {
	Name    string // the Go package of its types, and its folder below generated/
	Folder  string // its folder below grammar/, "." for grammar/ itself
	Title   string // what people call it
	runtime []copied
	encode  []string    // interfaces and rules that the encoder begins with
	names   []string    // rules that the parser wants besides, for the texts of errors
	encoder string      // the Go type that the encoder's methods belong to
	states  []stateRule // none: it has no commands
	handled string      // what a handler's nil error means
	example string      // a command's name
	section string      // where it is said which command is allowed when
}

// stateRule says in which states the commands of a rule are allowed.
type stateRule struct{ rule, states string }

// copied says which sources of runtime/ go to a folder of the output.
type copied struct {
	to    string   // below the folder of the types
	files []string // patterns, below runtime/
}

// Targets are the grammars of the repository, IMAP first.
var Targets = []*Target{
	{
		Name: "imap", Folder: ".", Title: "IMAP",
		runtime: []copied{
			{"", []string{"imap/*"}},
			{"parser", []string{"shared/*", "shared/framed/*", "shared/values/*", "parser/*"}},
		},
		encode: []string{"Response", commandUnion, "filter-value"}, encoder: "Encoder",
		names: []string{"tag", "atom"},
		states: []stateRule{
			{"command-any", "StateAny"},
			{"command-nonauth", "StateNotAuthenticated"},
			{"command-auth", "StateAuthenticated | StateSelected"},
			{"command-select", "StateSelected"},
		},
		handled: "that the server sends the tagged OK", example: "UID FETCH", section: "RFC 9051 section 9, command",
	},
	{
		Name: "managesieve", Folder: "managesieve", Title: "ManageSieve",
		runtime: []copied{
			{"", []string{"managesieve/*", "shared/encoder/*", "shared/encoder/values/*"}},
			{"parser", []string{"shared/*", "shared/framed/*", "shared/values/numbers", "managesieve/parser/*"}},
		},
		encode: []string{"Response", commandUnion, "extension-data"}, encoder: "encoder",
		names: []string{"atom"},
		states: []stateRule{
			{"command-any", "StateAny"},
			{"command-nonauth", "StateNotAuthenticated"},
			{"command-auth", "StateAuthenticated"},
		},
		handled: "that the server sends OK", example: "GETSCRIPT", section: "RFC 5804 section 4, command",
	},
	{
		Name: "imapurl", Folder: "imapurl", Title: "IMAP URLs",
		runtime: []copied{
			{"", []string{"imapurl/*", "shared/encoder/*", "shared/encoder/values/*"}},
			{"parser", []string{"shared/*", "shared/unframed/*", "shared/values/numbers", "imapurl/parser/*"}},
		},
		encode: []string{"partial-range"}, encoder: "encoder",
	},
	{
		Name: "sasl", Folder: "sasl", Title: "SASL messages",
		runtime: []copied{
			{"", []string{"sasl/*", "shared/encoder/*"}},
			{"parser", []string{"shared/*", "shared/unframed/*", "sasl/parser/*"}},
		},
		encode: []string{"plain-message", "anonymous-message", "external-initial-resp", "OAuthMessage"}, encoder: "encoder",
	},
}

// dir is the folder of the types, parserDir that of the parser.
func (t *Target) dir() string { return path.Join("generated", t.Name) }

func (t *Target) parserDir() string { return t.dir() + "/parser" }

// path is the import path of the types.
func (t *Target) path() string { return modulePath + t.dir() }

// source names the files of the grammar, for the head of what is made of them.
func (t *Target) source() string {
	dir := path.Join("grammar", t.Folder) + "/"
	return dir + "*.abnf and " + dir + BindingsFile
}

// qual gives a type of the package of the types as the parser calls it.
func (m *model) qual(name string) *jen.Statement { return jen.Qual(m.target.path(), name) }
