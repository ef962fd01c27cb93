package embedded

import (
	"bytes"
	"fmt"
	"io"

	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// candidate is an Email that a filter looks at. What it needs is read once, when it is needed.
type candidate struct {
	search *emailSearch
	id     uint64

	email  *emailRow
	header *headerRow
	words  map[string]bool // which of the filter's words are in the body; nil as long as nobody looked
}

func (e *candidate) row() (*emailRow, error) {
	if e.email == nil {
		row, err := e.search.s.email(e.id)
		if err == nil && row == nil {
			err = fmt.Errorf("searching for Email %d: %w", e.id, ErrCorrupt)
		}
		if err != nil {
			return nil, err
		}
		e.email = row
	}
	return e.email, nil
}

func (e *candidate) headers() (*headerRow, error) {
	if e.header == nil {
		h, err := e.search.s.headers(e.id)
		if err != nil {
			return nil, err
		}
		e.header = h
	}
	return e.header, nil
}

// threadHas says whether all, and whether some, Emails of the Thread have a keyword.
func (e *candidate) threadHas(keyword string) (all, some bool, err error) {
	row, err := e.row()
	if err != nil {
		return false, false, err
	}
	k := threadKeyword{row.thread, keyword}
	if known, ok := e.search.threads[k]; ok {
		return known.all, known.some, nil
	}
	rows, err := e.search.s.threadRows(row.thread)
	if err != nil {
		return false, false, err
	}
	all = true
	for _, r := range rows {
		all = all && r.has(keyword)
		some = some || r.has(keyword)
	}
	e.search.threads[k] = allSome{all, some}
	return all, some, nil
}

type threadKeyword struct {
	thread  uint64
	keyword string
}

type allSome struct{ all, some bool }

// inBody says whether a word of the filter is in the body. It looks for all of them at once.
func (e *candidate) inBody(word string) (bool, error) {
	if e.words == nil {
		row, err := e.row()
		if err != nil {
			return false, err
		}
		err = e.search.s.account.withBlob(e.search.ctx, row.blob, func(octets []byte) error {
			e.words = findWords(mime.Parse(octets), e.search.filter.words)
			return nil
		})
		if err := e.search.s.found(err, row.blob); err != nil {
			return false, err
		}
		if e.words == nil {
			e.words = map[string]bool{}
		}
	}
	return e.words[word], nil
}

// fields returns the values of a header field, decoded.
func (e *candidate) fields(name string) ([]string, error) {
	row, err := e.row()
	if err != nil {
		return nil, err
	}
	header, err := e.search.s.account.blobs.readHeader(row.blob, row.size)
	if err := e.search.s.found(err, row.blob); err != nil {
		return nil, err
	}
	var texts []string
	for f := range mime.Parse(header).Header().Fields() {
		if mime.EqualFold(f.Name, name) {
			texts = append(texts, searchable(mime.Text(f.Raw)))
		}
	}
	return texts, nil
}

// headerChunk is how much of a message is read at a time to find the end of its header.
const headerChunk = 16 << 10

// readHeader reads a message up to the end of its header, or a little further. Of the rest it only looks that it is there.
func (s *blobs) readHeader(d digest, size uint64) ([]byte, error) {
	f, err := s.openAsIs(d)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return nil, err
	} else if info.Size() != int64(size) {
		return nil, s.damaged(d)
	}
	var header []byte
	for {
		start := max(0, len(header)-3)
		header = append(header, make([]byte, headerChunk)...)
		n, err := io.ReadFull(f, header[len(header)-headerChunk:])
		header = header[:len(header)-headerChunk+n]
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return nil, err
		}
		if err != nil || bytes.Contains(header[start:], []byte("\n\r\n")) || bytes.Contains(header[start:], []byte("\n\n")) {
			return header, nil
		}
	}
}
