package compose

import (
	"fmt"
	"io"
	"strings"

	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// content is how the content of a leaf is written.
type content struct {
	open     func() (io.ReadCloser, error)
	encoding string
	charset  string
}

func (p *Part) mediaType() string {
	switch {
	case p.Type != "":
		return strings.ToLower(p.Type)
	case len(p.Parts) > 0:
		return "multipart/mixed"
	}
	return "text/plain"
}

// content looks at the content once and chooses its encoding.
func (p *Part) content() (*content, error) {
	c := &content{open: p.Open}
	if c.open == nil {
		text := strings.ReplaceAll(strings.ReplaceAll(p.Text, "\r\n", "\n"), "\n", "\r\n")
		c.open = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
	}
	r, err := c.open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	s, err := look(r)
	if err != nil {
		return nil, err
	}
	mt := p.mediaType()
	c.encoding = s.encoding(strings.HasPrefix(mt, "text/"), strings.HasPrefix(mt, "message/"))
	if p.Open == nil && strings.HasPrefix(mt, "text/") {
		c.charset = "us-ascii"
		if s.high > 0 {
			c.charset = "utf-8"
		}
	}
	return c, nil
}

// header are the fields of the part but for the transfer encoding.
func (p *Part) header(charset, boundary string) []Field {
	made := []Field{{"Content-Type", p.contentType(charset, boundary)}}
	if p.Disposition != "" || p.FileName != "" {
		made = append(made, Field{"Content-Disposition", " " + p.disposition()})
	}
	if p.ID != "" {
		made = append(made, Field{"Content-ID", " " + bracketed([]string{p.ID})[0]})
	}
	if len(p.Languages) > 0 {
		made = append(made, Field{"Content-Language", " " + mime.EncodeText(strings.Join(p.Languages, ", "), 18)})
	}
	if p.Location != "" {
		made = append(made, Field{"Content-Location", " " + mime.EncodeText(p.Location, 18)})
	}
	var fields []Field
	for _, f := range made {
		if !has(p.Header, f.Name) || boundary != "" && f.Name == "Content-Type" {
			fields = append(fields, f)
		}
	}
	for _, f := range p.Header {
		typed := boundary != "" && strings.EqualFold(f.Name, "Content-Type")
		if !typed && !strings.EqualFold(f.Name, "Content-Transfer-Encoding") {
			fields = append(fields, f)
		}
	}
	return fields
}

func (p *Part) contentType(charset, boundary string) string {
	value := " " + p.mediaType()
	if charset != "" {
		value += "; charset=" + charset
	}
	for _, param := range p.Params {
		name := strings.ToLower(param.Name)
		if name != "boundary" && (name != "charset" || charset == "") {
			value += ";\r\n " + mime.EncodeParam(name, param.Value)
		}
	}
	if boundary != "" {
		value += ";\r\n boundary=\"" + boundary + "\""
	}
	return value
}

// check refuses what would break the grammar of Content-Type.
func (p *Part) check() error {
	typ, subtype, _ := strings.Cut(p.mediaType(), "/")
	if !isToken(typ) || !isToken(subtype) || (typ == "multipart") != (len(p.Parts) > 0) {
		return fmt.Errorf("%w Content-Type: bad type %q", ErrField, p.Type)
	}
	for _, param := range p.Params {
		if !isToken(param.Name) {
			return fmt.Errorf("%w Content-Type: bad parameter %q", ErrField, param.Name)
		}
	}
	return nil
}

// disposition is "attachment" where there is only a file name.
func (p *Part) disposition() string {
	value := p.Disposition
	if !isToken(value) {
		value = "attachment"
	}
	if p.FileName != "" {
		value += ";\r\n " + mime.EncodeParam("filename", p.FileName)
	}
	return value
}

func isToken(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+!#$&^") == ""
}
