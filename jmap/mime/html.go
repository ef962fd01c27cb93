package mime

import (
	"html"
	"strings"
)

// HTMLText gives the words of an HTML text: tags, comments, scripts, styles and the
// head are left out, block elements begin a new line, and runs of white space are one
// space. It takes any input, and time linear in it.
func HTMLText(s string) string {
	h := htmlReader{s: s, missing: map[string]bool{}}
	for h.i < len(h.s) {
		h.next()
	}
	return tidyLines(html.UnescapeString(h.out.String()))
}

var breaksToSpaces = strings.NewReplacer("\r", " ", "\n", " ")

type htmlReader struct {
	s   string
	i   int
	out strings.Builder
	// missing are the marks of which no further one was found, so that it is not
	// looked for again.
	missing map[string]bool
}

// next reads text up to a tag, or a tag.
func (h *htmlReader) next() {
	open := strings.IndexByte(h.s[h.i:], '<')
	if open != 0 {
		if open < 0 {
			open = len(h.s) - h.i
		}
		text := h.s[h.i : h.i+open]
		h.out.WriteString(breaksToSpaces.Replace(text))
		h.i += open
		return
	}
	if strings.HasPrefix(h.s[h.i:], "<!--") && h.skipTo("-->") {
		return
	}
	name := tagName(h.s[h.i+1:])
	if name == "" || !h.skipTo(">") {
		h.out.WriteByte('<')
		h.i++
		return
	}
	switch {
	case isHidden(name):
		h.skipElement(name)
	case isBlock(strings.TrimPrefix(name, "/")):
		h.out.WriteByte('\n')
	}
}

// skipTo moves behind the next mark, if there is one.
func (h *htmlReader) skipTo(mark string) bool {
	if h.missing[mark] {
		return false
	}
	i := strings.Index(h.s[h.i:], mark)
	if i < 0 {
		h.missing[mark] = true
		return false
	}
	h.i += i + len(mark)
	return true
}

// skipElement moves behind the end tag of an element whose content is no text.
func (h *htmlReader) skipElement(name string) {
	end := "/" + name
	if h.missing[end] {
		return
	}
	for j := h.i; ; {
		k := strings.Index(h.s[j:], "</")
		if k < 0 {
			h.missing[end] = true
			return
		}
		j += k
		if tagName(h.s[j+1:]) == end {
			h.i = j
			h.skipTo(">")
			return
		}
		j += 2
	}
}

// tagName reads the name behind a "<", in lower case, with the slash of an end tag.
// A declaration or instruction is given as "!".
func tagName(s string) string {
	if s == "" {
		return ""
	}
	if s[0] == '!' || s[0] == '?' {
		return "!"
	}
	i := 0
	if s[0] == '/' {
		i = 1
	}
	start := i
	for i < len(s) && i < 20 && isAlnum(s[i]) {
		i++
	}
	if i == start || s[start] <= '9' {
		return ""
	}
	return lower(s[:i])
}

func isAlnum(c byte) bool {
	c = lowerByte(c)
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
}

func isHidden(name string) bool {
	switch name {
	case "script", "style", "head", "title", "template", "noscript":
		return true
	}
	return false
}

func isBlock(name string) bool {
	switch name {
	case "p", "br", "div", "tr", "li", "ul", "ol", "table", "hr", "pre", "blockquote", "dd", "dt", "dl",
		"h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer", "body", "html":
		return true
	case "td", "th":
		return true
	}
	return false
}

// tidyLines makes runs of white space single spaces and drops empty lines.
func tidyLines(s string) string {
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
