package clients

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// within is how soon one client's doings have to reach another one in IDLE. It takes milliseconds where the machine has
// nothing else to do; polling alone would take five seconds.
const within = 4 * time.Second

func (c *lineClient) append(mailbox, octets string) {
	c.t.Helper()
	c.ok(fmt.Sprintf("APPEND %s {%d+}\r\n%s", mailbox, len(octets), octets))
}

func TestTwoClientsOnOneMailbox(t *testing.T) { overEach(t, twoClients) }

func twoClients(t *testing.T, b backend) {
	s := b.serve(t, t.TempDir())
	busy, waiting := login(t, s), login(t, s)
	for _, c := range []*lineClient{busy, waiting} {
		c.ok("ENABLE IMAP4rev2") // without \Recent, which is the first session's alone
	}
	busy.ok("CREATE shared")
	for i := range 5 {
		busy.append("shared", fmt.Sprintf("Subject: %d\r\n\r\nx\r\n", i))
	}
	busy.ok("SELECT shared")
	waiting.ok("SELECT shared")
	waiting.send("i IDLE\r\n")
	require.True(t, strings.HasPrefix(waiting.line(), "+"))

	busy.ok(`STORE 2 +FLAGS (\Seen)`)
	waiting.until(`* 2 FETCH`, within)
	busy.append("shared", "Subject: new\r\n\r\nx\r\n")
	waiting.until("* 6 EXISTS", within)
	busy.ok(`STORE 1,3 +FLAGS.SILENT (\Deleted)`)
	busy.ok("EXPUNGE")
	waiting.until("* 1 EXPUNGE", within)
	waiting.send("DONE\r\n")
	waiting.until("i OK", within)

	require.Equal(t, busy.ok("FETCH 1:* (UID FLAGS)"), waiting.ok("FETCH 1:* (UID FLAGS)"),
		"both see the same messages under the same numbers")
}
