package server_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/server"
	"github.com/dragoman-mail/dragoman/server/servertest"
)

func TestShutdownSaysBye(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	clients := []*servertest.Client{s.Dial(), s.Login(), s.Select()}
	clients[1].Send("\r\n") // an empty line is no beginning of a command that could still end
	idler := s.Select()
	idler.Idle()
	clients = append(clients, idler)
	ctx, cancel := context.WithTimeout(context.Background(), servertestPatience)
	defer cancel()
	require.NoError(t, s.Shutdown(ctx))
	for _, c := range clients {
		lines := c.Closed()
		require.Len(t, lines, 1)
		require.True(t, strings.HasPrefix(lines[0], "* BYE [UNAVAILABLE] "))
	}
	require.Zero(t, s.Value("dragoman_imap_connections"))
	_, err := net.Dial("tcp", s.Addr)
	require.Error(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.ErrorIs(t, s.Serve(listener), server.ErrClosed)
}

// A command that a client has not written to its end does not hold up the others.
func TestShutdownDoesNotWaitForHalfACommand(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	half, literal := s.Login(), s.Dial()
	half.Send("a NOO")
	literal.Send("a LOGIN {10}\r\n")
	literal.Next()
	literal.Send("abc")
	ctx, cancel := context.WithTimeout(context.Background(), servertestPatience)
	defer cancel()
	require.NoError(t, s.Shutdown(ctx))
	for _, c := range []*servertest.Client{half, literal} {
		require.Contains(t, strings.Join(c.Closed(), "\n"), "* BYE [UNAVAILABLE] ")
	}
}

// A message that is on its way is stored before the connection ends.
func TestShutdownLetsCommandsEnd(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	c := s.Login()
	tag := c.Start("APPEND INBOX {10}")
	c.Next()
	c.Send("A: b\r\n")
	ended := make(chan error)
	go func() { ended <- s.Shutdown(context.Background()) }()
	require.Eventually(t, func() bool {
		conn, err := net.DialTimeout("tcp", s.Addr, time.Second)
		if err == nil {
			conn.Close()
		}
		return err != nil
	}, servertestPatience, servertestTick)
	c.Send("\r\nab\r\n")
	require.Contains(t, c.Await(tag).Tagged.Text, "OK [APPENDUID")
	require.Contains(t, strings.Join(c.Closed(), "\n"), "* BYE")
	require.NoError(t, <-ended)
}

func TestShutdownCutsWhatDoesNotEnd(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	c := s.Login()
	c.Start("APPEND INBOX {10}")
	c.Next()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	require.True(t, errors.Is(s.Shutdown(ctx), context.DeadlineExceeded))
	require.Contains(t, strings.Join(c.Closed(), "\n"), "* BYE [UNAVAILABLE] ")
}

func TestTooManyConnections(t *testing.T) {
	s := servertest.New(t, servertest.Options{Configure: func(c *server.Config) { c.Limits.Connections = 1 }})
	first := s.Dial()
	require.Contains(t, strings.Join(servertest.NewClient(t, s.Connect()).Closed(), "\n"), "* BYE [UNAVAILABLE]")
	first.OK("NOOP")
}
