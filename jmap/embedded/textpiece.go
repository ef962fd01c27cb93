package embedded

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/dragoman-mail/dragoman/jmap/mime"
)

const (
	// pieceOctets is how much text is looked at in one piece: folding and squeezing takes several times as much memory.
	pieceOctets = 1 << 20
	// maxHTML is how much of an HTML text is read as such, which takes all of it at once. No mail is near it.
	maxHTML = 8 << 20
)

// textPiece is a piece of what a reader sees of a text part.
type textPiece struct {
	text   string
	begins bool // a part
	glued  bool // to the piece before, as there is no white space between them
}

// eachPiece gives f the texts of a message, those of embedded messages too, until it returns false.
func eachPiece(m *mime.Message, f func(textPiece) bool) {
	more := true
	m.Root.Walk(true, func(p *mime.Part) {
		switch {
		case !more || !p.IsText():
		case p.Subtype == "html":
			more = inPiecesOf(strings.NewReader(mime.HTMLText(p.Text(maxHTML).Value)), f)
		default:
			r := io.Reader(p.TextReader())
			if octets, plain := p.Plain(); plain {
				r = bytes.NewReader(octets)
			}
			more = inPiecesOf(r, f)
		}
	})
}

// inPiecesOf cuts a text at white space where there is some.
func inPiecesOf(r io.Reader, f func(textPiece) bool) (more bool) {
	buffer := bytes.NewBuffer(nil)
	piece := textPiece{begins: true}
	for {
		io.CopyN(buffer, r, int64(pieceOctets-buffer.Len())) // decoding has no errors
		text := buffer.Bytes()
		if len(text) < pieceOctets {
			piece.text = string(text)
			return len(text) == 0 || f(piece)
		}
		end, glued := cutAt(text)
		if piece.text = string(text[:end]); !f(piece) {
			return false
		}
		buffer.Next(end)
		piece = textPiece{glued: glued}
	}
}

// cutAt finds white space in the second half of a text, or else the end of a character.
func cutAt(text []byte) (end int, glued bool) {
	if at := bytes.LastIndexAny(text[len(text)/2:], " \n\t"); at >= 0 {
		return len(text)/2 + at + 1, false
	}
	end = len(text)
	for i := 1; i < utf8.UTFMax; i++ {
		if utf8.RuneStart(text[len(text)-i]) {
			if !utf8.FullRune(text[len(text)-i:]) {
				end -= i
			}
			break
		}
	}
	return end, true
}

// findWords says which of the terms are in the texts of a message. They must be folded.
func findWords(m *mime.Message, terms searchTerms) map[string]bool {
	found := map[string]bool{}
	longest := 0
	for _, term := range terms {
		longest = max(longest, len(term))
	}
	left, tail := len(terms), ""
	eachPiece(m, func(piece textPiece) bool {
		text := searchable(piece.text)
		switch {
		case piece.begins:
		case piece.glued || text == "":
			text = tail + text
		default:
			text = tail + " " + text
		}
		for _, term := range terms {
			if !found[term] && strings.Contains(text, term) {
				found[term] = true
				left--
			}
		}
		tail = text[max(0, len(text)-longest):]
		return left > 0
	})
	return found
}
