package server_test

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/server"
	"github.com/dragoman-mail/dragoman/server/servertest"
)

func TestMetrics(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	c := s.Dial()
	c.No("LOGIN demo wrong")
	c.OK("LOGIN demo demo")
	c.Append("INBOX", "", message)
	c.Bad("NONSENSE")
	c.OK("LOGOUT")
	c.Closed()
	require.Eventually(t, func() bool { return s.Value("dragoman_imap_connections") == 0 }, servertestPatience, servertestTick)
	require.EqualValues(t, 1, s.Value("dragoman_imap_connections_total"))
	require.Positive(t, s.Value("dragoman_imap_sent_bytes_total"))
	require.Positive(t, s.Value("dragoman_jmap_requests_total"))
	require.NoError(t, testutil.GatherAndCompare(s.Metrics, strings.NewReader(`
# HELP dragoman_imap_commands_total IMAP commands answered.
# TYPE dragoman_imap_commands_total counter
dragoman_imap_commands_total{command="APPEND",result="OK"} 1
dragoman_imap_commands_total{command="LOGIN",result="NO"} 1
dragoman_imap_commands_total{command="LOGIN",result="OK"} 1
dragoman_imap_commands_total{command="LOGOUT",result="OK"} 1
dragoman_imap_commands_total{command="unreadable",result="BAD"} 1
# HELP dragoman_imap_logins_total Logins tried.
# TYPE dragoman_imap_logins_total counter
dragoman_imap_logins_total{result="ok"} 1
dragoman_imap_logins_total{result="rejected"} 1
`), "dragoman_imap_commands_total", "dragoman_imap_logins_total"))
}

// A panic in a command ends its connection only, and is counted.
func TestPanicIsContained(t *testing.T) {
	tb := &tolerant{T: t}
	s := servertest.New(tb, servertest.Options{Configure: panicking})
	c, other := s.Login(), s.Login()
	require.Contains(t, c.No("NOOP"), "[SERVERBUG]")
	require.Contains(t, strings.Join(c.Closed(), "\n"), "* BYE")
	require.EqualValues(t, 1, s.Value("dragoman_imap_panics_total"))
	other.OK("CAPABILITY")
}

// panicking makes every NOOP panic, from where the server lets others look on.
func panicking(c *server.Config) {
	observe := c.Observe
	c.Observe = func(seen server.Observation) {
		observe(seen)
		if seen.Command == "NOOP" {
			panic("a bug")
		}
	}
}

// tolerant is a test that expects the complaint about the panic.
type tolerant struct{ *testing.T }

func (t *tolerant) Errorf(format string, args ...any) { t.Logf(format, args...) }
