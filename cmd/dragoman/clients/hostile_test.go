package clients

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// peakMemory is the most memory that the server has had, in MiB.
func (s *server) peakMemory(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		t.Skipf("the peak of memory is not known here: %v", err)
	}
	kib, err := strconv.Atoi(string(regexp.MustCompile(`VmHWM:\s*(\d+)`).FindSubmatch(status)[1]))
	require.NoError(t, err)
	return kib >> 10
}

// memoryBound is what the server may have used after all of this, in MiB.
const memoryBound = 400

func TestHostileClients(t *testing.T) {
	s := serve(t, t.TempDir())
	c := login(t, s)
	mebibyte := bytes.Repeat([]byte("x"), 1<<20)

	t.Run("a line of 100 MB", func(t *testing.T) {
		c := login(t, s)
		c.send("a1 SELECT ")
		for range 100 {
			if _, err := c.conn.Write(mebibyte); err != nil {
				break // the server may hang up
			}
		}
		c.conn.Write([]byte("\r\n"))
		l := c.line()
		require.True(t, strings.HasPrefix(l, "a1 BAD") || strings.HasPrefix(l, "* BAD") || strings.HasPrefix(l, "* BYE"), l)
	})
	t.Run("a literal over the limit", func(t *testing.T) {
		c := login(t, s)
		_, tagged := c.command("APPEND INBOX {99999999999}")
		require.True(t, strings.HasPrefix(tagged, "NO [TOOBIG]"), tagged)
		_, tagged = c.command("SELECT {99999999999}")
		require.True(t, strings.HasPrefix(tagged, "BAD"), tagged)
		c.ok("NOOP")
	})
	t.Run("a literal before login", func(t *testing.T) {
		c := connect(t, s)
		_, tagged := c.command("LOGIN {50000000}")
		require.True(t, strings.HasPrefix(tagged, "BAD"), tagged)
	})
	t.Run("lists 10,000 deep", func(t *testing.T) {
		c := login(t, s)
		c.ok("SELECT INBOX")
		_, tagged := c.command("SEARCH " + strings.Repeat("(", 10_000) + "ALL" + strings.Repeat(")", 10_000))
		require.True(t, strings.HasPrefix(tagged, "BAD"), tagged)
		_, tagged = c.command("SEARCH " + strings.Repeat("NOT ", 10_000) + "ALL")
		require.True(t, strings.HasPrefix(tagged, "BAD"), tagged)
		c.ok("NOOP")
	})
	t.Run("NULs", func(t *testing.T) {
		c := login(t, s)
		_, tagged := c.command("CREATE \"a\x00b\"")
		require.True(t, strings.HasPrefix(tagged, "BAD"), tagged)
		_, tagged = c.command("CREATE {3+}\r\na\x00b")
		require.True(t, strings.HasPrefix(tagged, "BAD"), tagged)
		c.ok("NOOP")
	})
	t.Run("STARTTLS with a command behind it", func(t *testing.T) {
		c := connect(t, s)
		c.send("a1 STARTTLS\r\na2 LOGIN demo demo\r\n")
		require.True(t, strings.HasPrefix(c.line(), "a1 OK"))
		secure := tls.Client(c.conn, &tls.Config{InsecureSkipVerify: true})
		require.NoError(t, secure.Handshake())
		c.conn, c.in = secure, bufio.NewReader(secure)
		_, tagged := c.command("SELECT INBOX")
		require.Contains(t, tagged, "before login", "what came before the handshake counts for nothing")
	})
	t.Run("a MIME bomb", func(t *testing.T) {
		var bomb strings.Builder
		for i := range 20_000 {
			fmt.Fprintf(&bomb, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
		}
		c := login(t, s)
		c.append("INBOX", "Subject: bomb\r\n"+bomb.String())
		c.append("INBOX", "Content-Type: multipart/mixed; boundary=b\r\n\r\n"+strings.Repeat("--b\r\n\r\n", 300_000))
		c.ok("SELECT INBOX")
		for _, items := range []string{"BODYSTRUCTURE", "ENVELOPE", "BODY.PEEK[1.1.1.1]", "BODY.PEEK[HEADER]"} {
			c.ok("FETCH *:* " + items)
		}
		c.ok("SEARCH TEXT zebra")
	})
	c.ok("NOOP")
	peak := s.peakMemory(t)
	t.Logf("peak memory: %d MiB", peak)
	require.Less(t, peak, memoryBound)
	require.NotContains(t, s.log(), "panic")
}

// refuse runs serve where it cannot start and gives what it says.
func refuse(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), readyWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, append([]string{"serve"}, args...)...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, ctx.Err(), "it serves:\n%s", out)
	require.Error(t, err, "%s", out)
	require.Equal(t, 1, cmd.ProcessState.ExitCode(), "%s", out)
	require.NotContains(t, string(out), "goroutine ", "no panic reaches a user")
	return string(out)
}

func TestServeSaysWhyItCannotStart(t *testing.T) {
	data := t.TempDir()
	s := serve(t, data)
	out := refuse(t, "--data", data, "--imap", anyPort, "--imaps", anyPort)
	require.Contains(t, out, data)
	require.Contains(t, out, "in use")
	out = refuse(t, "--data", t.TempDir(), "--imap", s.imap, "--imaps", anyPort)
	require.Contains(t, out, s.imap)
	s.stop(t)

	for _, size := range []int64{0, 100, 5000, 20_000} {
		err := filepath.WalkDir(data, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || !isBolt(path) || d.Name() == "cache.bolt" {
				return err // what is in the cache can be made anew
			}
			copied := t.TempDir()
			require.NoError(t, os.CopyFS(filepath.Join(copied, "data"), os.DirFS(data)))
			short := filepath.Join(copied, "data", strings.TrimPrefix(path, data))
			if info, _ := os.Stat(short); info.Size() <= size {
				return nil
			}
			require.NoError(t, os.Truncate(short, size))
			out := refuse(t, "--data", filepath.Join(copied, "data"), "--imap", anyPort, "--imaps", anyPort)
			require.Contains(t, out, short, "cut to %d", size)
			return nil
		})
		require.NoError(t, err)
	}
}

// isBolt knows a bolt file by the magic number of its first meta page.
func isBolt(path string) bool {
	head := make([]byte, 20)
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	n, _ := f.Read(head)
	return n == len(head) && bytes.Equal(head[16:20], []byte{0xed, 0xda, 0x0c, 0xed})
}
