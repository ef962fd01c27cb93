package mime

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// ErrEncoding is given for a Content-Transfer-Encoding that is not known. IMAP's
// BINARY answers it with NO [UNKNOWN-CTE].
var ErrEncoding = errors.New("unknown Content-Transfer-Encoding")

// Content reads the body of a part with its transfer encoding undone.
type Content struct {
	read    func([]byte) int
	problem func() bool
}

// Content gives the decoded body. An unknown encoding counts as none (RFC 8621
// section 4.1.4), and as a problem.
func (p *Part) Content() *Content {
	octets := p.Octets()
	switch {
	case p.Encoding == "base64":
		d := &base64Decoder{src: octets}
		return &Content{d.decode, func() bool { return d.problem }}
	case p.Encoding == "quoted-printable":
		d := &quotedPrintable{src: octets}
		return &Content{d.decode, func() bool { return d.problem }}
	}
	known := isIdentity(p.Encoding)
	r := bytes.NewReader(octets)
	read := func(b []byte) int {
		n, _ := r.Read(b)
		return n
	}
	return &Content{read, func() bool { return !known }}
}

// StrictContent is Content, but an unknown encoding is the error ErrEncoding.
func (p *Part) StrictContent() (*Content, error) {
	if !isIdentity(p.Encoding) && p.Encoding != "base64" && p.Encoding != "quoted-printable" {
		return nil, fmt.Errorf("decoding part: %w %q", ErrEncoding, p.Encoding)
	}
	return p.Content(), nil
}

// Read implements io.Reader; its only error is io.EOF.
func (c *Content) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if n := c.read(b); n > 0 {
		return n, nil
	}
	return 0, io.EOF
}

// Problem says whether what was read so far was malformed or its encoding unknown.
func (c *Content) Problem() bool { return c.problem() }

// ContentSize is the number of octets that Content gives. It decodes to count.
func (p *Part) ContentSize() int64 {
	if p.Encoding != "base64" && p.Encoding != "quoted-printable" {
		return int64(p.Body.Len())
	}
	n, _ := io.Copy(io.Discard, struct{ io.Reader }{p.Content()})
	return n
}

// isIdentity says whether the encoding leaves the octets as they are (RFC 2045
// section 6.2).
func isIdentity(encoding string) bool {
	switch encoding {
	case "7bit", "8bit", "binary", "7-bit", "8-bit":
		return true
	}
	return false
}
