package abnf

import "fmt"

// coreText holds the core rules of RFC 5234 appendix B.1 and the UTF-8 rules of
// RFC 3629 section 4, which every RFC uses without defining them.
const coreText = `
ALPHA      = %x41-5A / %x61-7A
BIT        = "0" / "1"
CHAR       = %x01-7F
CR         = %x0D
CRLF       = CR LF
CTL        = %x00-1F / %x7F
DIGIT      = %x30-39
DQUOTE     = %x22
HEXDIG     = DIGIT / "A" / "B" / "C" / "D" / "E" / "F"
HTAB       = %x09
LF         = %x0A
LWSP       = *(WSP / CRLF WSP)
OCTET      = %x00-FF
SP         = %x20
VCHAR      = %x21-7E
WSP        = SP / HTAB

UTF8-octets = *UTF8-char
UTF8-char  = UTF8-1 / UTF8-2 / UTF8-3 / UTF8-4
UTF8-1     = %x00-7F
UTF8-2     = %xC2-DF UTF8-tail
UTF8-3     = %xE0 %xA0-BF UTF8-tail / %xE1-EC 2UTF8-tail /
             %xED %x80-9F UTF8-tail / %xEE-EF 2UTF8-tail
UTF8-4     = %xF0 %x90-BF 2UTF8-tail / %xF1-F3 3UTF8-tail /
             %xF4 %x80-8F 2UTF8-tail
UTF8-tail  = %x80-BF
`

// Core returns the built-in rules.
func Core() *File {
	f, err := Read("core rules", []byte(coreText))
	if err != nil {
		panic(fmt.Sprintf("abnf: the core rules do not parse: %v", err))
	}
	return f
}
