package server_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/server/servertest"
)

const message = "From: a@example.org\r\nSubject: hello\r\nDate: Mon, 2 Feb 2026 10:00:00 +0000\r\n\r\nbody\r\n"

// requireMatches holds each line against the pattern of the same place.
func requireMatches(t *testing.T, patterns, lines []string) {
	t.Helper()
	require.Len(t, lines, len(patterns), "%q", lines)
	for i, pattern := range patterns {
		require.Regexp(t, regexp.MustCompile("^(?:"+pattern+")$"), lines[i])
	}
}

func TestSelect(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	c := s.Login()
	c.Append("INBOX", `\Seen`, message)
	c.Append("INBOX", ``, message)
	reply := c.Do("SELECT inbox")
	require.True(t, strings.HasPrefix(reply.Tagged.Text, "OK [READ-WRITE] "))
	requireMatches(t, []string{
		`\* FLAGS \(.*\\Seen.*\)`, `\* 2 EXISTS`, `\* 2 RECENT`, `\* OK \[UNSEEN 2\] .*`,
		`\* OK \[PERMANENTFLAGS \(.*\\Seen.*\\\*\)\] .*`, `\* OK \[UIDVALIDITY [1-9]\d*\] .*`, `\* OK \[UIDNEXT 3\] .*`,
	}, reply.Lines())

	reply = c.Do("EXAMINE INBOX")
	require.True(t, strings.HasPrefix(reply.Tagged.Text, "OK [READ-ONLY] "))
	require.Contains(t, reply.Lines()[0], "[CLOSED]")
	require.Contains(t, strings.Join(reply.Lines(), "\n"), "[PERMANENTFLAGS ()]")
	for _, command := range []string{`STORE 1 FLAGS (\Deleted)`, "EXPUNGE", "MOVE 1 INBOX", "UID EXPUNGE 1"} {
		require.Contains(t, c.No(command), "[READ-ONLY]", command)
	}
}

func TestSelectInRev2(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	c := s.Login()
	c.Append("INBOX", ``, message)
	require.Equal(t, []string{"* ENABLED IMAP4rev2"}, c.OK("ENABLE IMAP4rev2 X-FOO"))
	requireMatches(t, []string{
		`\* FLAGS \(.*\)`, `\* 1 EXISTS`, `\* OK \[PERMANENTFLAGS \(.*\)\] .*`, `\* OK \[UIDVALIDITY [1-9]\d*\] .*`,
		`\* OK \[UIDNEXT 2\] .*`, `\* LIST \(\\HasNoChildren\) "/" "?INBOX"?`,
	}, c.OK("SELECT INBOX"))
	require.Equal(t, []string{`* 1 FETCH (FLAGS ())`}, c.OK("FETCH 1 FLAGS"))
}

func TestFailedSelectDeselects(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	c := s.Select()
	require.Contains(t, c.No("SELECT missing"), "[NONEXISTENT]")
	require.Contains(t, c.Bad("FETCH 1 FLAGS"), "selected mailbox")
	c.OK("SELECT INBOX")
	c.OK("UNSELECT")
	c.Bad("CLOSE")
}

// While a push stream vouches for the replica, reading it costs no request at all.
func TestPushSparesTheRequests(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	c := s.Login()
	c.Append("INBOX", ``, message)
	c.OK("SELECT INBOX")
	for _, command := range []string{
		"SELECT INBOX", "STATUS INBOX (MESSAGES UNSEEN SIZE)", "FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE)", "NOOP", "UID SEARCH SEEN", `LIST "" *`,
	} {
		require.Eventually(t, func() bool {
			s.Requests()
			c.OK(command)
			return len(s.Requests()) == 0
		}, servertestPatience, servertestTick, command)
	}
}

// A mailbox in step is opened, counted and looked at without any request while push vouches for it, and with one at most else.
func TestReplicaInStepNeedsFewRequests(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	c := s.Login()
	c.Append("INBOX", ``, message)
	c.OK("SELECT INBOX")
	for _, command := range []string{
		"SELECT INBOX", "STATUS INBOX (MESSAGES UIDNEXT UNSEEN SIZE DELETED UIDVALIDITY)", "FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE)",
		"NOOP", `STORE 1 +FLAGS (\Deleted)`, "EXPUNGE", `LIST "" *`, `LSUB "" *`, "CREATE new", "DELETE new", "SUBSCRIBE INBOX",
	} {
		s.Requests()
		c.OK(command)
		require.LessOrEqual(t, len(s.Requests()), 1, command)
	}
	c.Append("INBOX", "", message)
	c.OK("NOOP")
	s.Requests()
	c.OK("FETCH 1:* FLAGS")
	require.Empty(t, s.Requests())
}
