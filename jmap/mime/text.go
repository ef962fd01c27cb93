package mime

import (
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/transform"
)

// BodyText is the text of a part (an EmailBodyValue of RFC 8621 section 4.1.4).
type BodyText struct {
	// Value is UTF-8, with LF for each CRLF.
	Value string
	// Problem says that octets were malformed, or the charset or the transfer
	// encoding unknown.
	Problem bool
	// Truncated says that Value is not all of it.
	Truncated bool
}

// Charset is the charset parameter. Where it is missing it is "us-ascii" for a part
// that is of type text or has no Content-Type, and else empty.
func (p *Part) Charset() string {
	if cs, ok := p.Params.Get("charset"); ok && cs != "" {
		return cs
	}
	if p.IsText() || !p.TypeGiven {
		return "us-ascii"
	}
	return ""
}

// Text decodes the part's body as text. With limit above 0 the value has at most
// that many octets; no character is cut in two, and in HTML no tag.
func (p *Part) Text(limit int) BodyText {
	if octets, plain := p.Plain(); plain {
		return p.plainText(octets, limit)
	}
	r := p.TextReader()
	var src io.Reader = r
	if limit > 0 {
		src = io.LimitReader(r, int64(limit)+1)
	}
	octets, _ := io.ReadAll(src)
	t := BodyText{Truncated: limit > 0 && len(octets) > limit}
	if t.Truncated {
		octets = p.cut(octets[:limit])
	}
	t.Value, t.Problem = string(octets), r.Problem()
	return t
}

// plainText is Text of what Plain has found.
func (p *Part) plainText(octets []byte, limit int) BodyText {
	if limit > 0 {
		octets = octets[:min(len(octets), 2*limit+2)] // were it CRLF throughout, that would still be too long
	}
	octets = bytes.ReplaceAll(octets, []byte("\r\n"), []byte("\n"))
	t := BodyText{Truncated: limit > 0 && len(octets) > limit}
	if t.Truncated {
		octets = p.cut(octets[:limit])
	}
	t.Value = string(octets)
	return t
}

// cut takes an incomplete character, and in HTML an incomplete tag, off the end.
func (p *Part) cut(octets []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(octets); i++ {
		tail := octets[len(octets)-i:]
		if utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				octets = octets[:len(octets)-i]
			}
			break
		}
	}
	if p.MediaType() == "text/html" {
		if open := bytes.LastIndexByte(octets, '<'); open > bytes.LastIndexByte(octets, '>') {
			octets = octets[:open]
		}
	}
	return octets
}

// Plain gives the part's body where that is its text as it stands, but for CRLF: ASCII with no transfer encoding, in a charset
// that has ASCII in it.
func (p *Part) Plain() (octets []byte, plain bool) {
	octets = p.Octets()
	if !isIdentity(p.Encoding) || !IsASCII(octets) {
		return nil, false
	}
	e, err := Charset(p.Charset())
	return octets, err == nil && hasASCII(e)
}

// TextReader gives the part's body as UTF-8 with LF line ends, piece by piece.
func (p *Part) TextReader() *TextReader {
	t := &TextReader{content: p.Content()}
	t.r = transform.NewReader(newCharsetReader(p.Charset(), t.content, &t.charsetProblem), lineEnds{})
	return t
}

// TextReader reads decoded text; see Part.TextReader.
type TextReader struct {
	content        *Content
	r              io.Reader
	charsetProblem bool
}

// Read implements io.Reader.
func (t *TextReader) Read(b []byte) (int, error) { return t.r.Read(b) }

// Problem says whether anything read so far was malformed or of unknown encoding.
func (t *TextReader) Problem() bool { return t.charsetProblem || t.content.Problem() }

// lineEnds turns CRLF into LF.
type lineEnds struct{ transform.NopResetter }

// Transform implements transform.Transformer.
func (lineEnds) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if src[nSrc] == '\r' {
			if nSrc+1 == len(src) && !atEOF {
				return nDst, nSrc, transform.ErrShortSrc
			}
			if nSrc+1 < len(src) && src[nSrc+1] == '\n' {
				nSrc++
			}
		}
		if nDst == len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		dst[nDst] = src[nSrc]
		nDst++
		nSrc++
	}
	return nDst, nSrc, nil
}
