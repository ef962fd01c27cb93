package server

import (
	"io"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/server/wire"
)

// framed gives a framer that stands at a literal of what a client sends.
func framed(t *testing.T, sent string) *wire.Framer {
	t.Helper()
	client, conn := net.Pipe()
	in := wire.NewInput(conn, nil)
	t.Cleanup(func() { _ = client.Close(); in.Stop() })
	go func() { _, _ = io.WriteString(client, sent) }()
	f := wire.NewFramer(in, DefaultLimits.Input)
	outcome, err := f.Next()
	require.NoError(t, err)
	require.Equal(t, wire.LiteralWanted, outcome)
	return f
}

// A line is not parsed again and again, for each of many literals that are no message.
func TestFewLiteralsAreTakenForMessages(t *testing.T) {
	s := &session{conn: &conn{framer: framed(t, "a APPEND {4+}\r\nsent (\\Seen) {1+}\r\nx\r\n")}}
	_, ok := s.message()
	require.False(t, ok, "a mailbox")
	require.NoError(t, s.framer.Store())
	_, err := s.framer.Next()
	require.NoError(t, err)
	start, ok := s.message()
	require.True(t, ok)
	require.Equal(t, "sent", start.Mailbox)

	s = &session{conn: &conn{framer: framed(t, "a LOGIN"+strings.Repeat(" {0+}\r\n", maxArguments)+"\r\n")}}
	for range maxArguments {
		_, ok := s.message()
		require.False(t, ok)
		require.NoError(t, s.framer.Store())
		_, err := s.framer.Next()
		require.NoError(t, err)
	}
	s.framer = framed(t, "a APPEND sent {1+}\r\nx\r\n")
	_, ok = s.message()
	require.False(t, ok, "not looked at any more")
}
