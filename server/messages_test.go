package server_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/jmap/embedded"
	"github.com/dragoman-mail/dragoman/server/servertest"
)

func TestAppend(t *testing.T) {
	s := servertest.New(t, servertest.Options{Embedded: func(o *embedded.Options) { o.Limits.MaxSizeUpload = 3_000_000 }})
	c := s.Select()
	require.Regexp(t, `^OK \[APPENDUID \d+ 1\] `, c.Append("INBOX", `\Flagged $Work \Deleted`, message))
	require.Regexp(t, `^OK \[APPENDUID \d+ 2\] `, c.Append("INBOX", "", message+strings.Repeat("x", 2_500_000-len(message))))
	lines := c.OK("FETCH 1:2 (UID FLAGS RFC822.SIZE)")
	require.Contains(t, lines[0], `\Flagged`)
	require.Contains(t, lines[0], `$Work`)
	require.Contains(t, lines[0], `\Deleted`)
	require.Contains(t, lines[1], "RFC822.SIZE 2500000")

	dated := c.Do("APPEND INBOX () \" 7-Feb-1994 22:43:04 -0800\" {" + "5+}\r\nA: b\n")
	require.Contains(t, dated.Tagged.Text, "OK [APPENDUID")
	require.Contains(t, c.OK("FETCH 3 INTERNALDATE")[0], `" 8-Feb-1994 06:43:04 +0000"`)

	s.Requests()
	require.Contains(t, c.No("APPEND INBOX {3000001}"), "[TOOBIG]")
	require.Contains(t, c.No("APPEND INBOX {3000001+}\r\n"+strings.Repeat("x", 3_000_001)), "[TOOBIG]")
	require.Contains(t, c.No("APPEND INBOX {0+}\r\n"), "[CANNOT]")
	require.Empty(t, s.Requests())
	require.Contains(t, c.No("APPEND missing {10}"), "[TRYCREATE]")
	require.Contains(t, c.No("APPEND missing {3+}\r\nabc"), "[TRYCREATE]")
	c.Bad("APPEND INBOX \"text\"")
	c.Bad("APPEND INBOX {3+}\r\nabc {3+}\r\ndef")

	for _, literal := range []string{"~{10}", "{10}"} {
		tag := c.Start("APPEND INBOX " + literal)
		require.True(t, strings.HasPrefix(c.Next().Text, "+ "))
		c.Send("A: b\r\n\r\n\x00\x00\r\n")
		require.Contains(t, c.Await(tag).Tagged.Text, "OK [APPENDUID")
	}
	require.Contains(t, c.OK("FETCH 4 BINARY[]")[0], "~{10}\r\nA: b\r\n\r\n\x00\x00")
	s.Requests()
	c.Append("INBOX", "", message+"again")
	require.Len(t, s.Requests(), 2) // the upload and the import
}

func TestStoreCopyMoveExpunge(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	c := s.Login()
	c.OK("CREATE other")
	for i := range 5 {
		c.Append("INBOX", "", message+strings.Repeat("x", i))
	}
	c.OK("SELECT INBOX")
	require.Equal(t, []string{`* 1 FETCH (FLAGS (\Seen \Recent))`}, c.OK(`STORE 1 FLAGS (\Seen)`))
	require.Equal(t, []string{`* 1 FETCH (UID 1 FLAGS (\Recent))`}, c.OK(`UID STORE 1 -FLAGS (\Seen)`))
	require.Empty(t, c.OK(`UID STORE 900 +FLAGS (\Seen)`))
	require.Empty(t, c.OK(`STORE 1 +FLAGS.SILENT (\Flagged)`))
	require.Contains(t, strings.Join(c.OK(`STORE 2 +FLAGS ($Brandnew)`), "\n"), "* FLAGS (")

	require.Regexp(t, `^OK \[COPYUID \d+ 1:2 1:2\] `, c.Do("COPY 1:2 other").Tagged.Text)
	require.Regexp(t, `^OK \[COPYUID \d+ 2 2\] `, c.Do("UID COPY 2,900 other").Tagged.Text) // it is there already
	require.NotContains(t, c.Do("UID COPY 900 other").Tagged.Text, "COPYUID")
	require.Contains(t, c.No("COPY 1 missing"), "[TRYCREATE]")

	requireMatches(t, []string{`\* OK \[COPYUID \d+ 3 3\] .*`, `\* 3 EXPUNGE`}, c.OK("MOVE 3 other"))
	require.Contains(t, c.No("UID MOVE 4 missing"), "[TRYCREATE]")

	c.OK(`STORE 1,3 +FLAGS.SILENT (\Deleted)`)
	requireMatches(t, []string{`\* 3 EXPUNGE`}, c.OK("UID EXPUNGE 2:4"))
	requireMatches(t, []string{`\* 1 EXPUNGE`}, c.OK("EXPUNGE"))
	c.OK(`STORE 1 +FLAGS.SILENT (\Deleted)`)
	require.Empty(t, c.OK("CLOSE"))
	require.Contains(t, c.OK("STATUS INBOX (MESSAGES)")[0], "MESSAGES 1")
	require.Contains(t, c.OK("STATUS other (MESSAGES)")[0], "MESSAGES 3")
}

