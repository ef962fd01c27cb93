package mime

import "slices"

// Views is a message's body taken apart for display (RFC 8621 section 4.1.4).
type Views struct {
	// Text are the parts to show in turn where plain text is preferred, HTML those
	// where HTML is.
	Text, HTML []*Part
	// Attachments are the parts to offer for download.
	Attachments []*Part
}

// Views applies the algorithm that RFC 8621 section 4.1.4 suggests.
func (m *Message) Views() Views {
	var v Views
	viewer{&v.Text, &v.HTML, &v.Attachments}.parts([]*Part{m.Root}, "mixed", false)
	return v
}

// viewer collects parts; text or html is nil where the parts at hand do not belong in
// that list.
type viewer struct{ text, html, attachments *[]*Part }

func (v viewer) parts(parts []*Part, multipart string, alternative bool) {
	text, html := v.text, v.html
	textLen, htmlLen := length(text), length(html)
	for i, p := range parts {
		switch {
		case p.IsMultipart():
			sub := p.Subtype
			v.parts(p.Children, sub, alternative || sub == "alternative")
		case !isInline(p, i, multipart):
			*v.attachments = append(*v.attachments, p)
		case multipart == "alternative":
			v.alternative(p)
		default:
			v = v.inline(p, alternative)
		}
	}
	if multipart == "alternative" && v.text != nil && v.html != nil {
		switch {
		case textLen == len(*v.text) && htmlLen != len(*v.html):
			*v.text = append(*v.text, (*v.html)[htmlLen:]...)
		case htmlLen == len(*v.html) && textLen != len(*v.text):
			*v.html = append(*v.html, (*v.text)[textLen:]...)
		}
	}
}

// alternative files one of several versions.
func (v viewer) alternative(p *Part) {
	switch p.MediaType() {
	case "text/plain":
		appendTo(v.text, p)
	case "text/html":
		appendTo(v.html, p)
	default:
		*v.attachments = append(*v.attachments, p)
	}
}

// inline files a part that is shown; within an alternative, the first text decides
// which of the versions its neighbours belong to.
func (v viewer) inline(p *Part, alternative bool) viewer {
	if alternative {
		switch p.MediaType() {
		case "text/plain":
			v.html = nil
		case "text/html":
			v.text = nil
		}
	}
	appendTo(v.text, p)
	appendTo(v.html, p)
	if (v.text == nil || v.html == nil) && isMedia(p) {
		*v.attachments = append(*v.attachments, p)
	}
	return v
}

func appendTo(list *[]*Part, p *Part) {
	if list != nil {
		*list = append(*list, p)
	}
}

func length(list *[]*Part) int {
	if list == nil {
		return -1
	}
	return len(*list)
}

func isMedia(p *Part) bool { return p.Type == "image" || p.Type == "audio" || p.Type == "video" }

// isInline says whether the i-th part of a multipart is text or media to show in
// place. In multipart/related only the first is; a text with a file name that is not
// the first counts as an attachment.
func isInline(p *Part, i int, multipart string) bool {
	if p.Disposition != nil && p.Disposition.Kind == "attachment" {
		return false
	}
	if mt := p.MediaType(); mt != "text/plain" && mt != "text/html" && !isMedia(p) {
		return false
	}
	return i == 0 || multipart != "related" && (isMedia(p) || p.FileName() == "")
}

// HasAttachment says whether there is anything a reader would want to download: an
// attachment that is neither marked inline, nor an image that belongs to the HTML
// beside it, nor a signature.
func (v Views) HasAttachment() bool {
	return slices.ContainsFunc(v.Attachments, func(p *Part) bool {
		if p.Disposition != nil && p.Disposition.Kind == "inline" {
			return false
		}
		related := p.Parent != nil && p.Parent.IsMultipart() && p.Parent.Subtype == "related"
		return !(related && p.ID != "" && p.Disposition == nil) && !isSignature(p)
	})
}

func isSignature(p *Part) bool {
	switch p.MediaType() {
	case "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature":
		return true
	}
	return false
}

// FileName is the part's file name (RFC 8621 section 4.1.4): the filename of
// Content-Disposition or else the name of Content-Type, decoded; empty if there is none.
func (p *Part) FileName() string {
	name := ""
	if p.Disposition != nil {
		name, _ = p.Disposition.Params.Get("filename")
	}
	if name == "" {
		name, _ = p.Params.Get("name")
	}
	return decodeText(name)
}
