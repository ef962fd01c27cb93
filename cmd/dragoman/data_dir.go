package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// startedMarker is a file that says that every database in the data directory was whole once.
const startedMarker = "started"

// databases are where server/store/boltstore and jmap/embedded keep theirs. Messages lie elsewhere, and may be many.
var databases = []string{"*.bolt", "mail/*.bolt", "mail/accounts/*/*.bolt"}

// openDataDir makes the directory. When it has served before, a database in it that is empty was cut: opening it would quietly
// begin anew, and nobody would learn where the mail went. In a directory that never served it is what a crash
// left when it was made.
func openDataDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, startedMarker)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, pattern := range databases {
		found, err := fs.Glob(os.DirFS(dir), pattern)
		if err != nil {
			return err
		}
		for _, name := range found {
			path := filepath.Join(dir, filepath.FromSlash(name))
			if info, err := os.Stat(path); err == nil && info.Size() == 0 {
				return fmt.Errorf("data directory %s: %s is damaged: it is empty; put a backup in its place, or delete it to begin anew", dir, path)
			}
		}
	}
	return nil
}

func markStarted(dir string) error {
	return os.WriteFile(filepath.Join(dir, startedMarker), nil, 0o600)
}
