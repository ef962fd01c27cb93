package embedded

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const crashDir = "DRAGOMAN_CRASH_DIR"

// TestMain runs the child of TestCrash instead of the tests, when it is told to.
func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		crashChild(dir)
		return
	}
	code := m.Run()
	if big.dir != "" {
		os.RemoveAll(big.dir)
	}
	os.Exit(code)
}

// crashChild imports, changes and destroys until it is killed. It prints what was
// acknowledged: "+id text" for an Email, "*id" for a keyword, "-id" for a destroy it asks
// for and "=id" when that was answered.
func crashChild(dir string) {
	s, err := Open(Options{Dir: dir, HashIterations: 1})
	if err != nil {
		fmt.Println("!", err)
		os.Exit(1)
	}
	c := clientFor(failing{}, s, "http://in.process", "alice")
	c.http = clientOf(s)
	inbox := c.mailbox("inbox")
	for i := 0; ; i++ {
		text := fmt.Sprintf("%d-%d", os.Getpid(), i)
		id := c.importMail(message(text, "a@example.org", strings.Repeat(text, i%50)), inbox, "")
		fmt.Printf("+%s %s\n", id, text)
		if i%3 == 0 {
			c.ok("Email/set", fmt.Sprintf(`"update":{%q:{"keywords/$flagged":true}}`, id))
			fmt.Printf("*%s\n", id)
		}
		if i%5 == 4 {
			fmt.Printf("-%s\n", id)
			c.ok("Email/set", fmt.Sprintf(`"destroy":[%q]`, id))
			fmt.Printf("=%s\n", id)
		}
	}
}

// failing ends the child when an assertion fails.
type failing struct{ testing.TB }

func (failing) Helper() {}
func (failing) Errorf(format string, a ...any) {
	fmt.Printf("! "+strings.ReplaceAll(format, "\n", " ")+"\n", a...)
}
func (failing) FailNow() { os.Exit(1) }

// A process that is killed at any moment has lost nothing that it acknowledged, and leaves
// nothing half done.
func TestCrash(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(Options{Dir: dir, HashIterations: 1})
	require.NoError(t, err)
	require.NoError(t, s.AddAccount("alice", "secret"))
	require.NoError(t, s.Close())
	known := &acknowledged{subjects: map[string]string{}, flagged: map[string]bool{}, asked: map[string]bool{}, gone: map[string]bool{}}
	for range 12 {
		known.killChild(t, dir)
		known.check(t, dir)
	}
	require.Greater(t, len(known.subjects), 12)
}

// acknowledged is what the children said that they had done.
type acknowledged struct {
	subjects             map[string]string
	flagged, asked, gone map[string]bool
}

func (k *acknowledged) killChild(t *testing.T, dir string) {
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), crashDir+"="+dir)
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	lines := bufio.NewScanner(out)
	timer := (*time.Timer)(nil)
	for lines.Scan() {
		if timer == nil { // it has begun to work
			timer = time.AfterFunc(time.Duration(rand.IntN(150))*time.Millisecond, func() { child.Process.Kill() })
		}
		line := lines.Text()
		id, subject, _ := strings.Cut(line[1:], " ")
		switch line[0] {
		case '+':
			k.subjects[id] = subject
		case '*':
			k.flagged[id] = true
		case '-':
			k.asked[id] = true
		case '=':
			k.gone[id] = true
		default:
			t.Fatalf("the child says %s", line)
		}
	}
	require.NotNil(t, timer)
	require.Error(t, child.Wait())
}

func (k *acknowledged) check(t *testing.T, dir string) {
	s, err := Open(Options{Dir: dir, HashIterations: 1})
	require.NoError(t, err)
	defer s.Close()
	c := clientFor(t, s, "http://in.process", "alice")
	c.http = clientOf(s)
	now := c.look()
	checkCounts(t, now)
	list := c.ok("Email/get", `"ids":null,"properties":["subject","keywords","bodyValues","size"],"fetchTextBodyValues":true`)["list"].([]any)
	found := map[string]map[string]any{}
	for _, v := range list {
		found[v.(map[string]any)["id"].(string)] = v.(map[string]any)
	}
	for id, subject := range k.subjects {
		e := found[id]
		switch {
		case k.gone[id]:
			require.Nil(t, e, "%s was destroyed", id)
		case e == nil:
			require.True(t, k.asked[id], "%s is lost", id)
		default:
			require.Equal(t, subject, e["subject"])
			_, number, _ := strings.Cut(subject, "-")
			i, err := strconv.Atoi(number)
			require.NoError(t, err)
			require.Equal(t, strings.Repeat(subject, i%50)+"\n", e["bodyValues"].(map[string]any)["1"].(map[string]any)["value"])
			if k.flagged[id] {
				require.Equal(t, map[string]any{"$flagged": true}, e["keywords"])
			}
		}
	}
	tmp, err := filepath.Glob(filepath.Join(dir, "accounts", "*", "tmp", "*"))
	require.NoError(t, err)
	require.Empty(t, tmp)
	// A replay of all changes gives what there is.
	then := &moment{states: map[string]string{"Email": "0", "Thread": "0", "Mailbox": "0"}, records: map[string]map[string]string{"Email": {}, "Thread": {}, "Mailbox": {}}, qstates: map[string]string{}}
	for name := range now.qstates {
		then.qstates[name] = "0"
	}
	c.follow(t, then, now, 0)
}
