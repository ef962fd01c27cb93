package imaptest

import (
	"fmt"
	"strconv"
	"strings"
)

// pieceKind tells what a piece of a template is.
type pieceKind uint8

const (
	pieceText     pieceKind = iota // as it is, in any case of letters
	pieceExact                     // ${case:text}
	pieceVariable                  // $name; without a name it stands for anything
	pieceSequence                  // $1: a sequence number of the start of the command
)

type piece struct {
	kind pieceKind
	text string // the text, or the name of the variable
	seq  uint32
}

// template is text with variables.
type template []piece

// parseTemplate finds the variables of a text.
func parseTemplate(text string) (template, error) {
	var t template
	for text != "" {
		plain, rest, found := strings.Cut(text, "$")
		if plain != "" {
			t = t.add(plain)
		}
		if !found {
			break
		}
		p, after, err := parseVariable(rest)
		if err != nil {
			return nil, err
		}
		if p.kind == pieceText {
			t = t.add(p.text)
		} else {
			t = append(t, p)
		}
		text = after
	}
	return t, nil
}

// add appends text to a piece of text that is there.
func (t template) add(text string) template {
	if n := len(t); n > 0 && t[n-1].kind == pieceText {
		t[n-1].text += text
		return t
	}
	return append(t, piece{kind: pieceText, text: text})
}

// parseVariable reads what follows a dollar sign.
func parseVariable(text string) (p piece, rest string, err error) {
	if after, ok := strings.CutPrefix(text, "$"); ok {
		return piece{kind: pieceText, text: "$"}, after, nil
	}
	name, rest := "", text
	if inner, braced := strings.CutPrefix(text, "{"); braced {
		var closed bool
		if name, rest, closed = strings.Cut(inner, "}"); !closed {
			return piece{}, "", fmt.Errorf("${%s is not closed", shorten(inner))
		}
		if exact, ok := cutPrefixFold(name, "case:"); ok {
			return piece{kind: pieceExact, text: exact}, rest, nil
		}
		if name == "" {
			return piece{}, "", fmt.Errorf("${} has no name")
		}
	} else {
		end := 0
		for end < len(text) && isNameChar(text[end]) {
			end++
		}
		name, rest = text[:end], text[end:]
	}
	if seq, err := strconv.ParseUint(name, 10, 32); err == nil && seq > 0 {
		return piece{kind: pieceSequence, text: name, seq: uint32(seq)}, rest, nil
	}
	return piece{kind: pieceVariable, text: name}, rest, nil
}

func isNameChar(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// any holds for "$" by itself.
func (t template) any() bool {
	return len(t) == 1 && t[0].kind == pieceVariable && t[0].text == ""
}

// expand writes the template for a command.
func (t template) expand(v *variables, seqs *sequences) (string, error) {
	var b strings.Builder
	for _, p := range t {
		switch {
		case p.kind == pieceText || p.kind == pieceExact:
			b.WriteString(p.text)
		case p.kind == pieceSequence:
			b.WriteString(seqs.now(p.seq))
		case p.text == "":
			b.WriteByte('$')
		default:
			value, set := v.get(p.text)
			if !set {
				return "", fmt.Errorf("the variable $%s has no value", p.text)
			}
			b.WriteString(value)
		}
	}
	return b.String(), nil
}

// The following compare octets; only ASCII letters have two cases in IMAP.

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func hasPrefixFold(text, prefix string) bool {
	if len(text) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		if lower(text[i]) != lower(prefix[i]) {
			return false
		}
	}
	return true
}

func equalFold(a, b string) bool { return len(a) == len(b) && hasPrefixFold(a, b) }

func cutPrefixFold(text, prefix string) (string, bool) {
	if !hasPrefixFold(text, prefix) {
		return text, false
	}
	return text[len(prefix):], true
}
