package clients

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/jmap/cyrustest"
	"github.com/dragoman-mail/dragoman/jmap/need"
)

// TestCyrusGoesAndComesBack has clients connected while Cyrus is down: what needs it is refused as unavailable and not as empty, who waits
// in IDLE stays connected and hears afterwards what he has missed, mbsync loses nothing, and UIDs stay.
func TestCyrusGoesAndComesBack(t *testing.T) {
	need.Program(t, "mbsync")
	cyrus := cyrustest.Start(t, "syslog_prefix: clients-outage")
	b := overCyrus(t, cyrus)
	data, home := t.TempDir(), t.TempDir()
	s := b.serve(t, data)
	waiting, busy := login(t, s), login(t, s)
	for i := range 3 {
		busy.append("INBOX", fmt.Sprintf("Subject: %d\r\n\r\nx\r\n", i))
	}
	busy.ok("SELECT INBOX")
	mbsync(t, s, home)
	before, uids := maildir(t, home), uidsOf(t, s, "INBOX")
	require.Len(t, before, 3)
	waiting.ok("SELECT INBOX")
	waiting.send("i IDLE\r\n")
	require.True(t, strings.HasPrefix(waiting.line(), "+"))

	cyrus.Stop(t)
	for _, command := range []string{
		"NOOP", "STATUS Trash (MESSAGES)", `LIST "" *`, "CREATE new", "STORE 1 +FLAGS (\\Seen)", "COPY 1 Archive",
		"SEARCH TEXT x", "APPEND INBOX {20+}\r\nSubject: lost\r\n\r\nx\r\n", "SELECT INBOX",
	} {
		_, tagged := busy.command(command)
		require.True(t, strings.HasPrefix(tagged, "NO [UNAVAILABLE]") || command == "NOOP" && strings.HasPrefix(tagged, "OK"), "%s: %s", command, tagged)
	}
	_, tagged := connect(t, s).command("LOGIN " + b.user.User + " " + b.user.Password + "x")
	require.True(t, strings.HasPrefix(tagged, "NO [UNAVAILABLE]"), "nobody knows whether the password is wrong: %s", tagged)
	out, err := exec.Command("mbsync", "-c", home+"/mbsyncrc", "-a").CombinedOutput()
	require.Error(t, err, "%s", out)
	require.Equal(t, before, maildir(t, home), "mbsync takes an outage for no more than that")

	cyrus.Restart(t)
	conn := cyrus.IMAP(t, cyrustest.User{Credentials: b.user})
	_, err = conn.Write([]byte("a APPEND INBOX {21+}\r\nSubject: new\r\n\r\nnew\r\n\r\n"))
	require.NoError(t, err)
	waiting.until("* 4 EXISTS", readyWithin)
	waiting.send("DONE\r\n")
	waiting.until("i OK", readyWithin)
	require.Subset(t, uidsOf(t, s, "INBOX"), uids)
	mbsync(t, s, home)
	require.Len(t, maildir(t, home), 4)
	busy.ok("SELECT INBOX")
	require.Subset(t, hashes(maildir(t, home)), hashes(before))
	busy.ok("STORE 1 +FLAGS (\\Seen)")
	require.NotContains(t, s.log(), "panic")

	// The program's own death in the middle of an outage costs nothing either.
	cyrus.Stop(t)
	s.kill()
	s = b.serve(t, data)
	_, tagged = connect(t, s).command("LOGIN " + b.user.User + " " + b.user.Password)
	require.True(t, strings.HasPrefix(tagged, "NO [UNAVAILABLE]"), tagged)
	cyrus.Restart(t)
	require.Subset(t, uidsOf(t, s, "INBOX"), uids)
}
