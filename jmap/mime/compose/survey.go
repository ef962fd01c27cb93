package compose

import (
	"bufio"
	"errors"
	"io"
)

// survey is what the choice of a transfer encoding depends on.
type survey struct {
	octets, high int64
	longest      int
	// binary says that there is a NUL, or a CR or LF that is not part of a CRLF.
	binary bool
}

// maxBodyLine is the longest line without its CRLF (RFC 5322 section 2.1.1).
const maxBodyLine = 998

// look reads all of r.
func look(r io.Reader) (survey, error) {
	var s survey
	br := bufio.NewReader(r)
	line, cr := 0, false
	for {
		c, err := br.ReadByte()
		if errors.Is(err, io.EOF) {
			s.binary = s.binary || cr
			return s, nil
		}
		if err != nil {
			return s, err
		}
		s.octets++
		if cr != (c == '\n') || c == 0 {
			s.binary = true
		}
		cr = c == '\r'
		switch {
		case c == '\n':
			line = 0
			continue
		case c >= 0x80:
			s.high++
		}
		line++
		s.longest = max(s.longest, line)
	}
}

// encoding chooses for a leaf. Text stays readable if it can; a message
// or a report must not be encoded (RFC 2045 section 6.4, RFC 2046 section 5.2.1).
func (s survey) encoding(isText, isMessage bool) string {
	plain := !s.binary && s.longest <= maxBodyLine+1
	switch {
	case isMessage && s.high == 0 && plain:
		return "7bit"
	case isMessage && plain:
		return "8bit"
	case isMessage:
		return "binary"
	case !isText:
		return "base64"
	case s.high == 0 && plain:
		return "7bit"
	case s.binary || s.high*3 > s.octets:
		return "base64"
	}
	return "quoted-printable"
}
