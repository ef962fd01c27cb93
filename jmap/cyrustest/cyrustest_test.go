package cyrustest

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/jmap"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

// Both protocols see the same mail, and users do not see each other's.
func TestUsersHaveJMAPAndIMAP(t *testing.T) {
	cyrus := Start(t)
	require.Same(t, cyrus, Start(t))
	client, err := jmap.New(jmap.Config{URL: cyrus.URL})
	require.NoError(t, err)
	ann, bob := cyrus.User(t), cyrus.User(t)
	require.NotEqual(t, ann.User, bob.User)
	for _, user := range []User{ann, bob} {
		session, err := client.Login(t.Context(), user.Credentials)
		require.NoError(t, err)
		_, mail := session.MailAccount()
		require.True(t, mail)
		conn := cyrus.IMAP(t, user)
		_, err = fmt.Fprint(conn, "a STATUS INBOX (MESSAGES)\r\n")
		require.NoError(t, err)
		line, err := readLine(conn)
		require.NoError(t, err)
		require.Equal(t, "* STATUS INBOX (MESSAGES 0)", line)
	}
	_, err = client.Login(t.Context(), jmap.Credentials{User: ann.User, Password: "wrong"})
	require.ErrorIs(t, err, jmap.ErrUnauthorized)
}

func TestSettingsReplaceOurs(t *testing.T) {
	conf := withSettings("a: 1\nab: 2\n", []string{"a: 3", "c: 4"})
	require.Equal(t, "ab: 2\na: 3\nc: 4\n", conf)
}

// What a test process started is gone with it, also when it dies.
func TestCyrusEndsWithTheProcess(t *testing.T) {
	if os.Getenv("CYRUSTEST_DIE") != "" {
		fmt.Println("dir", Start(t).Dir)
		os.Exit(7)
	}
	dir := Start(t).Dir
	pid, err := os.ReadFile(filepath.Join(dir, "master.pid"))
	require.NoError(t, err)
	require.DirExists(t, filepath.Join("/proc", strings.TrimSpace(string(pid))))

	child := exec.Command(os.Args[0], "-test.run", "^TestCyrusEndsWithTheProcess$")
	child.Env = append(os.Environ(), "CYRUSTEST_DIE=1")
	out, err := child.Output()
	require.Equal(t, 7, child.ProcessState.ExitCode(), "%v %s", err, out)
	_, left, found := strings.Cut(string(out), "dir ")
	require.True(t, found)
	left = strings.TrimSpace(left)
	require.Eventually(t, func() bool { return gone(left) }, patience, patience/1000)
	resp, err := http.Get(Start(t).URL)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
}

// An outage takes nothing with it.
func TestStopAndRestart(t *testing.T) {
	cyrus := Start(t, "syslog_prefix: outage")
	user := cyrus.User(t)
	_, err := fmt.Fprint(cyrus.IMAP(t, user), "a CREATE stays\r\n")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return listed(t, cyrus, user, "stays") }, patience, patience/1000)
	cyrus.Stop(t)
	_, err = http.Get(cyrus.URL)
	require.Error(t, err)
	require.DirExists(t, cyrus.Dir)
	cyrus.Restart(t)
	require.True(t, listed(t, cyrus, user, "stays"))
}

func listed(t *testing.T, cyrus *Server, user User, mailbox string) bool {
	conn := cyrus.IMAP(t, user)
	_, err := fmt.Fprintf(conn, "a LIST \"\" %s\r\n", mailbox)
	require.NoError(t, err)
	line, err := readLine(conn)
	require.NoError(t, err)
	return strings.HasPrefix(line, "* LIST")
}

func gone(path string) bool {
	_, err := os.Stat(path)
	return os.IsNotExist(err)
}
