package mime

import (
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// utf7 is UTF-7 (RFC 2152), for reading only.
type utf7 struct{}

func (utf7) NewDecoder() *encoding.Decoder { return &encoding.Decoder{Transformer: &utf7Decoder{}} }

func (utf7) NewEncoder() *encoding.Encoder { return encoding.Nop.NewEncoder() }

// utf7Decoder keeps the bits of a base64 run between octets.
type utf7Decoder struct {
	shifted bool
	fresh   bool
	bits    uint32
	count   uint
	high    rune
}

// Reset implements transform.Transformer.
func (d *utf7Decoder) Reset() { *d = utf7Decoder{} }

// Transform implements transform.Transformer.
func (d *utf7Decoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if nDst+2*utf8.UTFMax > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += copy(dst[nDst:], d.octet(src[nSrc]))
		nSrc++
	}
	if atEOF && d.high != 0 {
		if nDst+utf8.UTFMax > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		d.high = 0
		nDst += utf8.EncodeRune(dst[nDst:], utf8.RuneError)
	}
	return nDst, nSrc, nil
}

// octet takes one octet and gives the characters that it completes.
func (d *utf7Decoder) octet(c byte) string {
	if !d.shifted {
		switch {
		case c == '+':
			*d = utf7Decoder{shifted: true, fresh: true}
			return ""
		case c >= 0x80:
			return "\uFFFD"
		}
		return string(rune(c))
	}
	value, ok := base64Value(c)
	if !ok {
		return d.unshift(c)
	}
	d.fresh = false
	d.bits = d.bits<<6 | uint32(value)
	d.count += 6
	if d.count < 16 {
		return ""
	}
	d.count -= 16
	return d.unit(rune(d.bits >> d.count & 0xFFFF))
}

// unit takes one UTF-16 code unit.
func (d *utf7Decoder) unit(u rune) string {
	high := d.high
	d.high = 0
	switch {
	case high != 0 && utf16.IsSurrogate(u):
		return string(utf16.DecodeRune(high, u))
	case 0xD800 <= u && u < 0xDC00:
		d.high = u
		if high != 0 {
			return "\uFFFD"
		}
		return ""
	case high != 0:
		return "\uFFFD" + string(u)
	}
	return string(u)
}

// unshift ends a base64 run; "+-" is a plus sign, and a hyphen that ends a run is
// no text.
func (d *utf7Decoder) unshift(c byte) string {
	out := ""
	if d.high != 0 {
		out = "\uFFFD"
	}
	fresh := d.fresh
	*d = utf7Decoder{}
	switch {
	case c == '-' && fresh:
		return "+"
	case c == '-':
		return out
	case c >= 0x80:
		return out + "\uFFFD"
	}
	return out + string(rune(c))
}
