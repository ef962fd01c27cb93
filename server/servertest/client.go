package servertest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/imap/parser"
	"github.com/dragoman-mail/dragoman/server/wire"
)

// patience is how long a test waits for what has to come.
const patience = 20 * time.Second

// Client is a simple IMAP client for tests. What must not happen ends the test.
type Client struct {
	Conn    net.Conn
	tb      TB
	rest    []byte
	tags    int
	buffer  []byte
	drained []byte // the same, for Drain
}

// NewClient wraps a connection to a server.
func NewClient(tb TB, conn net.Conn) *Client { return &Client{Conn: conn, tb: tb} }

// Reply is what came for a command: the responses before the tagged one, and that.
type Reply struct {
	Untagged []Response
	Tagged   Response
}

// Response is one response of the server, as text with its CRLF and literals left out, and parsed.
type Response struct {
	Text   string // "* 2 EXISTS"; literals stand in it as {n} followed by their octets
	Parsed imap.Response
}

// Lines are the untagged responses as text.
func (r Reply) Lines() []string {
	lines := []string{}
	for _, response := range r.Untagged {
		lines = append(lines, response.Text)
	}
	return lines
}

// Send writes text as it is.
func (c *Client) Send(text string) {
	c.tb.Helper()
	_ = c.Conn.SetWriteDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(c.Conn, text); err != nil {
		c.tb.Fatalf("sending %.100q: %v", text, err)
	}
}

// Next reads one response.
func (c *Client) Next() Response {
	c.tb.Helper()
	response, err := c.read(patience)
	if err != nil {
		c.tb.Fatalf("waiting for a response: %v", err)
	}
	return response
}

// Silent requires that nothing comes for a while.
func (c *Client) Silent(d time.Duration) {
	c.tb.Helper()
	response, err := c.read(d)
	if err == nil {
		c.tb.Fatalf("unexpected response %q", response.Text)
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		c.tb.Fatalf("unexpected end: %v", err)
	}
}

// Closed requires that the server closes the connection; it returns what came before.
func (c *Client) Closed() []string {
	c.tb.Helper()
	var lines []string
	for {
		response, err := c.read(patience)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			c.tb.Fatalf("the server keeps the connection open")
		}
		if err != nil {
			return lines
		}
		lines = append(lines, response.Text)
	}
}

func (c *Client) read(d time.Duration) (Response, error) {
	_ = c.Conn.SetReadDeadline(time.Now().Add(d))
	if c.buffer == nil {
		c.buffer = make([]byte, 64<<10)
	}
	for {
		if line, lits, size := wire.SplitResponse(c.rest); size > 0 {
			text := strings.TrimSuffix(string(c.rest[:size]), "\r\n")
			parsed, err := parser.Response(line, lits)
			if err != nil {
				return Response{}, fmt.Errorf("parsing %q: %w", text, err)
			}
			c.rest = c.rest[size:]
			return Response{Text: text, Parsed: parsed}, nil
		}
		n, err := c.Conn.Read(c.buffer)
		c.rest = append(c.rest, c.buffer[:n]...)
		if err != nil && n == 0 {
			return Response{}, err
		}
	}
}

// Start sends a command and returns its tag.
func (c *Client) Start(command string) string {
	c.tb.Helper()
	c.tags++
	tag := fmt.Sprintf("t%d", c.tags)
	c.Send(tag + " " + command + "\r\n")
	return tag
}

// Await reads up to the tagged response.
func (c *Client) Await(tag string) Reply {
	c.tb.Helper()
	var reply Reply
	for {
		response := c.Next()
		if strings.HasPrefix(response.Text, tag+" ") {
			response.Text = strings.TrimPrefix(response.Text, tag+" ")
			reply.Tagged = response
			return reply
		}
		reply.Untagged = append(reply.Untagged, response)
	}
}

// Do runs a command.
func (c *Client) Do(command string) Reply {
	c.tb.Helper()
	return c.Await(c.Start(command))
}

// OK runs a command that must succeed and returns its untagged responses.
func (c *Client) OK(command string) []string {
	c.tb.Helper()
	return c.expect("OK", command).Lines()
}

// No runs a command that must be refused and returns the text behind NO.
func (c *Client) No(command string) string {
	c.tb.Helper()
	return strings.TrimPrefix(c.expect("NO", command).Tagged.Text, "NO ")
}

// Bad runs a command that must be BAD and returns the text behind it.
func (c *Client) Bad(command string) string {
	c.tb.Helper()
	return strings.TrimPrefix(c.expect("BAD", command).Tagged.Text, "BAD ")
}

func (c *Client) expect(status, command string) Reply {
	c.tb.Helper()
	reply := c.Do(command)
	if !strings.HasPrefix(reply.Tagged.Text, status+" ") {
		c.tb.Fatalf("%.200q: want %s, got %q", command, status, reply.Tagged.Text)
	}
	return reply
}

// Append stores a message and returns the tagged response. flags may be empty.
func (c *Client) Append(mailbox, flags, message string) string {
	c.tb.Helper()
	if flags != "" {
		flags = "(" + flags + ") "
	}
	reply := c.expect("OK", fmt.Sprintf("APPEND %s %s{%d+}\r\n%s", mailbox, flags, len(message), message))
	return reply.Tagged.Text
}

// Idle begins IDLE and returns once the server waits; Done ends it.
func (c *Client) Idle() (done func() Reply) {
	c.tb.Helper()
	tag := c.Start("IDLE")
	for !strings.HasPrefix(c.Next().Text, "+ ") {
	}
	return func() Reply {
		c.tb.Helper()
		c.Send("DONE\r\n")
		return c.Await(tag)
	}
}

// Drain reads up to the tagged response without looking at what comes before it, for benchmarks. It returns the octets read.
func (c *Client) Drain(tag string) int {
	c.tb.Helper()
	_ = c.Conn.SetReadDeadline(time.Now().Add(patience))
	mark := []byte("\r\n" + tag + " ")
	if c.drained == nil {
		c.drained = make([]byte, 256<<10)
	}
	tail := append([]byte("\r\n"), c.rest...)
	c.rest = nil
	for total := len(tail) - 2; ; {
		if bytes.HasSuffix(tail, []byte("\r\n")) && bytes.Contains(tail, mark) {
			return total
		}
		n, err := c.Conn.Read(c.drained)
		if err != nil {
			c.tb.Fatalf("waiting for %s: %v", tag, err)
		}
		total += n
		tail = append(tail, c.drained[max(0, n-512):n]...)
		tail = append(tail[:0], tail[max(0, len(tail)-512):]...)
	}
}
