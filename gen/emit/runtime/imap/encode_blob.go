//go:build ignore

package imap

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// nulStandIn is sent for NUL in message data that may not hold it.
const nulStandIn = 0x80

// blob writes message data as a literal; nil is NIL.
func (e *Encoder) blob(b *Blob) {
	if b == nil {
		e.raw("NIL")
		return
	}
	if b.Reader == nil && b.Size != int64(len(b.Bytes)) {
		e.fail("message data of %d octets announced as %d", len(b.Bytes), b.Size)
		return
	}
	e.byte('{')
	e.int(b.Size)
	e.raw("}\r\n")
	if b.Reader != nil {
		e.stream(&nulReplacer{b.Reader}, b.Size)
		return
	}
	if bytes.IndexByte(b.Bytes, 0) < 0 {
		e.octets(b.Bytes)
		return
	}
	e.octets(bytes.ReplaceAll(b.Bytes, []byte{0}, []byte{nulStandIn}))
}

// binary writes decoded data: as literal8 when it holds NUL, or may.
func (e *Encoder) binary(b *Blob) {
	switch {
	case b == nil || b.Reader == nil && bytes.IndexByte(b.Bytes, 0) < 0:
		e.blob(b)
	case b.Reader != nil:
		e.literal8Head(b.Size)
		e.stream(b.Reader, b.Size)
	case b.Size != int64(len(b.Bytes)):
		e.fail("message data of %d octets announced as %d", len(b.Bytes), b.Size)
	default:
		e.literal8Head(b.Size)
		e.octets(b.Bytes)
	}
}

func (e *Encoder) literal8Head(size int64) {
	e.raw("~{")
	e.int(size)
	e.raw("}\r\n")
}

// octets appends data, or writes it at once when it is big.
func (e *Encoder) octets(data []byte) {
	if len(data) < directAt || e.bad != nil {
		e.buf = append(e.buf, data...)
		return
	}
	e.gone = true
	if e.Flush() != nil {
		return
	}
	if _, err := e.w.Write(data); err != nil {
		e.broken = fmt.Errorf("writing: %w", err)
	}
}

// stream copies exactly size octets from r to the writer.
func (e *Encoder) stream(r io.Reader, size int64) {
	if e.bad != nil {
		return
	}
	e.gone = true
	if e.Flush() != nil {
		return
	}
	n, err := io.CopyN(e.w, r, size)
	switch {
	case errors.Is(err, io.EOF):
		e.broken = fmt.Errorf("%w: %d of %d octets", ErrBlobShort, n, size)
	case err != nil:
		e.broken = fmt.Errorf("streaming message data: %w", err)
	}
}

// nulReplacer puts the stand-in for NUL into what it reads.
type nulReplacer struct{ r io.Reader }

func (n *nulReplacer) Read(p []byte) (int, error) {
	k, err := n.r.Read(p)
	for i := bytes.IndexByte(p[:k], 0); i >= 0 && i < k; i++ {
		if p[i] == 0 {
			p[i] = nulStandIn
		}
	}
	return k, err
}
