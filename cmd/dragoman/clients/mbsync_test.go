package clients

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/jmap/need"
)

// mbsync pulls everything that the server has into a Maildir, as a new client or
// again.
func mbsync(t *testing.T, s *server, home string) string {
	t.Helper()
	config := filepath.Join(home, "mbsyncrc")
	text := fmt.Sprintf(`IMAPAccount d
Host 127.0.0.1
Port %s
User %s
Pass %s
SSLType None
AuthMechs PLAIN

IMAPStore remote
Account d

MaildirStore local
Path %s/mail/
Inbox %s/mail/INBOX
SubFolders Verbatim

Channel c
Far :remote:
Near :local:
Patterns *
Create Near
Sync Pull
SyncState *
`, portOf(s.imap), s.user.User, s.user.Password, home, home)
	require.NoError(t, os.WriteFile(config, []byte(text), 0o600))
	require.NoError(t, os.MkdirAll(filepath.Join(home, "mail"), 0o700))
	out, err := exec.Command(need.Program(t, "mbsync"), "-c", config, "-V", "-a").CombinedOutput()
	require.NoError(t, err, "mbsync:\n%s\nserver:\n%s", out, s.log())
	return string(out)
}

// mark is the header field by which mbsync knows its own copies.
var mark = regexp.MustCompile(`(?m)^X-TUID: .*\r?\n`)

// maildir gives the files below a Maildir with their hash, by name.
func maildir(t *testing.T, home string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(filepath.Join(home, "mail"), func(path string, d fs.DirEntry, err error) error {
		parent := filepath.Base(filepath.Dir(path))
		if err != nil || d.IsDir() || parent != "cur" && parent != "new" {
			return err
		}
		octets, err := os.ReadFile(path)
		found[path] = fmt.Sprintf("%x", sha256.Sum256(mark.ReplaceAll(octets, nil)))
		return err
	})
	require.NoError(t, err)
	return found
}

func hashes(files map[string]string) []string {
	var all []string
	for _, h := range files {
		all = append(all, h)
	}
	sort.Strings(all)
	return all
}

func TestMbsyncPullsAllOnceAndNothingAgain(t *testing.T) {
	need.Program(t, "mbsync")
	overEach(t, pullAll)
}

func pullAll(t *testing.T, b backend) {
	data, home := t.TempDir(), t.TempDir()
	s := b.serve(t, data)
	mbox := filepath.Join(t.TempDir(), "archive.mbox")
	const messages = 300
	writeMbox(t, mbox, messages, b.cyrus == nil) // Cyrus does not take NULs by JMAP

	// The import is cut short twice: once the importer dies, once the server.
	arguments := []string{"import", "--jmap-url", s.jmapURL, "--user", s.user.User + ":" + s.user.Password, "--mailbox", "Old", mbox}
	if b.cyrus != nil {
		arguments = slices.Insert(arguments, 1, "--crlf")
	}
	importer := exec.Command(binary, arguments...)
	require.NoError(t, importer.Start())
	untilMailbox(t, s, "Old", 20)
	importer.Process.Signal(syscall.SIGKILL)
	importer.Wait()
	before := uidsOf(t, s, "Old")
	s.kill()
	s = b.serve(t, data)
	require.Subset(t, uidsOf(t, s, "Old"), before, "UIDs and UIDVALIDITY after kill -9")
	if b.cyrus == nil {
		arguments[2] = s.jmapURL // it has another port now
	}
	run(t, binary, arguments...)
	require.Len(t, uidsOf(t, s, "Old"), messages)

	mbsync(t, s, home)
	first := maildir(t, home)
	require.GreaterOrEqual(t, len(first), messages)
	second := mbsync(t, s, home)
	require.Equal(t, first, maildir(t, home), "the second run pulls nothing:\n%s", second)

	s.kill()
	s = b.serve(t, data)
	mbsync(t, s, home)
	require.Equal(t, first, maildir(t, home), "nor does one after kill -9")
	fresh := t.TempDir()
	mbsync(t, s, fresh)
	require.Equal(t, hashes(first), hashes(maildir(t, fresh)))
}

// writeMbox makes messages of many kinds: 8-bit headers, bare LF, NULs, lines
// that begin with From, and a large attachment now and then.
func writeMbox(t *testing.T, name string, n int, nuls bool) {
	t.Helper()
	f, err := os.Create(name)
	require.NoError(t, err)
	defer f.Close()
	for i := range n {
		eol := []string{"\r\n", "\n"}[i%2]
		fmt.Fprintf(f, "From someone@example.org Mon Jan  1 00:00:%02d 2024%s", i%60, eol)
		fmt.Fprintf(f, "From: J\xf6rg <j@example.org>%sSubject: Gr\xfc\xdfe %d%s", eol, i, eol)
		fmt.Fprintf(f, "Message-ID: <%d@example.org>%sStatus: %s%s%s", i, eol, []string{"RO", "O"}[i%2], eol, eol)
		fmt.Fprintf(f, ">From the start%sbody %d%s", eol, i, eol)
		if nuls && i%7 == 0 {
			fmt.Fprintf(f, "a NUL: \x00%s", eol)
		}
		if i%100 == 50 {
			fmt.Fprint(f, strings.Repeat("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"+eol, 40_000))
		}
		fmt.Fprint(f, eol)
	}
}

const listUIDs = `
import imaplib, sys
user, password, address, mailbox = sys.argv[1:]
host, port = address.split(":")
m = imaplib.IMAP4(host, int(port)); m.login(user, password)
ok, n = m.select(mailbox, readonly=True)
if ok == "OK":
    validity = m.response("UIDVALIDITY")[1][0].decode()
    for uid in m.uid("SEARCH", "ALL")[1][0].split():
        print(validity + "/" + uid.decode())
`

// uidsOf lists UIDVALIDITY/UID of the messages in a mailbox.
func uidsOf(t *testing.T, s *server, mailbox string) []string {
	t.Helper()
	return strings.Fields(python(t, s.user, listUIDs, s.imap, mailbox))
}

// untilMailbox waits until a mailbox holds some messages.
func untilMailbox(t *testing.T, s *server, mailbox string, atLeast int) {
	t.Helper()
	require.Eventually(t, func() bool { return len(uidsOf(t, s, mailbox)) >= atLeast }, readyWithin, 20*time.Millisecond)
}
