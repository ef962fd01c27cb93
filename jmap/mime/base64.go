package mime

// base64Values is the value of each base64 digit, or -1.
var base64Values = func() (table [256]int8) {
	for i := range table {
		table[i] = -1
	}
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i := range len(digits) {
		table[digits[i]] = int8(i)
	}
	return table
}()

func base64Value(c byte) (byte, bool) {
	v := base64Values[c]
	return byte(v), v >= 0
}

// base64Decoder undoes base64 (RFC 2045 section 6.8). Octets that are no base64 are
// skipped; all but line breaks and white space set the problem flag, as does a last
// group that is cut short.
type base64Decoder struct {
	src     []byte
	bits    uint32
	count   uint
	padded  bool
	problem bool
}

// decode fills dst as far as it goes; 0 means that all is read.
func (d *base64Decoder) decode(dst []byte) int {
	n := 0
	i := 0
	for ; i < len(d.src) && n < len(dst); i++ {
		if d.count == 0 && !d.padded {
			groups := wholeGroups(dst[n:], d.src[i:])
			n += 3 * groups
			if i += 4 * groups; i == len(d.src) || n == len(dst) {
				break
			}
		}
		c := d.src[i]
		v := base64Values[c]
		if v < 0 {
			d.other(c)
			continue
		}
		if d.padded {
			d.padded, d.bits, d.count = false, 0, 0
		}
		d.bits = d.bits<<6 | uint32(v)
		d.count += 6
		if d.count >= 8 {
			d.count -= 8
			dst[n] = byte(d.bits >> d.count)
			n++
		}
	}
	d.src = d.src[i:]
	if len(d.src) == 0 && d.count == 6 {
		d.problem = true
	}
	return n
}

// wholeGroups decodes groups of four digits as long as nothing is between them.
func wholeGroups(dst, src []byte) (groups int) {
	for len(src) >= 4 && len(dst) >= 3 {
		a, b := base64Values[src[0]], base64Values[src[1]]
		c, e := base64Values[src[2]], base64Values[src[3]]
		if a|b|c|e < 0 {
			break
		}
		bits := uint32(a)<<18 | uint32(b)<<12 | uint32(c)<<6 | uint32(e)
		dst[0], dst[1], dst[2] = byte(bits>>16), byte(bits>>8), byte(bits)
		dst, src = dst[3:], src[4:]
		groups++
	}
	return groups
}

// other takes an octet that is no digit.
func (d *base64Decoder) other(c byte) {
	switch {
	case c == '=':
		if d.count == 0 && !d.padded || d.count == 6 {
			d.problem = true
		}
		d.padded = true
	case !isSpace(c):
		d.problem = true
	}
}
