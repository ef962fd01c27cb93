// Package hard holds messages that mail software reads differently, byte for byte: nested and broken structures, headers with
// what no standard allows, unusual addresses, charsets, encodings and dates. What is too long for a file is made here.
package hard

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
)

//go:embed *.eml refused/*.eml
var files embed.FS

// Message is one message of the corpus.
type Message struct {
	// Name says what is hard about it.
	Name string
	// Octets is the message. It has no NUL and no LF without CR, which IMAP servers need not take.
	Octets []byte
}

// All gives the corpus in the order of the names.
func All() ([]Message, error) {
	all, err := read(".")
	if err != nil {
		return nil, err
	}
	all = append(all, made()...)
	slices.SortFunc(all, func(a, b Message) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// Refused gives messages that Cyrus takes from nobody: with NUL, with LF without CR, and with lines in the header that are no fields.
func Refused() ([]Message, error) {
	all, err := read("refused")
	return append(all,
		Message{"nul", []byte("Subject: a\x00b\r\n\r\ntext\r\n")},
		Message{"nul-in-body", []byte("Subject: NUL below\r\n\r\nte\x00xt\r\n")},
		Message{"bare-lf", []byte("Subject: bare LF\nFrom: a@b.example\n\ntext\n")},
		Message{"bare-lf-in-body", []byte("Subject: bare LF below\r\n\r\ntext\nmore\r\n")},
		Message{"empty", nil},
	), err
}

func read(folder string) ([]Message, error) {
	entries, err := files.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("reading hard mail: %w", err)
	}
	var all []Message
	for _, entry := range entries {
		if entry.IsDir() {
			continue
		}
		octets, err := files.ReadFile(path.Join(folder, entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("reading hard mail: %w", err)
		}
		all = append(all, Message{strings.TrimSuffix(entry.Name(), ".eml"), octets})
	}
	return all, nil
}

func made() []Message {
	return []Message{
		{"huge-header-line", message("Subject: A header line of 60 KiB", "X-Rope: "+strings.Repeat("strand ", 60<<10/7))},
		{"huge-header-lines", message("Subject: A header of a thousand lines", numbered("X-Line-%d: line %[1]d", 1000, "\r\n"))},
		{"huge-header-folded", message("Subject: A field of a thousand lines\r\n "+numbered("turn %d", 1000, "\r\n "), "X-Last: end")},
		{"huge-references", message("Subject: A long thread", "References: "+numbered("<%d@rope.example>", 500, "\r\n "))},
		{"deep-multiparts", message("Subject: Twenty boxes, each in the next", boxes(20))},
		{"many-parts", message("Subject: Two hundred leaves", leaves(200))},
	}
}

func message(lines ...string) []byte {
	return []byte("From: Rope <rope@maker.example>\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\nthe end of the rope\r\n")
}

func numbered(format string, n int, between string) string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(lines, between)
}

// boxes are multiparts in each other, and a text in the midst.
func boxes(depth int) string {
	open, closed := "MIME-Version: 1.0", ""
	for i := range depth {
		open += fmt.Sprintf("\r\nContent-Type: multipart/mixed; boundary=box%dx\r\n\r\n--box%[1]dx", i)
		closed = fmt.Sprintf("\r\n--box%dx--", i) + closed
	}
	return open + "\r\nContent-Type: text/plain\r\n\r\nin the smallest box" + closed
}

// leaves are the parts of one multipart.
func leaves(n int) string {
	return "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=leaf\r\n\r\n" +
		numbered("--leaf\r\nContent-Type: text/plain; name=leaf%d\r\n\r\nleaf number %[1]d", n, "\r\n") + "\r\n--leaf--"
}
