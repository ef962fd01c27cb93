package imaptest

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

//go:embed scripts
var own embed.FS

// Own returns our own scripts.
func Own() ([]*Script, error) { return loadDir(own, "scripts", "scripts") }

// Load reads the scripts at the paths: files, and directories with all files in them but *.mbox and those whose name begins with a dot.
// The error joins the SyntaxErrors of all scripts that cannot be read; those that can be are returned beside it.
func Load(paths ...string) ([]*Script, error) {
	var scripts []*Script
	var faults []error
	for _, name := range paths {
		info, err := os.Stat(name)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		var more []*Script
		if info.IsDir() {
			more, err = loadDir(os.DirFS(name), ".", name)
		} else {
			more, err = loadFiles(os.DirFS(filepath.Dir(name)), ".", filepath.Dir(name), []string{filepath.Base(name)})
		}
		scripts = append(scripts, more...)
		faults = append(faults, err)
	}
	return scripts, errors.Join(faults...)
}

// loadDir reads all scripts of a directory; shown is its name for people.
func loadDir(files fs.FS, dir, shown string) ([]*Script, error) {
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		name := entry.Name()
		if !entry.IsDir() && !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, ".mbox") {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: there are no scripts", shown)
	}
	return loadFiles(files, dir, shown, names)
}

func loadFiles(files fs.FS, dir, shown string, names []string) ([]*Script, error) {
	var scripts []*Script
	var faults []error
	boxes := map[string][]message{}
	for _, name := range names {
		text, err := fs.ReadFile(files, path.Join(dir, name))
		if err == nil {
			var s *Script
			if s, err = parse(filepath.Join(shown, name), text, inEnvironment); err == nil {
				s.Name = name
				s.mbox, s.mboxErr = loadMbox(files, dir, name, boxes)
				scripts = append(scripts, s)
			}
		}
		faults = append(faults, err)
	}
	return scripts, errors.Join(faults...)
}

func inEnvironment(name string) bool {
	_, set := os.LookupEnv(name)
	return set
}

// loadMbox reads the mail of a script, and that which scripts share only once.
func loadMbox(files fs.FS, dir, name string, boxes map[string][]message) ([]message, error) {
	for _, file := range []string{name + ".mbox", "default.mbox"} {
		if messages, ok := boxes[file]; ok {
			return messages, nil
		}
		text, err := fs.ReadFile(files, path.Join(dir, file))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		boxes[file] = parseMbox(text)
		return boxes[file], nil
	}
	return nil, fmt.Errorf("there is neither %s.mbox nor default.mbox", name)
}
