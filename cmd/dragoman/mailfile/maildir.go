package mailfile

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-mail/dragoman/server/utf7"
)

// isMaildir tells a Maildir by its directories.
func isMaildir(dir string) bool {
	for _, name := range []string{"cur", "new"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || !info.IsDir() {
			return false
		}
	}
	return true
}

// maildir visits the messages of a Maildir, and with it those of its subfolders: directories with a dot before their names
// (Maildir++), or without, at any depth (the layout "fs" of Dovecot, "Verbatim" of mbsync).
func (r *reader) maildir(dir string, path []string) error {
	if isMaildir(dir) {
		if err := r.folder(dir, path); err != nil {
			return err
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return r.problem(dir, err)
	}
	for _, entry := range entries {
		name, sub := entry.Name(), filepath.Join(dir, entry.Name())
		if slices.Contains(maildirParts, name) {
			continue
		}
		switch {
		case entry.IsDir() && (isMaildir(sub) || !strings.HasPrefix(name, ".")):
			err = r.maildir(sub, slices.Concat(path, subfolder(name)))
		case isMaildir(sub):
			err = r.visit.Ignored(sub, "a symbolic link")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

var maildirParts = []string{"cur", "new", "tmp"}

// subfolder is the path that the name of a directory in a Maildir stands for.
func subfolder(name string) []string {
	plusplus, dotted := strings.CutPrefix(name, ".")
	if !dotted {
		return []string{folderName(name)}
	}
	path := strings.Split(plusplus, ".")
	for i := range path {
		path[i] = folderName(path[i])
	}
	return path
}

func (r *reader) folder(dir string, path []string) error {
	keywords := readKeywordNames(filepath.Join(dir, "dovecot-keywords"))
	for _, part := range []string{"cur", "new"} {
		entries, err := os.ReadDir(filepath.Join(dir, part))
		if err != nil {
			if err := r.problem(dir, err); err != nil {
				return err
			}
			continue
		}
		for _, entry := range entries {
			if strings.HasPrefix(entry.Name(), ".") || entry.IsDir() {
				continue
			}
			file := filepath.Join(dir, part, entry.Name())
			if err := r.maildirMessage(file, path, keywords); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *reader) maildirMessage(file string, path []string, keywords map[rune]string) error {
	info, err := os.Stat(file)
	if err != nil {
		return r.problem(file, err)
	}
	m := r.single(file, info.Size())
	m.Folder = path
	m.ReceivedAt = info.ModTime()
	m.applyInfo(filepath.Base(file), keywords)
	return r.visit.Message(m)
}

// applyInfo reads the flags in the name of a file, behind ":2,"; some systems that cannot have a colon
// in a name use another character.
func (m *Message) applyInfo(name string, keywords map[rune]string) {
	i := strings.LastIndex(name, "2,")
	if i < 1 || !strings.ContainsRune(":;!", rune(name[i-1])) {
		return
	}
	flags, _, _ := strings.Cut(name[i+2:], ",")
	m.applyLetters(flags, map[rune]string{'D': draft, 'F': flagged, 'P': forwarded, 'R': answered, 'S': seen})
	m.applyLetters(flags, keywords)
	m.Deleted = strings.ContainsRune(flags, 'T')
}

// readKeywordNames reads which letter stands for which keyword: lines of a number and a name, 0 being "a". Without the file
// letters mean nothing.
func readKeywordNames(path string) map[rune]string {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	names := map[rune]string{}
	lines := bufio.NewScanner(io.LimitReader(file, 64<<10))
	for lines.Scan() {
		number, name, _ := strings.Cut(lines.Text(), " ")
		if n, err := strconv.Atoi(number); err == nil && n >= 0 && n < 26 {
			names[rune('a'+n)] = name
		}
	}
	return names
}

// folderName decodes the name of a folder, modified UTF-7. A name that is not in that form stays as it
// is: some programs write UTF-8.
func folderName(name string) string {
	if plain, err := utf7.Decode(name); err == nil {
		return plain
	}
	return name
}
