package mime

import "bytes"

// quotedPrintable undoes quoted-printable (RFC 2045 section 6.7). White space at the
// end of a line is dropped as that section asks. An equals sign that means nothing is
// kept and sets the problem flag.
type quotedPrintable struct {
	src []byte
	// plain is how many octets at the start of src are known to stand for themselves.
	plain   int
	problem bool
}

// decode fills dst as far as it goes; 0 means that all is read.
func (d *quotedPrintable) decode(dst []byte) int {
	n := 0
	for n < len(dst) && len(d.src) > 0 {
		if d.plain == 0 {
			d.plain = plainRun(d.src)
		}
		if d.plain > 0 {
			k := copy(dst[n:], d.src[:d.plain])
			n += k
			d.plain -= k
			d.src = d.src[k:]
			continue
		}
		if d.src[0] == '=' {
			n += d.escape(dst[n:])
			continue
		}
		d.space()
	}
	return n
}

// plainRun is the number of octets before the next equals sign or white space.
func plainRun(src []byte) int {
	for i, c := range src {
		if c == '=' || c == ' ' || c == '\t' {
			return i
		}
	}
	return len(src)
}

// space decides about a run of white space: dropped before a line break or the end,
// else kept.
func (d *quotedPrintable) space() {
	run := len(d.src) - len(bytes.TrimLeft(d.src, " \t"))
	rest := d.src[run:]
	if len(rest) == 0 || startsEOL(rest) {
		d.src = rest
		return
	}
	d.plain = run
}

// escape takes an equals sign: an octet in hexadecimal, a soft line break, or itself.
func (d *quotedPrintable) escape(dst []byte) int {
	if len(d.src) > 2 {
		if hi, lo := unhex(d.src[1]), unhex(d.src[2]); hi >= 0 && lo >= 0 {
			dst[0] = byte(hi<<4 | lo)
			d.src = d.src[3:]
			return 1
		}
	}
	run := len(d.src[1:]) - len(bytes.TrimLeft(d.src[1:], " \t"))
	rest := d.src[1+run:]
	if len(rest) == 0 || startsEOL(rest) {
		_, after, _ := bytes.Cut(rest, []byte("\n"))
		d.src = after
		return 0
	}
	d.problem = true
	d.plain = 1
	return 0
}

func startsEOL(b []byte) bool {
	return b[0] == '\n' || len(b) > 1 && b[0] == '\r' && b[1] == '\n'
}
