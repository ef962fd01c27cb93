package mime

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// phraseWord is an atom or quoted-string of a display name or local part.
type phraseWord struct {
	text   string
	quoted bool
	// spaced says that white space or a comment stood before the word.
	spaced bool
}

type phrase []phraseWord

// maxPhrase is the most words of one phrase that are kept.
const maxPhrase = 1000

// phrase reads words up to a separator. Dots and any 8-bit octets are parts of
// words, as they are in practice.
func (p *addressParser) phrase() phrase {
	var words phrase
	for !p.atEnd() {
		before := p.i
		p.skipCFWS()
		word := phraseWord{spaced: p.i > before}
		switch c := p.peek(); {
		case p.atEnd() || strings.IndexByte("<>:;@,", c) >= 0:
			return words
		case c == '"':
			text, ok := p.quoted()
			if !ok {
				p.skip()
				continue
			}
			word.text, word.quoted = text, true
		case c == '(' || c == ')':
			p.skip()
			continue
		default:
			word.text = p.until(" \t\r\n<>:;@,\"()")
		}
		if len(words) < maxPhrase {
			words = append(words, word)
		}
	}
	return words
}

// text is the phrase with single spaces where white space stood between words; within quotes it stays as it is (RFC 5322
// section 3.2.4).
func (ws phrase) text() string { return ws.join(func(w phraseWord) string { return w.text }) }

func (ws phrase) join(word func(phraseWord) string) string {
	var b strings.Builder
	for i, w := range ws {
		if i > 0 && w.spaced {
			b.WriteByte(' ')
		}
		b.WriteString(word(w))
	}
	return b.String()
}

// joined is the phrase as a local part: white space is obsolete there and dropped.
func (ws phrase) joined() string {
	var b strings.Builder
	for _, w := range ws {
		b.WriteString(w.text)
	}
	return b.String()
}

// decoded is the phrase with the encoded words outside quotes decoded, also those
// whose characters are split over several words, and trimmed (RFC 8621 section 4.1.2.3).
func (ws phrase) decoded() string {
	var b strings.Builder
	for i := 0; i < len(ws); {
		if i > 0 && ws[i].spaced {
			b.WriteByte(' ')
		}
		if ws[i].quoted {
			b.WriteString(validUTF8(ws[i].text))
			i++
			continue
		}
		end := i + 1
		for end < len(ws) && !ws[end].quoted && ws[end].spaced {
			end++
		}
		b.WriteString(decodeText(ws[i:end].text()))
		i = end
	}
	return norm.NFC.String(strings.TrimFunc(b.String(), isSpaceRune))
}

// quoteLocal quotes a local part that is no dot-atom.
func quoteLocal(local string) string {
	if local == "" || !strings.ContainsAny(local, " \t\"\\()<>[]:;@,") {
		return local
	}
	return quote(local)
}
