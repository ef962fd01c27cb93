package embedded

import "encoding/binary"

// rowReader reads the binary rows. After a value that is not there, bad is set and all that
// follows is zero.
type rowReader struct {
	b   []byte
	bad bool
}

func (r *rowReader) take(n int) []byte {
	if n > len(r.b) {
		r.bad, r.b = true, nil
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *rowReader) octet() byte {
	if v := r.take(1); v != nil {
		return v[0]
	}
	return 0
}

func (r *rowReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.take(len(r.b) + 1)
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *rowReader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.take(len(r.b) + 1)
		return 0
	}
	r.b = r.b[n:]
	return v
}

// count reads a number of things that each take an octet at least.
func (r *rowReader) count() int {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.take(len(r.b) + 1)
		return 0
	}
	return int(n)
}
