package merge

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
)

// RootFolder is the folder of the grammar of IMAP. Each other grammar has one below it.
const RootFolder = "."

// Folders lists the folders that hold grammars, that of IMAP first: what the index
// has files in, and what has an overlay.
func Folders(fsys fs.FS) ([]string, error) {
	docs, err := ReadIndex(fsys)
	if err != nil {
		return nil, err
	}
	overlays, err := fs.Glob(fsys, "*/"+OverlayFile)
	if err != nil {
		return nil, fmt.Errorf("listing the grammars: %w", err)
	}
	var folders []string
	for _, file := range overlays {
		folders = append(folders, path.Dir(file))
	}
	for _, d := range docs {
		folders = append(folders, d.folder())
	}
	slices.Sort(folders)
	return slices.Compact(folders), nil
}

// folder is where the rules of the document are.
func (d *Document) folder() string { return path.Dir(d.File) }

// documents gives the rows of the index whose rules are in a folder, with the names of
// their files as they are in it.
func documents(fsys fs.FS, folder string) ([]Document, error) {
	all, err := ReadIndex(fsys)
	if err != nil {
		return nil, err
	}
	var docs []Document
	for _, d := range all {
		if d.File != "" && d.folder() == folder {
			d.File = path.Base(d.File)
			docs = append(docs, d)
		}
	}
	return docs, nil
}

// inFolder says in which folder an error lies, unless it is that of IMAP.
func inFolder(folder string, err error) error {
	if err == nil || folder == RootFolder {
		return err
	}
	return fmt.Errorf("%s: %w", folder, err)
}
