package main

import (
	"fmt"
	"io/fs"
	"maps"

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
// is rooted at grammar/. The keys are paths from the root of the repository. The
// result depends on nothing else.
func Generate(grammar fs.FS) (map[string][]byte, error) {
	model, _, err := merge.Load(grammar)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, part := range []func() (map[string][]byte, error){
		func() (map[string][]byte, error) { return pigeon.Generate(model) },
		func() (map[string][]byte, error) { return emit.Generate(model, grammar) },
		func() (map[string][]byte, error) { return schema.Generate(grammar) },
	} {
		made, err := part()
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
