package clients

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/jmap/cyrustest"
)

// binary is the program under test, built once.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "dragoman-clients-*")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "dragoman")
		build := exec.Command("go", "build", "-o", binary, "..")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return 1
		}
		return cyrustest.Main(m)
	}())
}

// server is a running "dragoman serve".
type server struct {
	cmd         *exec.Cmd
	data        string
	imap, imaps string
	jmapURL     string
	user        jmap.Credentials // of the account that tests use

	mu     sync.Mutex
	output bytes.Buffer
	ended  chan struct{}
}

// readyWithin is how long a server may take to start on a busy machine.
const readyWithin = 60 * time.Second

// serve starts the program over the data directory and waits until it is ready.
func serve(t *testing.T, data string, args ...string) *server {
	t.Helper()
	return embedded.serve(t, data, args...)
}

// serve starts the program over the backend.
func (b backend) serve(t *testing.T, data string, args ...string) *server {
	t.Helper()
	s := &server{data: data, ended: make(chan struct{}), user: b.user, jmapURL: b.url}
	mail := []string{"--jmap-listen", anyPort}
	if b.url != "" {
		mail = []string{"--jmap-url", b.url}
	}
	s.cmd = exec.Command(binary, slices.Concat([]string{"serve", "--data", data, "--imap", anyPort, "--imaps", anyPort}, mail, args)...)
	out, err := s.cmd.StdoutPipe()
	require.NoError(t, err)
	s.cmd.Stderr = &locked{s: s}
	require.NoError(t, s.cmd.Start())
	ready := make(chan struct{})
	go s.follow(bufio.NewScanner(out), ready)
	t.Cleanup(s.kill)
	select {
	case <-ready:
	case <-s.ended:
		t.Fatalf("dragoman serve ended:\n%s", s.log())
	case <-time.After(readyWithin):
		t.Fatalf("dragoman serve is not ready:\n%s", s.log())
	}
	return s
}

func (s *server) follow(lines *bufio.Scanner, ready chan<- struct{}) {
	for lines.Scan() {
		fmt.Fprintln(&locked{s: s}, lines.Text())
		switch words := strings.Fields(lines.Text()); {
		case len(words) == 1 && words[0] == "ready":
			close(ready)
		case len(words) > 1:
			s.take(words[0], words[1])
		}
	}
	s.cmd.Wait()
	close(s.ended)
}

// take notes where a listener is.
func (s *server) take(listener, address string) {
	switch listener {
	case "IMAP":
		s.imap = address
	case "IMAPS":
		s.imaps = address
	case "JMAP":
		s.jmapURL = address
	}
}

type locked struct{ s *server }

func (l *locked) Write(p []byte) (int, error) {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	return l.s.output.Write(p)
}

func (s *server) log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output.String()
}

// kill ends the server as a power cut would.
func (s *server) kill() {
	s.cmd.Process.Kill()
	<-s.ended
}

// stop ends the server as its operator would.
func (s *server) stop(t *testing.T) {
	t.Helper()
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case <-s.ended:
	case <-time.After(readyWithin):
		t.Fatalf("SIGTERM does not end the server:\n%s", s.log())
	}
	require.True(t, s.cmd.ProcessState.Success(), "exit after SIGTERM: %v\n%s", s.cmd.ProcessState, s.log())
}

// anyPort makes the program choose a port; it says which. One that a test found free could be taken by then.
const anyPort = "127.0.0.1:0"

func portOf(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return port
}

// run runs a command to its end and gives what it printed.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	require.NoError(t, err, "%s %v:\n%s", name, args, out)
	return string(out)
}
