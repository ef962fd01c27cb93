package compose

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"mime/quotedprintable"
	"strings"
	"time"
)

// Write streams the message to w with CRLF line ends. Where the header has no
// Message-ID or Date they are made (RFC 8621 section 4.6).
func Write(w io.Writer, m *Message) error {
	bw := bufio.NewWriter(w)
	cw := &writer{w: bw, contents: map[*Part]*content{}}
	if err := cw.look(m.Body); err != nil {
		return fmt.Errorf("composing message: %w", err)
	}
	cw.fields(m.withDefaults())
	cw.line("MIME-Version: 1.0")
	cw.part(m.Body)
	if cw.err != nil {
		return fmt.Errorf("composing message: %w", cw.err)
	}
	return bw.Flush()
}

// withDefaults is the header with the fields that every message has.
func (m *Message) withDefaults() []Field {
	var front []Field
	if !has(m.Header, "Date") {
		date := m.Date
		if date.IsZero() {
			date = time.Now()
		}
		f, _ := Date("Date", date)
		front = append(front, f)
	}
	if !has(m.Header, "Message-ID") {
		domain := m.Domain
		if domain == "" {
			domain = "localhost"
		}
		f, _ := MessageIDs("Message-ID", []string{token() + "@" + domain})
		front = append(front, f)
	}
	return append(front, m.Header...)
}

func has(fields []Field, name string) bool {
	for _, f := range fields {
		if strings.EqualFold(f.Name, name) {
			return true
		}
	}
	return false
}

// token is 128 random bits in hexadecimal.
func token() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// writer keeps the first error.
type writer struct {
	w        *bufio.Writer
	contents map[*Part]*content
	err      error
}

// look chooses the encodings of p and what is in it. A multipart has the one of 7bit,
// 8bit and binary that holds for all its parts (RFC 2045 section 6.4).
func (w *writer) look(p *Part) error {
	if err := p.check(); err != nil {
		return err
	}
	if len(p.Parts) == 0 {
		c, err := p.content()
		w.contents[p] = c
		return err
	}
	c := &content{encoding: "7bit"}
	for _, child := range p.Parts {
		if err := w.look(child); err != nil {
			return err
		}
		switch e := w.contents[child].encoding; {
		case e == "binary", e == "8bit" && c.encoding == "7bit":
			c.encoding = e
		}
	}
	w.contents[p] = c
	return nil
}

func (w *writer) line(s string) {
	if w.err == nil {
		_, w.err = w.w.WriteString(s + "\r\n")
	}
}

func (w *writer) fields(list []Field) {
	for _, f := range list {
		w.line(f.Name + ":" + f.Value)
	}
}

// part writes the Content-* fields, the blank line and the body.
func (w *writer) part(p *Part) {
	if len(p.Parts) > 0 {
		w.multipart(p)
		return
	}
	c := w.contents[p]
	w.fields(p.header(c.charset, ""))
	w.line("Content-Transfer-Encoding: " + c.encoding)
	w.line("")
	if w.err == nil {
		w.err = c.write(w.w)
	}
}

func (w *writer) multipart(p *Part) {
	boundary := "=_" + token()
	w.fields(p.header("", boundary))
	if e := w.contents[p].encoding; e != "7bit" {
		w.line("Content-Transfer-Encoding: " + e)
	}
	w.line("")
	for _, child := range p.Parts {
		w.line("--" + boundary)
		w.part(child)
		w.line("")
	}
	w.line("--" + boundary + "--")
}

// write copies the content in its transfer encoding.
func (c *content) write(w io.Writer) (err error) {
	r, err := c.open()
	if err != nil {
		return err
	}
	defer r.Close()
	switch c.encoding {
	case "base64":
		lines := &lineBreaker{w: w}
		enc := base64.NewEncoder(base64.StdEncoding, lines)
		if _, err = io.Copy(enc, r); err == nil {
			err = enc.Close()
		}
	case "quoted-printable":
		enc := quotedprintable.NewWriter(w)
		if _, err = io.Copy(enc, r); err == nil {
			err = enc.Close()
		}
	default:
		_, err = io.Copy(w, r)
	}
	return err
}

// lineBreaker breaks lines after 76 octets (RFC 2045 section 6.8).
type lineBreaker struct {
	w    io.Writer
	used int
}

// Write implements io.Writer.
func (l *lineBreaker) Write(b []byte) (int, error) {
	for rest := b; len(rest) > 0; {
		if l.used == 76 {
			if _, err := io.WriteString(l.w, "\r\n"); err != nil {
				return 0, err
			}
			l.used = 0
		}
		n := min(76-l.used, len(rest))
		if _, err := l.w.Write(rest[:n]); err != nil {
			return 0, err
		}
		l.used += n
		rest = rest[n:]
	}
	return len(b), nil
}
