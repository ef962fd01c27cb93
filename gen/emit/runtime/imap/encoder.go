//go:build ignore

package imap

import (
	"errors"
	"fmt"
	"io"
	"strconv"
)

// ErrBlobShort says that the Reader of a Blob ended before Size octets. The line is cut
// in the middle, so the connection cannot go on.
var ErrBlobShort = errors.New("reading message data: it ends before its announced size")

const (
	// flushAt is how many octets may wait before Encode flushes on its own.
	flushAt = 64 << 10
	// directAt is the size from which Blob.Bytes is not copied into the buffer.
	directAt = 16 << 10
)

// Encoder writes responses (server side) and commands (client side, tests) in one
// canonical form: strings as atom, quoted string or literal by content, dates with
// zone, one space between parts.
//
// A value that cannot be written (a flag that is no atom, an empty set) is an error, and
// nothing of its line is written. An error of the writer, of a Blob's Reader, or behind
// data that has been streamed stays: every later call returns it.
//
// NUL cannot be sent in strings: in the strings of a response it is left out, in message
// data outside BINARY it is sent as octet 80 (so sizes stay right), in a command it is an
// error.
type Encoder struct {
	UTF8 bool // quoted strings and text may carry UTF-8: IMAP4rev2 or UTF8=ACCEPT is on

	w       io.Writer
	buf     []byte
	bad     error // why the line being written cannot be sent
	broken  error // stays
	gone    bool  // part of the line being written has left the buffer
	command bool  // writing a command: literals are {n+}
}

// NewEncoder writes to w through a buffer of its own; Flush sends it.
func NewEncoder(w io.Writer) *Encoder { return &Encoder{w: w} }

// Encode appends one response line. Blobs with a Reader are streamed through, which
// flushes what is buffered.
func (e *Encoder) Encode(r Response) error {
	start, err := e.begin()
	if err != nil {
		return err
	}
	e.response(r)
	return e.end(start)
}

// EncodeCommand appends one command line with its literals as {n+}.
func (e *Encoder) EncodeCommand(tag string, c Command) error {
	start, err := e.begin()
	if err != nil {
		return err
	}
	e.command = true
	e.tag(tag)
	e.buf = append(e.buf, ' ')
	e.commandBody(c)
	e.command = false
	return e.end(start)
}

func (e *Encoder) begin() (int, error) {
	e.bad, e.gone = nil, false
	return len(e.buf), e.broken
}

// end finishes the line that began at start of the buffer, or takes it back.
func (e *Encoder) end(start int) error {
	if e.broken != nil {
		return e.broken
	}
	if e.bad != nil {
		if e.gone {
			e.broken = e.bad
			return e.bad
		}
		e.buf = e.buf[:start]
		return e.bad
	}
	e.buf = append(e.buf, '\r', '\n')
	if len(e.buf) >= flushAt {
		return e.Flush()
	}
	return nil
}

// Flush writes what is buffered.
func (e *Encoder) Flush() error {
	if e.broken != nil || len(e.buf) == 0 {
		return e.broken
	}
	_, err := e.w.Write(e.buf)
	e.buf = e.buf[:0]
	if cap(e.buf) > 4*flushAt {
		e.buf = nil
	}
	if err != nil {
		e.broken = fmt.Errorf("writing: %w", err)
	}
	return e.broken
}

// Buffered tells how many octets wait for Flush.
func (e *Encoder) Buffered() int { return len(e.buf) }

// fail notes why the line cannot be sent. The first reason counts.
func (e *Encoder) fail(format string, args ...any) {
	if e.bad == nil {
		e.bad = fmt.Errorf("encoding: "+format, args...)
	}
}

func (e *Encoder) raw(s string) { e.buf = append(e.buf, s...) }

func (e *Encoder) byte(c byte) { e.buf = append(e.buf, c) }

func (e *Encoder) uint(n uint64) { e.buf = strconv.AppendUint(e.buf, n, 10) }

// int writes a number of 63 bits.
func (e *Encoder) int(n int64) {
	if n < 0 {
		e.fail("%d is negative", n)
		return
	}
	e.buf = strconv.AppendInt(e.buf, n, 10)
}

// nonZero writes an nz-number.
func (e *Encoder) nonZero(n uint32) {
	if n == 0 {
		e.fail("0 where a number from 1 is wanted")
		return
	}
	e.uint(uint64(n))
}
