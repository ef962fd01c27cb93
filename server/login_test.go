package server_test

import (
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/server"
	"github.com/dragoman-mail/dragoman/server/servertest"
)

func TestLogin(t *testing.T) {
	s := servertest.New(t, servertest.Options{Users: map[string]string{`o"d\d`: "pass word\u00e4"}})
	s.Dial().OK("LOGIN demo demo")
	s.Dial().OK(`LOGIN "demo" {4+}` + "\r\ndemo")
	s.Dial().OK(`LOGIN "o\"d\\d" {11+}` + "\r\npass word\u00e4")

	c := s.Dial()
	require.Contains(t, c.No("LOGIN demo wrong"), "[AUTHENTICATIONFAILED]")
	require.Contains(t, c.No("LOGIN nobody demo"), "[AUTHENTICATIONFAILED]")
	require.Contains(t, c.Bad("SELECT INBOX"), "before login")
	c.OK("LOGIN demo demo")
	require.Contains(t, c.Bad("LOGIN demo demo"), "after login")
	require.Contains(t, c.Bad("FETCH 1 FLAGS"), "selected mailbox")
}

func plain(parts ...string) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Join(parts, "\x00")))
}

func TestAuthenticatePlain(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	s.Dial().OK("AUTHENTICATE PLAIN " + plain("", "demo", "demo"))
	s.Dial().OK("authenticate plain " + plain("demo", "demo", "demo"))

	c := s.Dial()
	tag := c.Start("AUTHENTICATE PLAIN")
	require.Equal(t, "+ ", c.Next().Text)
	c.Send("*\r\n")
	require.True(t, strings.HasPrefix(c.Await(tag).Tagged.Text, "BAD "))

	tag = c.Start("AUTHENTICATE PLAIN")
	c.Next()
	c.Send("not base64!\r\n")
	require.True(t, strings.HasPrefix(c.Await(tag).Tagged.Text, "BAD "))

	tag = c.Start("AUTHENTICATE PLAIN")
	c.Next()
	c.Send(plain("", "demo", "wrong") + "\r\n")
	require.Contains(t, c.Await(tag).Tagged.Text, "NO [AUTHENTICATIONFAILED]")

	require.Contains(t, c.No("AUTHENTICATE PLAIN "+plain("bob", "demo", "demo")), "[AUTHORIZATIONFAILED]")
	c.Bad("AUTHENTICATE PLAIN " + plain("demo"))
	c.No("AUTHENTICATE X-UNKNOWN")

	tag = c.Start("AUTHENTICATE PLAIN")
	c.Next()
	c.Send(plain("", "demo", "demo") + "\r\n")
	require.True(t, strings.HasPrefix(c.Await(tag).Tagged.Text, "OK [CAPABILITY "))
}

// away is a transport that can be told to fail.
type away struct {
	http.RoundTripper
	down func() bool
}

func (a away) RoundTrip(r *http.Request) (*http.Response, error) {
	if a.down() {
		return nil, errors.New("connection refused")
	}
	return a.RoundTripper.RoundTrip(r)
}

// A backend that cannot be reached is not a wrong password.
func TestLoginWhileTheBackendIsAway(t *testing.T) {
	s := servertest.New(t, servertest.Options{Transport: func(rt http.RoundTripper) http.RoundTripper {
		return away{rt, func() bool { return true }}
	}})
	require.Contains(t, s.Dial().No("LOGIN demo demo"), "[UNAVAILABLE]")
}

// remote is a connection that seems to come from elsewhere.
type remote struct{ net.Conn }

func (remote) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 4711} }

func TestNoPasswordInTheClearFromElsewhere(t *testing.T) {
	for _, allowed := range []bool{false, true} {
		s := servertest.New(t, servertest.Options{TLS: true, Configure: func(c *server.Config) { c.AllowCleartext = allowed }})
		near, far := net.Pipe()
		t.Cleanup(func() { near.Close() })
		s.ServeConn(remote{far}, nil)
		c := servertest.NewClient(t, near)
		greeting := c.Next().Text
		if allowed {
			require.NotContains(t, greeting, "LOGINDISABLED")
			c.OK("LOGIN demo demo")
			continue
		}
		require.Contains(t, greeting, "LOGINDISABLED")
		require.NotContains(t, greeting, "AUTH=")
		require.Contains(t, c.No("LOGIN demo demo"), "[PRIVACYREQUIRED]")
		require.Contains(t, c.No("AUTHENTICATE PLAIN "+plain("", "demo", "demo")), "[PRIVACYREQUIRED]")
	}
}

func TestTooManyConnectionsOfAUser(t *testing.T) {
	s := servertest.New(t, servertest.Options{Configure: func(c *server.Config) { c.Limits.ConnectionsPerUser = 1 }})
	first := s.Login()
	second := s.Dial()
	require.Contains(t, second.No("LOGIN demo demo"), "[LIMIT]")
	first.OK("LOGOUT")
	first.Closed()
	require.Eventually(t, func() bool { return strings.HasPrefix(second.Do("LOGIN demo demo").Tagged.Text, "OK") }, servertestPatience, servertestTick)
}

// A session whose credentials have died ends, and so does what is remembered of them.
func TestPasswordChangeEndsSessions(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	c := s.Login()
	require.NoError(t, s.Store.SetPassword("demo", "other"))
	require.Contains(t, c.No("CREATE x"), "[EXPIRED]")
	require.Contains(t, strings.Join(c.Closed(), "\n"), "* BYE [EXPIRED]")
	require.Contains(t, s.Dial().No("LOGIN demo demo"), "[AUTHENTICATIONFAILED]")
	s.Dial().OK("LOGIN demo other")
}
