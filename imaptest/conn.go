package imaptest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

// conn is one connection to the server.
type conn struct {
	net     net.Conn
	in      *bufio.Reader
	out     *bufio.Writer
	number  int                          // of the connection, in the script
	user    int                          // whose it is: an index of Config.Users
	trace   func(direction, text string) // may be nil
	tags    int
	release func() bool

	waiting string          // the tag of a command whose status the script did not wait for
	asked   bool            // the server wants more for it
	owed    map[string]bool // the tags of earlier ones
	gone    error           // why nothing more can be read
	bye     string          // the last BYE
}

// dial connects, and reads nothing yet.
func dial(ctx context.Context, c *Config) (*conn, error) {
	dialer := &net.Dialer{Timeout: c.Timeout}
	var opened net.Conn
	var err error
	if c.TLS != nil {
		opened, err = (&tls.Dialer{NetDialer: dialer, Config: c.TLS}).DialContext(ctx, "tcp", c.Server)
	} else {
		opened, err = dialer.DialContext(ctx, "tcp", c.Server)
	}
	if err != nil {
		return nil, err
	}
	made := &conn{net: opened, in: bufio.NewReaderSize(opened, 64<<10), out: bufio.NewWriterSize(opened, 64<<10), owed: map[string]bool{}}
	made.release = context.AfterFunc(ctx, func() { _ = opened.Close() })
	return made, nil
}

func (c *conn) close() {
	c.release()
	_ = c.net.Close()
}

// limit gives the server so much time for all that follows.
func (c *conn) limit(d time.Duration) { _ = c.net.SetDeadline(time.Now().Add(d)) }

// newTag is a tag that was not used.
func (c *conn) newTag() string {
	c.tags++
	return fmt.Sprintf("c%dt%d", c.number, c.tags)
}

// read returns the next response.
func (c *conn) read() (reply, error) {
	if c.gone != nil {
		return reply{}, c.gone
	}
	_ = c.out.Flush() // what the server said before it went away is worth reading
	r, err := readReply(c.in, usualLimits)
	if err != nil {
		if c.gone = err; errors.Is(err, io.EOF) && c.bye != "" {
			c.gone = fmt.Errorf("the server closed the connection and said %s", c.bye)
		}
		return reply{}, c.gone
	}
	if c.trace != nil {
		c.trace("S", r.String())
	}
	if r.tag == "*" && r.says("BYE") {
		c.bye = shorten(r.String())
	}
	return r, nil
}

// segment is a part of a command as it goes out.
type segment struct {
	octets  []byte
	literal bool
	binary  bool
	nonSync bool
}

// send writes a command. When a literal has to be announced, it reads what the server sends before its "+"; refused tells that
// the tagged reply came in its place. handle is told of all that is read.
func (c *conn) send(tag string, segments []segment, handle func(reply)) (refused bool, err error) {
	var line bytes.Buffer
	if tag != "" {
		line.WriteString(tag + " ")
	}
	for _, s := range segments {
		if !s.literal {
			line.Write(s.octets)
			continue
		}
		line.WriteString(s.marker())
		c.write(line.Bytes())
		line.Reset()
		if !s.nonSync {
			if refused, err = c.invited(tag, handle); refused || err != nil {
				return refused, err
			}
		}
		c.write(s.octets)
	}
	line.WriteString("\r\n")
	c.write(line.Bytes())
	return false, c.flushed()
}

func (s segment) marker() string {
	before, after := "", ""
	if s.binary {
		before = "~"
	}
	if s.nonSync {
		after = "+"
	}
	return fmt.Sprintf("%s{%d%s}\r\n", before, len(s.octets), after)
}

// write buffers; an error stays for flushed.
func (c *conn) write(octets []byte) {
	if c.trace != nil {
		c.trace("C", string(octets))
	}
	_, _ = c.out.Write(octets)
}

// flushed sends what is buffered. A server that has gone away may have said why: then reading is what fails.
func (c *conn) flushed() error {
	if err := c.out.Flush(); errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	return nil
}

// invited waits for "+".
func (c *conn) invited(tag string, handle func(reply)) (refused bool, err error) {
	for {
		r, err := c.read()
		if err != nil {
			return false, err
		}
		if r.tag == "+" {
			return false, nil
		}
		handle(r)
		if r.tag == tag {
			return true, nil
		}
	}
}

// do runs a command of the preparation and returns its tagged reply.
func (c *conn) do(segments []segment, each func(reply)) (reply, error) {
	tag := c.newTag()
	var tagged *reply
	handle := func(r reply) {
		switch {
		case r.tag == tag:
			tagged = &r
		case r.tag == "*" && each != nil:
			each(r)
		}
	}
	if _, err := c.send(tag, segments, handle); err != nil {
		return reply{}, err
	}
	for tagged == nil {
		r, err := c.read()
		if err != nil {
			return reply{}, err
		}
		handle(r)
	}
	return *tagged, nil
}

// text is a command without literals.
func text(format string, args ...any) []segment {
	return []segment{{octets: fmt.Appendf(nil, format, args...)}}
}

// astring is a string as a command may have it.
func astring(s string) []segment {
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' {
			return []segment{{octets: []byte(s), literal: true}}
		}
	}
	return text("%s", quote(s))
}
