package mime

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"
)

// ErrCharset is given for a charset that is not known.
var ErrCharset = errors.New("decoding text: unknown charset")

// charsets are names that the indexes of golang.org/x/text lack or read for the web
// rather than for mail.
var charsets = map[string]encoding.Encoding{
	"utf-16":            unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	"utf-32":            utf32.UTF32(utf32.BigEndian, utf32.UseBOM),
	"utf-32be":          utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM),
	"utf-32le":          utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM),
	"utf-7":             utf7{},
	"unicode-1-1-utf-7": utf7{},
	"hz-gb-2312":        simplifiedchinese.HZGB2312,
	"cp932":             japanese.ShiftJIS,
	"cp936":             simplifiedchinese.GBK,
	"cp949":             korean.EUCKR,
	"cp950":             traditionalchinese.Big5,
	"iso-2022-jp-1":     japanese.ISO2022JP,
	"iso-2022-jp-2":     japanese.ISO2022JP,
	"iso-2022-jp-ms":    japanese.ISO2022JP,
	"cp437":             charmap.CodePage437,
	"cp850":             charmap.CodePage850,
	"cp852":             charmap.CodePage852,
	"cp858":             charmap.CodePage858,
	"cp-850":            charmap.CodePage850,
	"latin-1":           charmap.Windows1252,
}

// asciiNames are names of US-ASCII, and of nothing in particular. Text in them is
// read as UTF-8 where it is that, and else as windows-1252.
var asciiNames = map[string]bool{
	"": true, "us-ascii": true, "ascii": true, "ansi_x3.4-1968": true, "ansi_x3.110-1983": true,
	"iso646-us": true, "iso_646.irv:1991": true, "iso-ir-6": true, "us": true, "cp367": true, "ibm367": true,
	"646": true, "7bit": true, "8bit": true, "binary": true, "default": true,
	"unknown": true, "unknown-8bit": true, "x-unknown": true, "x-user-defined": true,
}

// Charset finds a charset by its name, in any case. It knows the names of IANA and
// of the WHATWG, and some more that occur in mail.
func Charset(name string) (encoding.Encoding, error) {
	name = lower(collapse(name))
	if asciiNames[name] {
		return ascii{}, nil
	}
	if e, ok := charsets[name]; ok {
		return e, nil
	}
	if e, err := htmlindex.Get(name); err == nil && e != encoding.Replacement {
		return e, nil
	}
	if e, err := ianaindex.MIME.Encoding(name); err == nil && e != nil {
		return e, nil
	}
	return nil, ErrCharset
}

// DecodeCharset turns octets into UTF-8. Malformed octets become U+FFFD. With an
// unknown charset the octets count as US-ASCII or UTF-8, and what is neither becomes
// U+FFFD. problem says that either happened.
func DecodeCharset(name string, octets []byte) (text string, problem bool) {
	e, err := Charset(name)
	if err != nil {
		return validUTF8(string(octets)), true
	}
	if IsASCII(octets) && (e == ascii{} || e == unicode.UTF8) {
		return string(octets), false
	}
	out, _, err := transform.Bytes(e.NewDecoder(), octets)
	if err != nil {
		return validUTF8(string(out)), true
	}
	return string(out), hasReplacement(out)
}

// newCharsetReader decodes a stream as DecodeCharset does octets. The flag is set as
// soon as a problem is seen.
func newCharsetReader(name string, r io.Reader, problem *bool) io.Reader {
	e, err := Charset(name)
	if err != nil {
		*problem = true
		e = unicode.UTF8
	}
	return &replacementWatch{transform.NewReader(r, e.NewDecoder()), problem}
}

// replacementWatch sets the flag when a decoder had to replace octets.
type replacementWatch struct {
	r       io.Reader
	problem *bool
}

func (w *replacementWatch) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if !*w.problem && hasReplacement(p[:n]) {
		*w.problem = true
	}
	return n, err
}

// hasReplacement tells from decoded text whether octets had to be replaced.
func hasReplacement(text []byte) bool {
	return bytes.Contains(text, []byte(string(utf8.RuneError)))
}

// hasASCII tells whether ASCII octets stand for themselves in a charset, wherever they are. It knows no more than the usual
// ones.
func hasASCII(e encoding.Encoding) bool {
	if e == (ascii{}) || e == unicode.UTF8 {
		return true
	}
	m, ok := e.(*charmap.Charmap)
	if !ok {
		return false
	}
	for c := range byte(utf8.RuneSelf) {
		if m.DecodeByte(c) != rune(c) {
			return false
		}
	}
	return true
}

// IsASCII tells whether all octets are below 128.
func IsASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// validUTF8 replaces each malformed octet run by U+FFFD.
func validUTF8(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string(bytes.ToValidUTF8([]byte(s), []byte("\uFFFD")))
}
