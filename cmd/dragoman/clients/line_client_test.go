package clients

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// lineClient speaks IMAP line by line, for what no well-behaved client sends.
type lineClient struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
	tags int
}

func connect(t *testing.T, s *server) *lineClient {
	t.Helper()
	conn, err := net.Dial("tcp", s.imap)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	c := &lineClient{t: t, conn: conn, in: bufio.NewReader(conn)}
	require.Contains(t, c.line(), "* OK")
	return c
}

func login(t *testing.T, s *server) *lineClient {
	t.Helper()
	c := connect(t, s)
	c.ok("LOGIN " + s.user.User + " " + s.user.Password)
	return c
}

func (c *lineClient) line() string {
	c.t.Helper()
	c.conn.SetReadDeadline(time.Now().Add(readyWithin))
	text, err := c.in.ReadString('\n')
	require.NoError(c.t, err, "after %q", text)
	return strings.TrimRight(text, "\r\n")
}

func (c *lineClient) send(text string) {
	c.t.Helper()
	_, err := c.conn.Write([]byte(text))
	require.NoError(c.t, err)
}

// command sends a command and gives its untagged lines and its tagged one
// without the tag.
func (c *lineClient) command(text string) (untagged []string, tagged string) {
	c.t.Helper()
	c.tags++
	tag := fmt.Sprintf("t%d", c.tags)
	c.send(tag + " " + text + "\r\n")
	for {
		l := c.line()
		if rest, ok := strings.CutPrefix(l, tag+" "); ok {
			return untagged, rest
		}
		untagged = append(untagged, l)
	}
}

func (c *lineClient) ok(text string) []string {
	c.t.Helper()
	untagged, tagged := c.command(text)
	require.True(c.t, strings.HasPrefix(tagged, "OK"), "%s: %s", text, tagged)
	return untagged
}

// until reads lines up to one that holds a text, which has to come in time.
func (c *lineClient) until(text string, within time.Duration) {
	c.t.Helper()
	deadline := time.Now().Add(within)
	for {
		c.conn.SetReadDeadline(deadline)
		l, err := c.in.ReadString('\n')
		require.NoError(c.t, err, "waiting for %q", text)
		if strings.Contains(l, text) {
			return
		}
	}
}
