package mailfile

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Options say how files are read.
type Options struct {
	Quoting Quoting // of mbox files
	CRLF    bool    // make bare LF in messages CR LF
}

// Visitor is told what Read finds. An error of Message or Ignored ends Read and is returned by it.
type Visitor interface {
	// Message is called for each message, in the order of the file, or of the file names.
	Message(*Message) error
	// Ignored is called for a file that holds no mail.
	Ignored(path, reason string) error
	// Unreadable is called for a file or directory that cannot be read, wholly or from some point on.
	Unreadable(path string, err error) error
}

// Read visits the messages in each of the paths: an mbox file, a message, a Maildir with its subfolders, or a
// directory, which is searched for those.
func Read(paths []string, options Options, visit Visitor) error {
	r := &reader{options: options, visit: visit}
	for _, path := range paths {
		if err := r.path(path); err != nil {
			return err
		}
	}
	return nil
}

// Size returns how many octets the files at the paths have.
func Size(paths []string) int64 {
	var total int64
	for _, path := range paths {
		_ = filepath.WalkDir(path, func(_ string, entry fs.DirEntry, err error) error {
			if err != nil {
				return nil
			}
			if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
				total += info.Size()
			}
			return nil
		})
	}
	return total
}

type reader struct {
	options Options
	visit   Visitor
}

func (r *reader) problem(path string, err error) error { return r.visit.Unreadable(path, err) }

func (r *reader) path(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return r.problem(path, err)
	case info.IsDir():
		return r.directory(path)
	case !info.Mode().IsRegular():
		return r.visit.Ignored(path, "neither a file nor a directory")
	}
	return r.file(path, info.Size())
}

func (r *reader) directory(dir string) error {
	if isMaildir(dir) {
		return r.maildir(dir, nil)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return r.problem(dir, err)
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		if entry.Type()&fs.ModeSymlink != 0 {
			err = r.visit.Ignored(path, "a symbolic link")
		} else {
			err = r.path(path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// file tells mbox files and messages apart by how they begin.
func (r *reader) file(path string, size int64) error {
	file, err := os.Open(path)
	if err != nil {
		return r.problem(path, err)
	}
	defer file.Close()
	head := bufio.NewReaderSize(file, 4096)
	start, err := head.Peek(1024)
	if err != nil && err != io.EOF {
		return r.problem(path, err)
	}
	message := strings.EqualFold(filepath.Ext(path), ".eml")
	switch {
	case len(start) == 0:
		return r.visit.Ignored(path, "empty")
	case !message && bytes.HasPrefix(bytes.TrimLeft(start, "\r\n"), fromPrefix):
		return r.mbox(path, head)
	case message || beginsWithField(start):
		return r.message(path, size)
	}
	return r.visit.Ignored(path, "neither an mbox file nor a message")
}

// beginsWithField holds for text that begins with a header field (RFC 5322 section 2.2).
func beginsWithField(text []byte) bool {
	colon := bytes.IndexByte(text, ':')
	if colon < 1 {
		return false
	}
	for _, c := range text[:colon] {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}

func (r *reader) message(path string, size int64) error {
	m := r.single(path, size)
	header, err := m.readHeader()
	if err != nil {
		return r.problem(path, err)
	}
	m.ReceivedAt = arrival(header)
	return r.visit.Message(m)
}

// single is the message that a whole file is.
func (r *reader) single(path string, size int64) *Message {
	return &Message{Path: path, Offset: -1, FileSize: size, open: func() (io.ReadCloser, error) {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		return readCloser{r.lines(file), file}, nil
	}}
}

func (r *reader) lines(content io.Reader) io.Reader {
	if r.options.CRLF {
		return CRLF(content)
	}
	return content
}

func (r *reader) mbox(path string, file io.Reader) error {
	messages := NewMbox(file)
	var end int64
	for {
		entry, err := messages.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return r.problem(path, err)
		}
		m := r.entry(path, entry)
		m.FileSize = entry.End - end
		end = entry.End
		header, err := m.readHeader()
		if err != nil {
			return r.problem(path, err)
		}
		m.applyStatus(header)
		if m.ReceivedAt.Before(placeholder) {
			m.ReceivedAt = arrival(header)
		}
		if err := r.visit.Message(m); err != nil {
			return err
		}
	}
}

// placeholder is the end of the day that programs write which do not know the date.
var placeholder = time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC)

func (r *reader) entry(path string, entry Entry) *Message {
	return &Message{Path: path, Offset: entry.Start, ReceivedAt: entry.Date, open: func() (io.ReadCloser, error) {
		content, err := section(path, entry.Start, entry.End)
		if err != nil {
			return nil, err
		}
		return readCloser{r.lines(Unquote(content, r.options.Quoting)), content}, nil
	}}
}
