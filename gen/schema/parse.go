package schema

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// parseFiles reads all files of the notation in dir, in the order of their names.
func parseFiles(grammar fs.FS, dir string) ([]*File, error) {
	paths, err := fs.Glob(grammar, dir+"/*.jmap")
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("reading %s: no .jmap files", dir)
	}
	var files []*File
	for _, path := range paths {
		text, err := fs.ReadFile(grammar, path)
		if err != nil {
			return nil, err
		}
		f, err := parseFile(path, text)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// parseFile reads one file of the notation. Errors begin with file:line.
func parseFile(path string, text []byte) (*File, error) {
	v, err := Parse(path, text)
	if err != nil {
		return nil, located(path, err)
	}
	f := v.(*File)
	f.Path = path
	for _, d := range f.Decls {
		d.File = f
	}
	return f, nil
}

// located rewrites pigeon's "path:line:column (offset): text" as "path:line: text".
func located(path string, err error) error {
	var list errList
	if !errors.As(err, &list) || len(list) == 0 {
		return fmt.Errorf("%s: %w", path, err)
	}
	var first *parserError
	if !errors.As(list[0], &first) {
		return fmt.Errorf("%s: %w", path, list[0])
	}
	return fmt.Errorf("%s:%d: %s", path, first.pos.line, strings.TrimSpace(first.Inner.Error()))
}

func objectKind(kind any) string {
	if text, ok := kind.([]byte); ok && string(text) == "record" {
		return kindRecord
	}
	return kindObject
}

// isOpen knows "open object" from the single words by its being a sequence.
func isOpen(kind any) bool {
	_, words := kind.([]any)
	return words
}

func bodyPart(part any) []*Property {
	if part == nil {
		return nil
	}
	return part.([]any)[2].([]*Property)
}
