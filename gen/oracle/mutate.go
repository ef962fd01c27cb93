package oracle

// Mutate returns the text with one to three random edits: an octet removed,
// doubled, changed or swapped with the next, or a keyword put in.
func (g *Generator) Mutate(text string) string {
	b := []byte(text)
	for range 1 + g.Intn(3) {
		if len(b) == 0 {
			b = append(b, byte(g.Intn(256)))
			continue
		}
		i := g.Intn(len(b))
		switch g.Intn(5) {
		case 0:
			b = append(b[:i:i], b[i+1:]...)
		case 1:
			b = append(b[:i+1:i+1], b[i:]...)
		case 2:
			b[i] = edits[g.Intn(len(edits))]
		case 3:
			j := (i + 1) % len(b)
			b[i], b[j] = b[j], b[i]
		case 4:
			word := g.keyword()
			b = append(b[:i:i], append([]byte(word), b[i:]...)...)
		}
	}
	return string(b)
}

// keyword returns one of the grammar's keywords, if it has any.
func (g *Generator) keyword() string {
	if len(g.keywords) == 0 {
		return ""
	}
	return g.keywords[g.Intn(len(g.keywords))]
}

// edits are the octets that a change likes to put in: those that IMAP gives a
// meaning, and some that it forbids.
const edits = " ()[]{}<>\"\\*%+-.,:$0123456789aZ\r\n\x00\x7f\x80\xc3\xff"
