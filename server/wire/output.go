package wire

import (
	"net"
	"sync/atomic"
	"time"
)

// writeSize is how many octets have to be taken within one write deadline.
const writeSize = 64 << 10

// Output writes to a connection, each piece within a deadline. A client that does not read blocks the writer, and is cut
// off when the deadline passes.
type Output struct {
	conn    net.Conn
	timeout time.Duration
	written atomic.Int64
	err     error
}

// NewOutput writes to conn; a piece of 64 KiB may take as long as timeout, 0 meaning for ever.
func NewOutput(conn net.Conn, timeout time.Duration) *Output {
	return &Output{conn: conn, timeout: timeout}
}

// Write sends p; after an error every further write fails with it.
func (o *Output) Write(p []byte) (int, error) {
	sent := 0
	for len(p) > sent && o.err == nil {
		if o.timeout > 0 {
			_ = o.conn.SetWriteDeadline(time.Now().Add(o.timeout))
		}
		n, err := o.conn.Write(p[sent:min(len(p), sent+writeSize)])
		sent += n
		o.err = err
	}
	o.written.Add(int64(sent))
	return sent, o.err
}

// Err is the error that ended the output, nil while it works.
func (o *Output) Err() error { return o.err }

// Written is how many octets were sent so far; any goroutine may ask.
func (o *Output) Written() int64 { return o.written.Load() }
