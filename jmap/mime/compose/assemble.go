package compose

// Assemble makes the usual tree: text and HTML as alternatives, inline parts that have
// an ID beside the HTML that refers to them, and attachments behind (RFC 2046 section
// 5.1, RFC 2387). Any of the arguments may be nil; without any, the message is empty
// plain text.
func Assemble(text, html *Part, attachments []*Part) *Part {
	var related, mixed []*Part
	for _, p := range attachments {
		if html != nil && p.ID != "" && p.Disposition == "inline" {
			related = append(related, p)
		} else {
			mixed = append(mixed, p)
		}
	}
	if len(related) > 0 {
		html = &Part{Type: "multipart/related", Parts: append([]*Part{html}, related...)}
	}
	body := text
	switch {
	case text != nil && html != nil:
		body = &Part{Type: "multipart/alternative", Parts: []*Part{text, html}}
	case html != nil:
		body = html
	}
	switch {
	case body == nil && len(mixed) == 0:
		return &Part{Type: "text/plain"}
	case body == nil && len(mixed) == 1:
		return mixed[0]
	case len(mixed) == 0:
		return body
	}
	parts := mixed
	if body != nil {
		parts = append([]*Part{body}, mixed...)
	}
	return &Part{Type: "multipart/mixed", Parts: parts}
}
