package jmap

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"time"
)

// maxEvent bounds the octets of one event of a stream.
const maxEvent = 1 << 20

var errEventTooLong = errors.New("an event of the stream is too long")

// rawEvent is one event of a text/event-stream.
type rawEvent struct {
	kind string // the event field, "message" when there was none
	data []byte
	id   string // the last event id of the stream so far
}

// eventReader parses a text/event-stream as the WHATWG HTML standard defines it (section 9.2.6).
type eventReader struct {
	from      *bufio.Reader
	started   bool
	afterCR   bool // the last line ended in CR: a LF that follows belongs to it
	id        string
	retry     time.Duration // the reconnection time that the stream asked for, else 0
	line      []byte
	kind      string
	data      []byte
	hasData   bool
	eventSize int
}

func newEventReader(r io.Reader) *eventReader { return &eventReader{from: bufio.NewReader(r)} }

// next returns the next event. At the end of the stream it returns io.EOF; an event without its blank line is
// dropped then.
func (r *eventReader) next() (rawEvent, error) {
	for {
		if err := r.readLine(); err != nil {
			return rawEvent{}, err
		}
		if len(r.line) > 0 {
			r.field(r.line)
			continue
		}
		event, complete := r.dispatch()
		if complete {
			return event, nil
		}
	}
}

func (r *eventReader) dispatch() (rawEvent, bool) {
	event := rawEvent{kind: r.kind, data: bytes.TrimSuffix(r.data, []byte("\n")), id: r.id}
	if event.kind == "" {
		event.kind = "message"
	}
	complete := r.hasData
	r.kind, r.data, r.hasData, r.eventSize = "", nil, false, 0
	return event, complete
}

func (r *eventReader) field(line []byte) {
	name, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch string(name) {
	case "": // a comment: servers send them as a sign of life
		r.eventSize -= len(line)
	case "event":
		r.kind = string(value)
	case "data":
		r.data = append(append(r.data, value...), '\n')
		r.hasData = true
	case "id":
		if bytes.IndexByte(value, 0) < 0 {
			r.id = string(value)
		}
	case "retry":
		if ms, err := strconv.ParseUint(string(value), 10, 31); err == nil {
			r.retry = time.Duration(ms) * time.Millisecond
		}
	}
}

// readLine reads a line that ends in CR LF, LF or CR. It does not wait for what may follow a CR.
func (r *eventReader) readLine() error {
	r.line = r.line[:0]
	if err := r.skipMark(); err != nil {
		return err
	}
	for {
		c, err := r.from.ReadByte()
		if err != nil {
			return err
		}
		skip := c == '\n' && r.afterCR
		r.afterCR = c == '\r'
		switch {
		case skip:
			continue
		case c == '\n' || c == '\r':
			return nil
		}
		if r.eventSize++; r.eventSize > maxEvent {
			return errEventTooLong
		}
		r.line = append(r.line, c)
	}
}

// skipMark steps over one byte order mark at the start of the stream.
func (r *eventReader) skipMark() error {
	if r.started {
		return nil
	}
	r.started = true
	for _, want := range []byte("\uFEFF") {
		c, err := r.from.ReadByte()
		if err != nil {
			return err
		}
		if c != want {
			return r.from.UnreadByte()
		}
	}
	return nil
}
