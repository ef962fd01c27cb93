package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/dragoman-mail/dragoman/gen/docs"
)

// generatedRoots are the folders that hold nothing but generated files.
var generatedRoots = []string{"generated"}

// errStale is the outcome of a check that has found differences.
var errStale = errors.New("generated files are stale: go generate ./... has to run")

func generateFrom(root string) (map[string][]byte, error) {
	return Generate(os.DirFS(filepath.Join(root, "grammar")), os.DirFS(filepath.Join(root, docs.TranscriptFolder)))
}

// writeTree writes the files that differ and removes those that are not made
// any more.
func writeTree(root string, log io.Writer) error {
	want, err := generateFrom(root)
	if err != nil {
		return err
	}
	return writeFiles(root, want, log)
}

func writeFiles(root string, want map[string][]byte, log io.Writer) error {
	have, err := readTree(root, want)
	if err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(have)) {
		if _, ok := want[path]; ok {
			continue
		}
		fmt.Fprintln(log, "remove", path)
		if err := os.Remove(filepath.Join(root, path)); err != nil {
			return err
		}
	}
	for _, path := range slices.Sorted(maps.Keys(want)) {
		if text, ok := have[path]; ok && bytes.Equal(text, want[path]) {
			continue
		}
		fmt.Fprintln(log, "write", path)
		file := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, want[path], 0o644); err != nil {
			return err
		}
	}
	return nil
}

// checkTree prints how the tree differs from what would be generated.
func checkTree(root string, w io.Writer) error {
	want, err := generateFrom(root)
	if err != nil {
		return err
	}
	if err := addParsers(root, want); err != nil {
		return err
	}
	return compareFiles(root, want, w)
}

func compareFiles(root string, want map[string][]byte, w io.Writer) error {
	have, err := readTree(root, want)
	if err != nil {
		return err
	}
	paths := maps.Clone(have)
	maps.Copy(paths, want)
	stale := false
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		if d := diff(path, have[path], want[path]); d != "" {
			stale = true
			fmt.Fprint(w, d)
		}
	}
	if stale {
		return errStale
	}
	return nil
}

// readTree reads the wanted files as far as they exist, and whatever else is in
// the generated folders.
func readTree(root string, want map[string][]byte) (map[string][]byte, error) {
	paths := map[string]bool{}
	for path := range want {
		paths[path] = true
	}
	for _, dir := range generatedRoots {
		err := filepath.WalkDir(filepath.Join(root, dir), func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			path, err := filepath.Rel(root, file)
			paths[filepath.ToSlash(path)] = true
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("reading the generated files: %w", err)
		}
	}
	have := map[string][]byte{}
	for path := range paths {
		text, err := os.ReadFile(filepath.Join(root, path))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		have[path] = text
	}
	return have, nil
}
