package importer

import "io"

// watched remembers how the reading of a file went.
type watched struct {
	from  io.Reader
	read  int64
	ended bool
	err   error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.from.Read(p)
	w.read += int64(n)
	switch err {
	case nil:
	case io.EOF:
		w.ended = true
	default:
		w.err = err
	}
	return n, err
}
