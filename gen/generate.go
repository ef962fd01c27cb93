package main

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/dragoman-mail/dragoman/gen/docs"
	"github.com/dragoman-mail/dragoman/gen/emit"
	"github.com/dragoman-mail/dragoman/gen/merge"
	"github.com/dragoman-mail/dragoman/gen/pigeon"
	"github.com/dragoman-mail/dragoman/gen/schema"
)

// The parsers of the notations come first: the generator is built with them.

//go:generate go tool pigeon -o abnf/abnf.peg.go abnf/abnf.peg
//go:generate go tool pigeon -o bind/bind.peg.go bind/bind.peg
//go:generate go tool pigeon -o schema/notation.peg.go schema/notation.peg
//go:generate go run .

// Generate makes every generated file of the repository from the grammar, which
// is rooted at grammar/, and from the transcripts, of which docs/conformance.md
// names those that show an RFC. The keys are paths from the root of the
// repository. The result depends on nothing else.
func Generate(grammar, transcripts fs.FS) (map[string][]byte, error) {
	files, err := schema.Generate(grammar)
	if err != nil {
		return nil, err
	}
	documents, err := docs.Generate(grammar, transcripts)
	if err != nil {
		return nil, err
	}
	maps.Copy(files, documents)
	if err := checkFolders(grammar); err != nil {
		return nil, err
	}
	for _, target := range emit.Targets {
		made, err := generate(grammar, target)
		if err != nil {
			return nil, err
		}
		for path := range made {
			if _, twice := files[path]; twice {
				return nil, fmt.Errorf("%s is generated twice", path)
			}
		}
		maps.Copy(files, made)
	}
	return files, nil
}

// generate makes the files of one grammar.
func generate(grammar fs.FS, target *emit.Target) (map[string][]byte, error) {
	model, _, err := merge.LoadFolder(grammar, target.Folder)
	if err != nil {
		return nil, err
	}
	files, err := pigeon.Generate(model, target.Name, target.Title)
	if err != nil {
		return nil, err
	}
	made, err := emit.Generate(model, grammar, target)
	maps.Copy(files, made)
	return files, err
}

// checkFolders reports a grammar of which nothing is made.
func checkFolders(grammar fs.FS) error {
	folders, err := merge.Folders(grammar)
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if !slices.ContainsFunc(emit.Targets, func(t *emit.Target) bool { return t.Folder == folder }) {
			return fmt.Errorf("grammar/%s: no target of gen/emit is made of it", folder)
		}
	}
	return nil
}
