package mailfile

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"time"
)

// ErrNotMbox says that a file does not begin with a separator line.
var ErrNotMbox = errors.New("the file does not begin with a \"From \" line")

// Entry is a message in an mbox file: its octets, still quoted, lie from Start to End.
type Entry struct {
	Start, End int64
	Date       time.Time // of the separator line, zero when it has none
}

// Mbox finds the messages of an mbox file in one pass. It needs the same small memory whatever the file contains.
type Mbox struct {
	from   *bufio.Reader
	offset int64 // of the next line
	line   mboxLine
	begun  bool
	dated  bool // separators have dates
	next   *Entry
}

// mboxLine is one line of the file.
type mboxLine struct {
	start int64
	head  []byte // its beginning, as much as fits the buffer; valid until the next line is read
	blank bool
}

// mboxBuffer is longer than any separator line.
const mboxBuffer = 64 << 10

// NewMbox reads from the beginning of a file.
func NewMbox(r io.Reader) *Mbox { return &Mbox{from: bufio.NewReaderSize(r, mboxBuffer)} }

// Next returns the next message, or io.EOF after the last one. An empty file has none.
func (m *Mbox) Next() (Entry, error) {
	if !m.begun {
		if err := m.begin(); err != nil {
			return Entry{}, err
		}
	}
	if m.next == nil {
		return Entry{}, io.EOF
	}
	entry := *m.next
	m.next = nil
	inBody, lastBlank := false, int64(-1)
	for {
		switch err := m.readLine(); {
		case err == io.EOF:
			entry.End = endOf(m.offset, lastBlank)
			return entry, nil
		case err != nil:
			return Entry{}, err
		}
		if m.separates(lastBlank >= 0 || m.line.start == entry.Start) {
			entry.End = endOf(m.line.start, lastBlank)
			m.next = m.entry()
			return entry, nil
		}
		switch {
		case !m.line.blank:
			lastBlank = -1
		case inBody:
			lastBlank = m.line.start
		default:
			inBody = true // the line that ends the header belongs to the message
		}
	}
}

// endOf leaves out an empty line before a separator or the end of the file.
func endOf(end, lastBlank int64) int64 {
	if lastBlank >= 0 {
		return lastBlank
	}
	return end
}

func (m *Mbox) begin() error {
	m.begun = true
	for {
		switch err := m.readLine(); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case m.line.blank:
			continue
		case !bytes.HasPrefix(m.line.head, fromPrefix):
			return ErrNotMbox
		}
		_, m.dated = parseFromLine(m.line.head)
		m.next = m.entry()
		return nil
	}
}

// entry starts a message behind the separator that was just read.
func (m *Mbox) entry() *Entry {
	date, _ := parseFromLine(m.line.head)
	return &Entry{Start: m.offset, Date: date}
}

func (m *Mbox) separates(afterBlank bool) bool {
	if !bytes.HasPrefix(m.line.head, fromPrefix) {
		return false
	}
	if !m.dated {
		return afterBlank
	}
	_, dated := parseFromLine(m.line.head)
	return dated
}

// readLine reads a line of any length; io.EOF comes only when nothing is left.
func (m *Mbox) readLine() error {
	head, err := m.from.ReadSlice('\n')
	if len(head) == 0 && err != nil {
		return err
	}
	m.line = mboxLine{start: m.offset, blank: isBlank(head)}
	m.offset += int64(len(head))
	if err == bufio.ErrBufferFull {
		// What follows overwrites the buffer.
		m.line.head = bytes.Clone(head[:min(len(head), 1000)])
		return m.skipRest()
	}
	m.line.head = head
	if err == io.EOF {
		return nil
	}
	return err
}

func (m *Mbox) skipRest() error {
	for {
		more, err := m.from.ReadSlice('\n')
		m.offset += int64(len(more))
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF:
			return nil
		default:
			return err
		}
	}
}

func isBlank(line []byte) bool {
	return len(line) == 1 && line[0] == '\n' || len(line) == 2 && line[0] == '\r' && line[1] == '\n'
}
