package mailfile

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// Message is a message in a file. Its octets are read when they are asked for.
type Message struct {
	Path       string
	Offset     int64     // where the message begins in an mbox file, else -1
	Folder     []string  // the subfolder of a Maildir, from the top; none for the Maildir itself and all else
	Keywords   []string  // JMAP keywords (RFC 8621 section 4.1.1), lower case, sorted
	ReceivedAt time.Time // zero when nothing tells
	Deleted    bool      // marked for removal by the program that wrote the file
	Internal   bool      // no mail, but notes of a mail program to itself
	FileSize   int64     // octets that the message takes in its file

	open func() (io.ReadCloser, error)
}

// Open returns the octets of the message. It may be called any number of times.
func (m *Message) Open() (io.ReadCloser, error) { return m.open() }

// Where names the file, and the place in it.
func (m *Message) Where() string {
	if m.Offset < 0 {
		return m.Path
	}
	return fmt.Sprintf("%s at octet %d", m.Path, m.Offset)
}

// section opens a part of a file.
func section(path string, start, end int64) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return readCloser{io.NewSectionReader(file, start, end-start), file}, nil
}

type readCloser struct {
	io.Reader
	io.Closer
}

// maxHeader bounds how much of a message is searched for flags and dates.
const maxHeader = 256 << 10

// readHeader returns the beginning of the message, with the header block.
func (m *Message) readHeader() (mime.Header, error) {
	content, err := m.open()
	if err != nil {
		return nil, err
	}
	defer content.Close()
	block, err := io.ReadAll(io.LimitReader(content, maxHeader))
	if err != nil {
		return nil, err
	}
	return mime.Header(block), nil
}

// arrival is the date of the newest Received field or, when no server noted one, of the Date field.
func arrival(header mime.Header) time.Time {
	if received, ok := header.First("Received"); ok {
		if i := bytes.LastIndexByte(received.Raw, ';'); i >= 0 {
			if t, err := mime.ParseDate(received.Raw[i+1:]); err == nil {
				return t
			}
		}
	}
	if date, ok := header.First("Date"); ok {
		if t, err := mime.ParseDate(date.Raw); err == nil {
			return t
		}
	}
	return time.Time{}
}