// Effects and answers keep the order of the commands.
func TestPipelining(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	c := s.Dial()
	c.Send("a LOGIN {4+}\r\ndemo demo\r\nb APPEND INBOX {" + "5+}\r\nA: b\n\r\nc SELECT INBOX\r\nd STORE 1 FLAGS.SILENT (\\Deleted)\r\n" +
		"e EXPUNGE\r\nf STATUS INBOX (MESSAGES)\r\ng LOGOUT\r\n")
	var text []string
	for _, line := range c.Closed() {
		text = append(text, strings.SplitN(line, " ", 4)[0]+" "+strings.SplitN(line, " ", 4)[1])
	}
	all := strings.Join(text, ",")
	last := -1
	for _, part := range []string{"a OK", "b OK", "* 1", "c OK", "d OK", "* 1,e OK", "* STATUS,f OK", "* BYE,g OK"} {
		at := strings.Index(all, part)
		require.Greater(t, at, last, "%s in %s", part, all)
		last = at
	}
}

func TestBackendFailureIsNeverAnEmptyMailbox(t *testing.T) {
	down := &switchable{}
	s := servertest.New(t, servertest.Options{Transport: down.over})
	c := s.Login()
	c.Append("INBOX", "", message)
	c.OK("SELECT INBOX")
	down.set(true)
	for _, command := range []string{"SELECT INBOX", "STATUS INBOX (MESSAGES)", `LIST "" *`, `LSUB "" *`, "CREATE x", "APPEND INBOX {3+}\r\nabc"} {
		reply := c.Do(command)
		require.Contains(t, reply.Tagged.Text, "NO [UNAVAILABLE]", command)
		for _, line := range reply.Lines() {
			require.Contains(t, line, "[CLOSED]", command)
		}
	}
	down.set(false)
	require.Contains(t, strings.Join(c.OK("SELECT INBOX"), "\n"), "* 1 EXISTS")
	down.set(true)
	require.Contains(t, c.No("UID FETCH 1 BODY[]"), "[UNAVAILABLE]")
	require.Contains(t, c.No(`STORE 1 FLAGS (\Seen)`), "[UNAVAILABLE]")
}

// A message whose file was cut or lost in the embedded store is neither given in part nor taken for expunged. The others can be read.
func TestDamagedMessageIsNoExpungedMessage(t *testing.T) {
	var dir string
	s := servertest.New(t, servertest.Options{Embedded: func(o *embedded.Options) { dir = o.Dir }})
	c := s.Login()
	for i := range 3 {
		c.Append("INBOX", `\Seen`, message+strings.Repeat("x", i))
	}
	files, err := filepath.Glob(filepath.Join(dir, "accounts", "*", "blobs", "*", "*"))
	require.NoError(t, err)
	file := func(size int) string {
		at := slices.IndexFunc(files, func(f string) bool { info, err := os.Stat(f); return err == nil && info.Size() == int64(size) })
		require.GreaterOrEqual(t, at, 0)
		return files[at]
	}
	second := file(len(message) + 1)
	c.OK("SELECT INBOX")
	for _, damage := range []func() error{
		func() error { return os.Truncate(second, 20) },
		func() error { return os.Remove(second) },
	} {
		require.NoError(t, damage())
		for _, items := range []string{"BODY.PEEK[]", "ENVELOPE", "(BODYSTRUCTURE BODY.PEEK[TEXT])"} {
			require.Contains(t, c.No("FETCH 2 "+items), "[UNAVAILABLE]")
			require.Contains(t, c.No("UID FETCH 2 "+items), "[UNAVAILABLE]")
			reply := c.Do("FETCH 1:3 " + items)
			require.Contains(t, reply.Tagged.Text, "NO [UNAVAILABLE]")
			requireMatches(t, []string{`(?s)\* 1 FETCH .*`, `(?s)\* 3 FETCH .*`}, reply.Lines())
		}
		require.Contains(t, c.No("SEARCH BODY nowhere"), "[UNAVAILABLE]")
		require.Len(t, c.OK("FETCH 1:* (UID FLAGS RFC822.SIZE)"), 3)
		require.Contains(t, c.OK("STATUS INBOX (MESSAGES)")[0], "MESSAGES 3")
	}
	c.Append("INBOX", `\Seen`, message+"x") // the same octets mend the file
	require.Contains(t, c.OK("FETCH 2 BODY.PEEK[]")[0], message+"x")
}
