package mime

import (
	"strings"
	"unicode"
)

const (
	// PreviewLength is the most characters of a preview (RFC 8621 section 4.1.4).
	PreviewLength = 256
	// previewInput is how many octets of decoded text are looked at.
	previewInput = 64 << 10
)

// Preview is a line of text from the message's body: white space is collapsed, and
// quotations and signatures are left out unless there is nothing else.
func (m *Message) Preview() string { return Preview(m.Views().Text) }

// Preview makes the preview from the parts to show, the first that has any text.
func Preview(parts []*Part) string {
	for _, p := range parts {
		if !p.IsText() {
			continue
		}
		text := p.Text(previewInput).Value
		if p.Subtype == "html" {
			text = HTMLText(text)
		}
		own := withoutQuotation(text)
		if own == "" {
			own = text
		}
		if line := shorten(own, PreviewLength); line != "" {
			return line
		}
	}
	return ""
}

// withoutQuotation drops quoted lines, and all behind a signature mark.
func withoutQuotation(text string) string {
	var kept []string
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimRight(line, "\r") == "-- " {
			break
		}
		if !strings.HasPrefix(line, ">") {
			kept = append(kept, line)
		}
	}
	return strings.TrimSpace(strings.Join(kept, "\n"))
}

// shorten collapses white space, drops control characters and cuts at a character.
func shorten(text string, limit int) string {
	var b strings.Builder
	count, space := 0, false
	for _, r := range text {
		if unicode.IsSpace(r) {
			space = count > 0
			continue
		}
		if unicode.IsControl(r) || r == '\u200b' || r == '\u00ad' || r == '\ufeff' {
			continue
		}
		if space {
			if count+2 > limit {
				break
			}
			b.WriteByte(' ')
			count++
			space = false
		}
		if count == limit {
			break
		}
		b.WriteRune(r)
		count++
	}
	return b.String()
}
