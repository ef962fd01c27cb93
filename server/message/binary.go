package message

import (
	"errors"
	"io"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// ErrNoPart is given for a part that the message does not have.
var ErrNoPart = errors.New("finding part: no such part")

// Binary gives a part with its transfer encoding undone, or the piece of it that
// <offset.count> asks for (RFC 9051 section 6.4.5, RFC 3516). No part numbers stand for
// the whole message. The errors are ErrNoPart and mime.ErrEncoding, which is answered
// with NO [UNKNOWN-CTE].
func Binary(m *mime.Message, path []uint32, partial *imap.Partial) (*imap.Blob, error) {
	if len(path) == 0 {
		octets := Cut(m.Octets, partial)
		return &imap.Blob{Size: int64(len(octets)), Bytes: octets}, nil
	}
	size, err := BinarySize(m, path)
	if err != nil {
		return nil, err
	}
	var r io.Reader = Part(m, path).Content()
	if partial == nil {
		return &imap.Blob{Size: size, Reader: r}, nil
	}
	start := min(max(partial.Offset, 0), size)
	count := min(max(partial.Count, 0), size-start)
	if _, err := io.CopyN(io.Discard, r, start); err != nil {
		return nil, err
	}
	return &imap.Blob{Size: count, Reader: io.LimitReader(r, count)}, nil
}

// BinarySize is the size of a part with its transfer encoding undone; errors as for
// Binary.
func BinarySize(m *mime.Message, path []uint32) (int64, error) {
	if len(path) == 0 {
		return int64(len(m.Octets)), nil
	}
	p := Part(m, path)
	if p == nil {
		return 0, ErrNoPart
	}
	if _, err := p.StrictContent(); err != nil {
		return 0, err
	}
	return p.ContentSize(), nil
}
