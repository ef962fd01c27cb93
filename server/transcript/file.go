package transcript

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"strings"
	"time"

	"golang.org/x/tools/txtar"
)

// A File is one parsed transcript.
type File struct {
	Name    string
	Mail    []Message         // what is in the store at the start, in order
	Sample  bool              // the sample mail is there too
	Users   [][2]string       // name and password of further accounts
	Entries map[string][]byte // texts that C: lines can send
	lines   []line            // the session
	archive *txtar.Archive
	session int // index of the session entry
}

// Message is one message that a transcript starts with.
type Message struct {
	Mailbox  string
	Keywords []string
	Received time.Time
	Octets   []byte
}

// firstDate is the internal date of the first message without one; each further
// message is an hour younger.
var firstDate = time.Date(2024, time.January, 1, 9, 0, 0, 0, time.UTC)

// Read parses the transcript in the named file.
func Read(name string) (*File, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return Parse(name, data)
}

// Parse parses a transcript; name is used in errors.
func Parse(name string, data []byte) (*File, error) {
	f := &File{Name: name, Entries: map[string][]byte{}, archive: txtar.Parse(data), session: -1}
	for i, entry := range f.archive.Files {
		if err := f.entry(i, entry); err != nil {
			return nil, fmt.Errorf("%s: entry %q: %w", name, entry.Name, err)
		}
	}
	if f.session < 0 {
		return nil, fmt.Errorf("%s: there is no entry named session", name)
	}
	return f, nil
}

func (f *File) entry(i int, entry txtar.File) error {
	fields := strings.Fields(entry.Name)
	switch {
	case entry.Name == "session":
		lines, err := parseLines(entry.Data, f.firstLine(i))
		f.lines, f.session = lines, i
		return err
	case entry.Name == "options":
		return f.options(entry.Data)
	case len(fields) > 0 && path.Ext(fields[0]) == ".eml" && strings.Contains(fields[0], "/"):
		m, err := message(fields, entry.Data, firstDate.Add(time.Duration(len(f.Mail))*time.Hour))
		f.Mail = append(f.Mail, m)
		return err
	default:
		f.Entries[entry.Name] = crlf(entry.Data)
		return nil
	}
}

// firstLine is where in the file the content of the i-th entry begins.
func (f *File) firstLine(i int) int {
	line := 2 + bytes.Count(f.archive.Comment, []byte("\n")) // the entry's name has a line of its own
	for _, before := range f.archive.Files[:i] {
		line += 1 + bytes.Count(before.Data, []byte("\n"))
	}
	return line
}

func message(fields []string, data []byte, received time.Time) (Message, error) {
	m := Message{Mailbox: path.Dir(fields[0]), Received: received, Octets: crlf(data)}
	for _, field := range fields[1:] {
		if !strings.Contains(field, "T") || !strings.HasSuffix(field, "Z") {
			m.Keywords = append(m.Keywords, field)
			continue
		}
		at, err := time.Parse(time.RFC3339, field)
		if err != nil {
			return m, err
		}
		m.Received = at
	}
	return m, nil
}

func (f *File) options(data []byte) error {
	for text := range strings.Lines(string(data)) {
		key, value, _ := strings.Cut(strings.TrimSpace(text), ":")
		words := strings.Fields(value)
		switch {
		case key == "":
		case key == "mail" && len(words) == 1 && words[0] == "sample":
			f.Sample = true
		case key == "user" && len(words) == 2:
			f.Users = append(f.Users, [2]string{words[0], words[1]})
		default:
			return fmt.Errorf("unknown option %q", strings.TrimSpace(text))
		}
	}
	return nil
}

// crlf gives lines that end in LF the CRLF that they have on the wire, and
// resolves the notation for octets that are not printable.
func crlf(data []byte) []byte {
	lines := bytes.SplitAfter(data, []byte("\n"))
	var out []byte
	for _, l := range lines {
		text, ended := bytes.CutSuffix(l, []byte("\n"))
		out = append(out, unescape(string(bytes.TrimSuffix(text, []byte("\r"))))...)
		if ended {
			out = append(out, "\r\n"...)
		}
	}
	return out
}

// format renders the transcript with the session's present lines.
func (f *File) format() []byte {
	var session bytes.Buffer
	for _, l := range f.lines {
		session.WriteString(l.String())
		session.WriteByte('\n')
	}
	archive := *f.archive
	archive.Files = append([]txtar.File(nil), f.archive.Files...)
	archive.Files[f.session].Data = session.Bytes()
	return txtar.Format(&archive)
}
