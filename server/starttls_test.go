package server_test

import (
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/server"
	"github.com/dragoman-mail/dragoman/server/servertest"
)

const (
	servertestPatience = 10 * time.Second
	servertestTick     = 2 * time.Millisecond
)

// upgrade turns a client to TLS after the server has agreed.
func upgrade(t *testing.T, s *servertest.Server, c *servertest.Client) {
	t.Helper()
	secured := tls.Client(c.Conn, s.TLS)
	require.NoError(t, secured.Handshake())
	c.Conn = secured
}

func TestStartTLS(t *testing.T) {
	s := servertest.New(t, servertest.Options{TLS: true})
	c := s.Dial()
	c.OK("STARTTLS")
	upgrade(t, s, c)
	require.NotContains(t, capabilities(c), "STARTTLS")
	require.Contains(t, c.Bad("STARTTLS"), "active already")
	c.OK("LOGIN demo demo")

	none := servertest.New(t, servertest.Options{})
	none.Dial().Bad("STARTTLS")
}

// What comes in the clear behind STARTTLS must have no effect: neither an answer inside TLS, nor a login.
func TestStartTLSDropsWhatIsInjected(t *testing.T) {
	s := servertest.New(t, servertest.Options{TLS: true})
	c := s.Dial()
	c.Send("a STARTTLS\r\nb LOGIN demo demo\r\nc NOOP\r\n")
	require.True(t, strings.HasPrefix(c.Next().Text, "a OK "))
	upgrade(t, s, c)
	require.Empty(t, c.OK("NOOP"))
	require.Contains(t, c.Bad("SELECT INBOX"), "before login")
}

func TestImplicitTLS(t *testing.T) {
	s := servertest.New(t, servertest.Options{TLS: true})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go s.ServeTLS(listener)

	conn, err := tls.Dial("tcp", listener.Addr().String(), s.TLS)
	require.NoError(t, err)
	defer conn.Close()
	c := servertest.NewClient(t, conn)
	require.NotContains(t, c.Next().Text, "STARTTLS")
	c.OK("LOGIN demo demo")

	wrong, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	defer wrong.Close()
	io.WriteString(wrong, "a NOOP\r\n")
	require.Contains(t, strings.Join(servertest.NewClient(t, wrong).Closed(), "\n"), "* BYE This port speaks TLS")
}

func TestTLSOnTheCleartextPortIsNamedInTheLog(t *testing.T) {
	logs := &lockedBuffer{}
	s := servertest.New(t, servertest.Options{Configure: func(c *server.Config) {
		c.Logger = slog.New(slog.NewTextHandler(logs, nil))
	}})
	conn := s.Connect()
	require.Error(t, tls.Client(conn, &tls.Config{InsecureSkipVerify: true}).Handshake())
	require.Eventually(t, func() bool { return strings.Contains(logs.String(), "TLS ClientHello") }, servertestPatience, servertestTick)
}
