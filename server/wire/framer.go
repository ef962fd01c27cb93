package wire

import (
	"bytes"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// Limits bound what one command may hold in memory, and what is read away to get past a bad one.
type Limits struct {
	Line     int   // octets of the command line, its literals apart
	Literals int64 // octets of the literals kept in memory, all together
	Count    int   // literals
	Discard  int64 // octets read away before the connection is given up
}

// Outcome is how far a Framer came.
type Outcome uint8

const (
	// Complete: the command is whole.
	Complete Outcome = iota
	// LiteralWanted: the line so far ends with the announcement of a literal.
	LiteralWanted
	// Bad: there is no command; the input stands at the start of the next.
	Bad
	// Blank: an empty line came between commands, as some clients send; it means nothing.
	Blank
)

// keepBuffer is how large a line buffer may be to be used again for the next command.
const keepBuffer = 8 << 10

// Framer cuts an Input into commands. It is for one goroutine.
type Framer struct {
	in     *Input
	limits Limits

	line      []byte
	lits      []imap.Literal
	markerAt  int // where the last announcement begins in line
	kept      int64
	discarded int64
	fault     error
	wanted    imap.Literal
	undecided bool  // the wanted literal has been neither taken nor rejected
	remaining int64 // octets of the accepted literal that are still to be read
	refused   bool  // the client was told to keep its literal, which ended the command
	done      bool  // the next call of Next begins a new command
	used      bool  // something has been read before
}

// NewFramer makes a Framer that reads from in.
func NewFramer(in *Input, limits Limits) *Framer {
	return &Framer{in: in, limits: limits, done: true}
}

// SetLimits changes the limits from the next piece on, such as after a login.
func (f *Framer) SetLimits(limits Limits) { f.limits = limits }

// Line is the command line so far: its literals stripped, their announcements and every CRLF included. It is
// valid until the next call of Next.
func (f *Framer) Line() []byte { return f.line }

// Prefix is the line before the announcement of the literal that is wanted.
func (f *Framer) Prefix() []byte { return f.line[:f.markerAt] }

// Literals are those of the command so far, in order.
func (f *Framer) Literals() []imap.Literal { return f.lits }

// Wanted is the literal that is announced, without its octets.
func (f *Framer) Wanted() imap.Literal { return f.wanted }

// Tag is the command's tag, "" when it has none that could be answered.
func (f *Framer) Tag() string { return tagOf(f.line) }

// Fault says what is wrong with a Bad command: an error of this package, or the one given to Reject.
func (f *Framer) Fault() error { return f.fault }

// Next reads up to the end of the command, or to the next literal in it. An error means that the connection has no further use.
func (f *Framer) Next() (Outcome, error) {
	if f.done {
		f.reset()
	}
	if f.undecided {
		f.Reject(ErrLiteralTooBig)
	}
	for {
		if f.refused {
			f.done = true
		}
		if f.fault != nil && f.done {
			return Bad, nil
		}
		if err := f.drain(); err != nil {
			return Bad, err
		}
		literal, err := f.readPiece()
		switch {
		case err != nil:
			return Bad, err
		case literal && f.fault == nil && len(f.lits) >= f.limits.Count:
			f.undecided = true
			f.Reject(ErrTooManyLiterals)
		case literal && f.fault == nil:
			f.undecided = true
			return LiteralWanted, nil
		case literal:
			f.pass()
		case f.fault != nil:
			f.done = true
		case len(f.lits) == 0 && len(f.line) == len("\r\n"):
			f.done = true
			return Blank, nil
		default:
			f.done = true
			return Complete, nil
		}
	}
}

func (f *Framer) reset() {
	if cap(f.line) > keepBuffer {
		f.line = nil
	}
	f.line, f.lits = f.line[:0], nil
	f.markerAt, f.kept, f.discarded, f.fault = 0, 0, 0, nil
	f.wanted, f.undecided, f.refused = imap.Literal{}, false, false
	f.remaining, f.done = 0, false
}

// readPiece appends one line to the command; literal says that it ends with an announcement.
func (f *Framer) readPiece() (literal bool, err error) {
	begin := len(f.line)
	tail, err := f.readLine()
	if err != nil {
		return false, err
	}
	piece := f.line[begin:]
	if f.fault != nil {
		piece = tail
	}
	lit, start, ok := marker(piece)
	if ok {
		f.wanted, f.markerAt = lit, begin+start
	}
	return ok, nil
}

// readLine appends up to the next line feed to f.line, and CRLF for whatever ended it. What does not fit is read
// away; tail is the end of the line in any case.
func (f *Framer) readLine() (tail []byte, err error) {
	for {
		chunk, err := f.in.peek()
		if err != nil {
			return nil, err
		}
		if !f.used && chunk[0] == recordTypeHandshake {
			return nil, ErrTLSHello
		}
		f.used = true
		n, ended := len(chunk), false
		if i := bytes.IndexByte(chunk, '\n'); i >= 0 {
			n, ended = i+1, true
		}
		tail = lastOf(append(tail, lastOf(chunk[:n])...))
		err = f.keep(chunk[:n])
		f.in.skip(n)
		if err != nil {
			return nil, err
		}
		if ended {
			f.line = withCRLF(f.line, f.fault == nil)
			return withCRLF(tail, true), nil
		}
	}
}

// recordTypeHandshake is the first octet of a TLS connection (RFC 8446 section 5.1); no tag begins with it.
const recordTypeHandshake = 0x16

func lastOf(b []byte) []byte { return b[max(0, len(b)-maxMarker):] }

// keep stores a chunk of the line, or counts it as read away once there is a fault or too much.
func (f *Framer) keep(chunk []byte) error {
	if f.fault == nil && len(f.line)+len(chunk) <= f.limits.Line {
		f.line = append(f.line, chunk...)
		return nil
	}
	if f.fault == nil {
		f.line = append(f.line, chunk[:max(0, f.limits.Line-len(f.line))]...)
		f.fault = ErrLineTooLong
	}
	return f.discard(int64(len(chunk)))
}

func (f *Framer) discard(n int64) error {
	f.discarded += n
	if f.discarded > f.limits.Discard {
		return ErrFlood
	}
	return nil
}

// withCRLF turns the line feed at the end of a line into CRLF when it came alone.
func withCRLF(line []byte, whole bool) []byte {
	if !whole || bytes.HasSuffix(line, []byte("\r\n")) || !bytes.HasSuffix(line, []byte("\n")) {
		return line
	}
	return append(line[:len(line)-1], '\r', '\n')
}

// ReadLine reads one line outside any command, such as those of AUTHENTICATE or the DONE of IDLE, with its CRLF. A line over the
// limit is read away and reported as ErrLineTooLong; every other error ends the connection.
func (f *Framer) ReadLine() ([]byte, error) {
	f.reset()
	f.done = true
	if _, err := f.readLine(); err != nil {
		return nil, err
	}
	return f.line, f.fault
}
