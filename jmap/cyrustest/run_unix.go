//go:build unix

package cyrustest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// undertaker waits for the end of its input, which is the end of Start's process however that came, then ends the process group $1 and, unless
// it read "keep", removes the directory $2. Cyrus changes its user, so that the signal which Linux sends at the death of a parent does not reach it.
const undertaker = `word=$(cat)
kill -QUIT "$1"
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  kill -0 "-$1" 2>/dev/null || break
  sleep 0.1
done
kill -KILL "-$1" 2>/dev/null
[ "$word" = keep ] || rm -rf "$2"`

// run starts Cyrus's master and waits until both services answer. end stops it and all its children, and removes the directory
// unless it is to be kept.
func (s *Server) run(ctx context.Context) (end func(keep bool), err error) {
	cmd := exec.Command(master, "-C", filepath.Join(s.Dir, "imapd.conf"), "-M", filepath.Join(s.Dir, "cyrus.conf"),
		"-p", filepath.Join(s.Dir, "master.pid"))
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second // its children hold its output open
	if err := cmd.Start(); err != nil {
		return func(bool) {}, err
	}
	over := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(over)
	}()
	end, err = bury(cmd.Process.Pid, s.Dir)
	if err != nil {
		_ = cmd.Process.Kill()
		return func(bool) {}, err
	}
	for _, addr := range []string{s.Addr, strings.TrimPrefix(s.URL, "http://")} {
		if err := waitFor(ctx, addr, over); err != nil {
			end(false)
			return func(bool) {}, fmt.Errorf("%w: %s", err, said.Bytes())
		}
	}
	return end, nil
}

// bury starts the undertaker; end makes it work.
func bury(pid int, dir string) (end func(keep bool), err error) {
	cmd := exec.Command("sh", "-c", undertaker, "undertaker", strconv.Itoa(pid), dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt from the terminal is not for it
	life, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func(keep bool) {
		if keep {
			_, _ = io.WriteString(life, "keep")
		}
		_ = life.Close()
		_ = cmd.Wait()
	}, nil
}

func waitFor(ctx context.Context, addr string, over <-chan struct{}) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-tick.C:
		case <-over:
			return errors.New("Cyrus ended at its start; see its words in syslog")
		case <-ctx.Done():
			return fmt.Errorf("Cyrus does not answer: %w", err)
		}
	}
}
