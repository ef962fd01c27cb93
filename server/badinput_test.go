package server_test

import (
	"bytes"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/server"
	"github.com/dragoman-mail/dragoman/server/servertest"
)

func TestBadInputIsAnsweredAndSurvived(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	c := s.Select()
	for name, command := range map[string]string{
		"unknown":               "FROBNICATE",
		"NUL":                   "NOOP\x00",
		"NUL in a string":       "SELECT \"a\x00b\"",
		"NUL in a literal":      "SELECT {3+}\r\na\x00b",
		"nested lists":          "SEARCH " + strings.Repeat("(", 10_000) + "ALL" + strings.Repeat(")", 10_000),
		"nested NOT":            "SEARCH " + strings.Repeat("NOT ", 10_000) + "ALL",
		"bad set":               "FETCH 0 FLAGS",
		"huge number":           "FETCH 99999999999999999999 FLAGS",
		"8-bit":                 "SELECT \xff\xfe",
		"carriage return":       "SELECT a\rb",
		"literal over limit":    "STATUS {2000000+}\r\n" + strings.Repeat("x", 2_000_000) + " (MESSAGES)",
		"long line":             "STATUS " + strings.Repeat("x", 400_000) + " (MESSAGES)",
		"number out of the set": "FETCH 4000000000 FLAGS",
	} {
		reply := c.Do(command)
		require.True(t, strings.HasPrefix(reply.Tagged.Text, "BAD "), "%s: %s", name, reply.Tagged.Text)
	}
	c.OK("NOOP")
	require.Contains(t, c.Bad("STATUS {2000000}"), "[TOOBIG]")
	c.OK("NOOP")
	c.Send("\r\n\n\r\n")
	c.OK("NOOP")
	c.Send("* x\r\n")
	require.True(t, strings.HasPrefix(c.Next().Text, "* BAD "))
	c.OK("NOOP")
}

func TestHundredMegabyteLine(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	c := s.Dial()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c.Send("big ")
	chunk := bytes.Repeat([]byte("x"), 1<<20)
	for range 100 {
		_, err := c.Conn.Write(chunk)
		require.NoError(t, err)
	}
	c.Send("\r\n")
	require.Contains(t, c.Next().Text, "big BAD [TOOBIG]")
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<20))
	c.OK("LOGIN demo demo")
}

func TestStrangersMayNotSendMuch(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	c := s.Dial()
	require.Contains(t, c.Bad("LOGIN demo {50000000}"), "[TOOBIG]")
	require.Contains(t, c.Bad("APPEND INBOX {5000}"), "[TOOBIG]")
	require.Contains(t, c.Bad("LOGIN demo {5000+}\r\n"+strings.Repeat("x", 5000)), "[TOOBIG]")
	c.OK("NOOP")
	c.Bad("LOGIN " + strings.Repeat("x", 9000) + " demo")
	c.OK("LOGIN demo demo")
}

// A browser that is made to talk to the port is sent away.
func TestManyErrorsEndTheConnection(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	c := s.Dial()
	c.Send("POST / HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nOrigin: y\r\nContent-Type: text/plain\r\n\r\na LOGIN demo demo\r\n")
	lines := c.Closed()
	require.Contains(t, lines[len(lines)-1], "* BYE Too many errors")
	require.Len(t, lines, server.DefaultLimits.LoginErrors+1)
}

func TestNobodyMayBeSilentForEver(t *testing.T) {
	hasty := servertest.New(t, servertest.Options{Configure: func(c *server.Config) { c.Limits.LoginTime = 30 * time.Millisecond }})
	conn := servertest.NewClient(t, hasty.Connect())
	require.Contains(t, strings.Join(conn.Closed(), "\n"), "* BYE The time to log in has passed")
	bored := servertest.New(t, servertest.Options{Configure: func(c *server.Config) { c.Limits.IdleTime = time.Second }})
	require.Contains(t, strings.Join(bored.Login().Closed(), "\n"), "* BYE Autologout")
}

func TestSlowReaderIsCutOff(t *testing.T) {
	s := servertest.New(t, servertest.Options{Configure: func(c *server.Config) { c.Limits.WriteTime = 100 * time.Millisecond }})
	c := s.Login()
	go func() {
		for range 1_000_000 {
			if _, err := io.WriteString(c.Conn, "a CAPABILITY\r\n"); err != nil {
				return
			}
		}
	}()
	require.Eventually(t, func() bool { return s.Value("dragoman_imap_connections") == 0 }, servertestPatience, servertestTick)
}
