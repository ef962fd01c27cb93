// Package merge makes one grammar of the ABNF files of grammar/: it unites the
// definitions of all RFCs, applies the overlay and checks that nothing is left
// open. grammar/README.md states the policy.
package merge

import (
	"fmt"
	"io/fs"

	"github.com/dragoman-mail/dragoman/gen/abnf"
	"github.com/dragoman-mail/dragoman/gen/lower"
	"github.com/dragoman-mail/dragoman/gen/peg"
)

// Load merges the grammar in fsys, which is rooted at grammar/, and lowers it
// to the PEG model. A fault of the grammar is an *abnf.Error.
func Load(fsys fs.FS) (*peg.Grammar, *Report, error) {
	return LoadFolder(fsys, RootFolder)
}

// LoadFolder is Load for a grammar in a folder of its own. The grammars share the
// index and nothing else.
func LoadFolder(fsys fs.FS, folder string) (*peg.Grammar, *Report, error) {
	merged, rep, err := MergeFolder(fsys, folder)
	if err != nil {
		return nil, nil, err
	}
	g, notes, err := lower.Lower(merged)
	if err != nil {
		return nil, nil, inFolder(folder, err)
	}
	rep.Reordered, rep.Guarded, rep.NonGreedy = notes.Reordered, notes.Guarded, notes.NonGreedy
	return g, rep, nil
}

// Merge returns the merged context-free grammar, which Load goes on from.
func Merge(fsys fs.FS) (*abnf.Grammar, *Report, error) { return MergeFolder(fsys, RootFolder) }

// MergeFolder is Merge for a grammar in a folder of its own.
func MergeFolder(fsys fs.FS, folder string) (*abnf.Grammar, *Report, error) {
	docs, err := documents(fsys, folder)
	if err != nil {
		return nil, nil, err
	}
	own, err := fs.Sub(fsys, folder)
	if err != nil {
		return nil, nil, inFolder(folder, err)
	}
	g, rep, err := mergeFiles(own, docs)
	return g, rep, inFolder(folder, err)
}

func mergeFiles(fsys fs.FS, docs []Document) (*abnf.Grammar, *Report, error) {
	rep := &Report{}
	all, err := collect(fsys, docs, rep)
	if err != nil {
		return nil, nil, err
	}
	entries, err := readOverlay(fsys)
	if err != nil {
		return nil, nil, err
	}
	if err := all.override(entries, rep); err != nil {
		return nil, nil, err
	}
	if err := all.checkDefined(entries); err != nil {
		return nil, nil, err
	}
	in := newContainer(all.nodes(), declaredWider(entries))
	g := all.union(in, rep)
	addCore(g)
	if err := edit(g, entries, in, rep); err != nil {
		return nil, nil, err
	}
	inProse := resolveProse(g)
	if err := removeLeftRecursion(g, rep); err != nil {
		return nil, nil, err
	}
	if err := lint(g, entries, inProse, in); err != nil {
		return nil, nil, err
	}
	if err := gate(g, entries, docs, rep); err != nil {
		return nil, nil, err
	}
	finish(g, rep)
	return g, rep, nil
}

// collect reads the files that the index has for the grammar.
func collect(fsys fs.FS, docs []Document, rep *Report) (*collected, error) {
	if err := checkFiles(fsys, docs); err != nil {
		return nil, err
	}
	all := &collected{defs: map[string][]definition{}}
	for _, d := range docs {
		if d.File == "" {
			continue
		}
		text, err := fs.ReadFile(fsys, d.File)
		if err != nil {
			return nil, fmt.Errorf("reading the rules of RFC %d: %w", d.RFC, err)
		}
		f, err := abnf.Read(d.File, text)
		if err != nil {
			return nil, err
		}
		if err := all.add(f, d.RFC); err != nil {
			return nil, err
		}
		rep.Files = append(rep.Files, FileReport{d.File, d.RFC, len(f.Rules())})
	}
	return all, nil
}

// checkFiles reports a file of rules that the index does not list.
func checkFiles(fsys fs.FS, docs []Document) error {
	listed := map[string]bool{OverlayFile: true}
	for _, d := range docs {
		listed[d.File] = true
	}
	files, err := fs.Glob(fsys, "*.abnf")
	if err != nil {
		return fmt.Errorf("listing the grammar: %w", err)
	}
	for _, f := range files {
		if !listed[f] {
			return fmt.Errorf("%s: not in %s", f, IndexFile)
		}
	}
	return nil
}

func declaredWider(entries []*entry) map[string]map[string]bool {
	wider := map[string]map[string]bool{}
	for _, e := range of(entries, "wider") {
		if wider[e.names[0]] == nil {
			wider[e.names[0]] = map[string]bool{}
		}
		wider[e.names[0]][e.names[1]] = true
	}
	return wider
}

// addCore adds the built-in rules that no file defines.
func addCore(g *abnf.Grammar) {
	for _, r := range abnf.Core().Rules() {
		if g.Get(r.Name) == nil {
			g.Add(&abnf.Production{Name: abnf.Key(r.Name), Expr: r.Expr, Core: true})
		}
	}
}

// finish takes out the rules that cannot be reached and counts the rest.
func finish(g *abnf.Grammar, rep *Report) {
	reached := g.Reachable(g.Entries)
	for _, p := range append([]*abnf.Production{}, g.Productions...) {
		if !reached[p.Name] {
			g.Remove(p.Name)
			continue
		}
		rep.Rules++
	}
}

// faultf is an error at a line of a grammar file.
func faultf(file string, line int, rule, format string, args ...any) error {
	return &abnf.Error{File: file, Line: line, Rule: rule, Msg: fmt.Sprintf(format, args...)}
}
