package server_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/server"
	"github.com/dragoman-mail/dragoman/server/servertest"
)

func TestIdleTellsWhatOthersDo(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	writer, idler := s.Select(), s.Select()
	done := idler.Idle()

	writer.Append("INBOX", "", message)
	require.Equal(t, "* 1 EXISTS", idler.Next().Text)

	writer.OK("NOOP")
	writer.OK(`STORE 1 +FLAGS (\Flagged)`)
	for {
		text := idler.Next().Text
		if strings.Contains(text, "RECENT") {
			continue
		}
		require.Regexp(t, `^\* 1 FETCH \(UID 1 FLAGS \(.*\\Flagged.*\)\)$`, text)
		break
	}
	writer.OK(`STORE 1 +FLAGS.SILENT (\Deleted)`)
	require.Contains(t, idler.Next().Text, `\Deleted`)
	writer.OK("EXPUNGE")
	require.Equal(t, "* 1 EXPUNGE", idler.Next().Text)
	reply := done()
	require.True(t, strings.HasPrefix(reply.Tagged.Text, "OK "))
	require.Empty(t, reply.Untagged)
}

// What happened before IDLE began must not wait for the next change.
func TestIdleBeginsWithWhatIsPending(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	writer, idler := s.Login(), s.Select()
	writer.Append("INBOX", "", message)
	idler.Start("IDLE")
	for text := ""; text != "* 1 EXISTS"; text = idler.Next().Text {
	}
}

func TestIdleEnds(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	c := s.Select()
	c.Send("a IDLE\r\n")
	require.True(t, strings.HasPrefix(c.Next().Text, "+ "))
	c.Send("DONE\r\nb NOOP\r\nc CAPABILITY\r\n") // as iOS does, in one packet
	require.True(t, strings.HasPrefix(c.Next().Text, "a OK "))
	require.True(t, strings.HasPrefix(c.Next().Text, "b OK "))
	require.True(t, strings.HasPrefix(c.Next().Text, "* CAPABILITY "))
	require.True(t, strings.HasPrefix(c.Next().Text, "c OK "))

	c.Send("d IDLE\r\ndone\r\n")
	c.Next()
	require.True(t, strings.HasPrefix(c.Next().Text, "d OK "))

	c.Send("e IDLE\r\n")
	c.Next()
	c.Send("f NOOP\r\n")
	require.True(t, strings.HasPrefix(c.Next().Text, "e BAD "))
	require.True(t, strings.HasPrefix(c.Next().Text, "f BAD "))
	c.OK("NOOP")
	require.Zero(t, s.Value("dragoman_imap_idling"))
}

func TestIdleIsNotSilent(t *testing.T) {
	s := servertest.New(t, servertest.Options{Configure: func(c *server.Config) { c.Limits.KeepAlive = 5 * time.Millisecond }})
	c := s.Login()
	c.Idle()
	require.Equal(t, "* OK Still here", c.Next().Text)
	require.Equal(t, "* OK Still here", c.Next().Text)
}

func TestTwoClientsKeepTheirSequenceNumbers(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	a := s.Select()
	for i := range 4 {
		a.Append("INBOX", "", message+strings.Repeat("x", i))
	}
	a.OK("NOOP")
	b := s.Select()
	a.OK(`STORE 2 +FLAGS.SILENT (\Deleted)`)
	a.OK("EXPUNGE")
	a.Append("INBOX", "", message+"new")

	// While b uses sequence numbers they do not move: no EXPUNGE in FETCH, STORE and SEARCH.
	for _, command := range []string{"FETCH 3 UID", `STORE 3 +FLAGS.SILENT (\Seen)`, "SEARCH UID 3"} {
		require.NotContains(t, strings.Join(b.OK(command), "\n"), "EXPUNGE", command)
	}
	require.Contains(t, strings.Join(b.OK("FETCH 3 UID"), "\n"), "UID 3")
	lines := strings.Join(b.OK("NOOP"), "\n")
	require.Contains(t, lines, "* 2 EXPUNGE")
	require.Contains(t, strings.Join(b.OK("FETCH 2 UID"), "\n"), "UID 3")
}
