package mailfile

import (
	"bufio"
	"io"
)

// crlf puts a CR before every LF that has none.
type crlf struct {
	from *bufio.Reader
	last byte
}

// CRLF returns what r has with bare LF made CR LF.
func CRLF(r io.Reader) io.Reader { return &crlf{from: bufio.NewReader(r)} }

func (c *crlf) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		octet, err := c.from.ReadByte()
		if err != nil {
			if n > 0 {
				return n, nil
			}
			return 0, err
		}
		if octet == '\n' && c.last != '\r' {
			octet = '\r'
			_ = c.from.UnreadByte()
		}
		c.last = octet
		p[n] = octet
		n++
	}
	return n, nil
}
