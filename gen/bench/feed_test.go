package bench_test

import (
	"io"
	"net"
	"time"
)

// feed is a connection that sends a command again and again, and drops what it is told.
// Nobody waits for anybody: a Read takes as many commands as fit, as from a client that
// pipelines.
type feed struct {
	net.Conn // nil: what is not defined here is not called
	rest     string
	text     string
	left     int // how often text is still to come; negative: for ever
	closed   chan struct{}
}

func newFeed(head, text string, times int) *feed {
	return &feed{rest: head, text: text, left: times, closed: make(chan struct{})}
}

func (f *feed) Read(b []byte) (n int, err error) {
	for n < len(b) {
		if f.rest == "" {
			if f.left == 0 {
				break
			}
			f.left--
			f.rest = f.text
		}
		k := copy(b[n:], f.rest)
		n, f.rest = n+k, f.rest[k:]
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (f *feed) Write(b []byte) (int, error)      { return len(b), nil }
func (f *feed) SetReadDeadline(time.Time) error  { return nil }
func (f *feed) SetWriteDeadline(time.Time) error { return nil }

func (f *feed) Close() error {
	close(f.closed)
	return nil
}
