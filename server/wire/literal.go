package wire

import (
	"bytes"
	"io"
)

// Reject gives the command up with err. A literal that the client sends without waiting is read away, and so is the rest
// of the command; one that it wants leave for is never sent, and ends the command here.
func (f *Framer) Reject(err error) {
	f.fault = err
	if f.undecided {
		f.undecided = false
		f.pass()
	}
}

// pass goes over a literal of a command that has a fault.
func (f *Framer) pass() {
	if f.wanted.NonSync {
		f.remaining = f.wanted.Size
	} else {
		f.refused = true
	}
}

// TooBig tells whether the wanted literal may not be kept in memory.
func (f *Framer) TooBig() bool { return f.wanted.Size > f.limits.Literals-f.kept }

// Store reads the wanted literal into memory. The client must have been given leave when the literal is a
// synchronising one.
func (f *Framer) Store() error {
	if f.TooBig() {
		f.Reject(ErrLiteralTooBig)
		return nil
	}
	lit := f.wanted
	f.kept += lit.Size
	data := make([]byte, 0, min(lit.Size, inputSize))
	for int64(len(data)) < lit.Size {
		chunk, err := f.in.peek()
		if err != nil {
			return err
		}
		n := min(int64(len(chunk)), lit.Size-int64(len(data)))
		data = append(data, chunk[:n]...)
		f.in.skip(int(n))
	}
	lit.Data = data
	f.take()
	f.lits = append(f.lits, lit)
	if !lit.Binary && bytes.IndexByte(data, 0) >= 0 {
		f.Reject(ErrNULInLiteral)
	}
	return nil
}

// Stream returns the octets of the wanted literal as they come; none is kept. What has not been read when Next is
// called is read away. The client must have been given leave when the literal is a synchronising one.
func (f *Framer) Stream() io.Reader {
	lit := f.wanted
	lit.Streamed = true
	f.take()
	f.lits = append(f.lits, lit)
	f.remaining = lit.Size
	return &literalReader{f}
}

func (f *Framer) take() { f.undecided = false }

// drain reads away what is left of a literal. One that is too much for that ends the connection before it comes.
func (f *Framer) drain() error {
	if f.remaining > f.limits.Discard-f.discarded {
		return ErrFlood
	}
	for f.remaining > 0 {
		chunk, err := f.in.peek()
		if err != nil {
			return err
		}
		n := min(int64(len(chunk)), f.remaining)
		f.in.skip(int(n))
		f.remaining -= n
		if err := f.discard(n); err != nil {
			return err
		}
	}
	return nil
}

type literalReader struct{ f *Framer }

// Read gives io.EOF at the end of the literal and io.ErrUnexpectedEOF when the connection ends before.
func (r *literalReader) Read(p []byte) (int, error) {
	f := r.f
	if f.remaining == 0 {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	chunk, err := f.in.peek()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return 0, err
	}
	n := copy(p[:min(int64(len(p)), f.remaining)], chunk)
	f.in.skip(n)
	f.remaining -= int64(n)
	return n, nil
}
