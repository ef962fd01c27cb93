// Package dragoman holds the tests of the repository as a whole: which folder
// may import which, what a generated file looks like, and whether the RFC
// references in comments name sections that exist.
package dragoman

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/dragoman-mail/dragoman/"

// allowed says for each folder which folders of this module its non-test files
// may import, by prefix. The longest folder that matches decides. Only
// server/servertest and cmd join the server with the embedded store.
var allowed = map[string][]string{
	"generated":         {"generated"},
	"jmap":              {"generated/jmap", "jmap"},
	"jmap/mime":         {"jmap/mime"},
	"jmap/embedded":     {"generated/jmap", "jmap/embedded", "jmap/mime"},
	"server":            {"generated", "jmap", "server"},
	"server/auth":       {"generated/jmap", "jmap"},
	"server/content":    {"generated/jmap", "jmap", "server/message", "server/store"},
	"server/mailbox":    {"generated/imap", "generated/jmap", "jmap", "server/mailbox", "server/store"},
	"server/message":    {"generated/imap", "jmap/mime"},
	"server/pattern":    {},
	"server/search":     {"generated/imap", "jmap/mime"},
	"server/selfsigned": {},
	"server/store":      {"server/store", "jmap/embedded/boltfile"},
	"server/transcript": {},
	"server/utf7":       {},
	"server/wire":       {"generated/imap"},
	"imaptest":          {"imaptest"},
	"gen":               {"gen", "grammar"},
	"cmd":               {"generated", "server", "jmap", "imaptest", "testdata", "cmd"},
	"testdata":          {},
	"grammar":           {},
}

// topLevel is what may stand in the root, beside what git ignores.
var topLevel = []string{
	"grammar", "gen", "generated", "server", "jmap", "cmd", "testdata", "imaptest",
	"go.mod", "go.sum", "README.md", "docs", "LICENSE", "CONTRIBUTING.md", "CHANGELOG.md",
	"repo_test.go",
}

type sourceFile struct {
	path string // slash-separated, relative to the root
	src  []byte
	ast  *ast.File
	fset *token.FileSet
}

func (f sourceFile) line(n ast.Node) int { return f.fset.Position(n.Pos()).Line }

func goFiles(t *testing.T) []sourceFile {
	t.Helper()
	var files []sourceFile
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".go" {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, src, parser.ParseComments)
		if err != nil {
			return err
		}
		files = append(files, sourceFile{filepath.ToSlash(path), src, file, fset})
		return nil
	})
	require.NoError(t, err)
	return files
}

func TestImportsGoOneWay(t *testing.T) {
	for _, f := range goFiles(t) {
		if strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		may, known := rulesFor(filepath.ToSlash(filepath.Dir(f.path)))
		if !known {
			continue
		}
		for _, imp := range f.ast.Imports {
			path, err := strconv.Unquote(imp.Path.Value)
			require.NoError(t, err)
			inside, ours := strings.CutPrefix(path, module)
			if ours && !underAny(inside, may) {
				t.Errorf("%s:%d imports %s, but its folder may import only %v", f.path, f.line(imp), inside, may)
			}
			if inside == "jmap/embedded" && strings.HasPrefix(f.path, "server/") && !strings.HasPrefix(f.path, "server/servertest/") {
				t.Errorf("%s:%d imports the embedded store: the server knows JMAP servers by their URL only", f.path, f.line(imp))
			}
		}
	}
}

func rulesFor(dir string) ([]string, bool) {
	for {
		if may, ok := allowed[dir]; ok {
			return may, true
		}
		i := strings.LastIndexByte(dir, '/')
		if i < 0 {
			return nil, false
		}
		dir = dir[:i]
	}
}

func underAny(path string, folders []string) bool {
	for _, f := range folders {
		if path == f || strings.HasPrefix(path, f+"/") {
			return true
		}
	}
	return false
}

var generatedMarker = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

func TestGeneratedFilesAreMarked(t *testing.T) {
	for _, f := range goFiles(t) {
		marked := generatedMarker.Match(f.src)
		if strings.HasPrefix(f.path, "generated/") && !marked {
			t.Errorf("%s lies in generated/ without the marker of a generated file", f.path)
		}
	}
}

func TestEveryPackageHasAComment(t *testing.T) {
	documented := map[string]bool{}
	for _, f := range goFiles(t) {
		dir := filepath.ToSlash(filepath.Dir(f.path))
		if strings.HasSuffix(f.ast.Name.Name, "_test") {
			continue
		}
		documented[dir] = documented[dir] || f.ast.Doc != nil
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("package %s has no package comment", dir)
		}
	}
}

func TestTopLevel(t *testing.T) {
	known := map[string]bool{}
	for _, name := range topLevel {
		known[name] = true
	}
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || e.Name() == "dragoman-data" || e.Name() == "dragoman" {
			continue
		}
		if !known[e.Name()] {
			t.Errorf("%s is not one of the house's top-level names", e.Name())
		}
	}
}

var rfcReference = regexp.MustCompile(`RFC (\d+),? section (\d+(?:\.\d+)*)`)

// TestRFCReferencesExist looks the references up where the texts are. They are
// no part of the repository and no program that could be installed, so they
// are not required.
func TestRFCReferencesExist(t *testing.T) {
	const texts = "../shared/rfc"
	if _, err := os.Stat(texts); err != nil {
		t.Skipf("the RFC texts are not at %s", texts)
	}
	sections := map[string]map[string]bool{}
	for _, f := range append(goFiles(t), scripts(t)...) {
		folded := regexp.MustCompile(`\s*\n\s*//\s*`).ReplaceAll(f.src, []byte(" "))
		for _, m := range rfcReference.FindAllSubmatch(folded, -1) {
			number, section := string(m[1]), string(m[2])
			if sections[number] == nil {
				sections[number] = sectionsOf(texts, number)
			}
			if len(sections[number]) > 0 && !sections[number][section] {
				t.Errorf("%s refers to RFC %s section %s, which is not there", f.path, number, section)
			}
		}
	}
}

// scripts are those of imaptest, whose comments refer to RFCs, too.
func scripts(t *testing.T) []sourceFile {
	t.Helper()
	names, err := filepath.Glob("imaptest/scripts/*")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	var files []sourceFile
	for _, name := range names {
		src, err := os.ReadFile(name)
		require.NoError(t, err)
		files = append(files, sourceFile{path: filepath.ToSlash(name), src: src})
	}
	return files
}

var sectionHeading = regexp.MustCompile(`(?m)^ {0,6}(\d+(?:\.\d+)*)\.? +\S`)

func sectionsOf(dir, number string) map[string]bool {
	found := map[string]bool{}
	text, err := os.ReadFile(filepath.Join(dir, "rfc"+number+".txt"))
	if err != nil {
		return found
	}
	for _, m := range sectionHeading.FindAllSubmatch(bytes.ReplaceAll(text, []byte("\r"), nil), -1) {
		found[string(m[1])] = true
	}
	return found
}
