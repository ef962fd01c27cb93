// Package cyrustest runs Debian's Cyrus IMAP server on loopback for tests: JMAP, and Cyrus's own IMAP on the same mail as a second
// opinion. Its files lie in a temporary directory, and it ends with the test process.
//
// A package that uses it gives its tests an end:
//
//	func TestMain(m *testing.M) { os.Exit(cyrustest.Main(m)) }
//
//	func TestX(t *testing.T) {
//		cyrus := cyrustest.Start(t)
//		user := cyrus.User(t)
//		session, err := client(cyrus.URL).Login(ctx, user.Credentials)
//		conn := cyrus.IMAP(t, user)
//	}
//
// Where Cyrus is not installed, or the tests do not run as root, whom Cyrus needs to become its own user, a test skips (see jmap/need).
package cyrustest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/jmap/need"
)

// Server is a running Cyrus.
type Server struct {
	URL  string // of JMAP, "http://127.0.0.1:PORT"
	Addr string // of its IMAP, "127.0.0.1:PORT"
	Dir  string // with imapd.conf and all its files

	realm  string
	stop   func(keep bool)
	mu     sync.Mutex
	people int
}

// started are the servers of this process by their settings.
var started = struct {
	sync.Mutex
	bySettings map[string]*launch
	main       bool
}{bySettings: map[string]*launch{}}

type launch struct {
	once   sync.Once
	server *Server
	err    error
}

// Main runs the tests of a package and then ends what Start started.
func Main(m *testing.M) int {
	started.Lock()
	started.main = true
	started.Unlock()
	defer stopAll()
	return m.Run()
}

func stopAll() {
	started.Lock()
	defer started.Unlock()
	for _, l := range started.bySettings {
		if l.server != nil {
			l.server.stop(false)
		}
	}
}

// Start returns the Cyrus of this test process, the same for all tests that ask for the same settings. Each setting is a line of
// imapd.conf, such as "munge8bit: no", beside or in place of those that the package chooses.
func Start(tb testing.TB, settings ...string) *Server {
	tb.Helper()
	for _, program := range []string{master, bin + "imapd", bin + "httpd"} {
		if _, err := os.Stat(program); err != nil {
			need.Missing(tb, "Cyrus is not installed: %v", err)
		}
	}
	need.Program(tb, "saslpasswd2")
	if os.Geteuid() != 0 {
		need.Missing(tb, "Cyrus can only be started by root")
	}
	started.Lock()
	if !started.main {
		started.Unlock()
		tb.Fatal("cyrustest.Start without cyrustest.Main: nobody would stop Cyrus")
	}
	key := strings.Join(settings, "\n")
	l := started.bySettings[key]
	if l == nil {
		l = &launch{}
		started.bySettings[key] = l
	}
	started.Unlock()
	l.once.Do(func() { l.server, l.err = start(settings) })
	if l.err != nil {
		tb.Fatalf("starting Cyrus: %v", l.err)
	}
	return l.server
}

// User is an account of Cyrus.
type User struct {
	jmap.Credentials
}

// User makes an account that has nothing but an empty INBOX.
func (s *Server) User(tb testing.TB) User {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.people++
	user := User{jmap.Credentials{User: fmt.Sprintf("user%d", s.people), Password: "secret"}}
	add := exec.Command("saslpasswd2", "-p", "-c", "-f", filepath.Join(s.Dir, "sasldb2"), "-u", s.realm, user.User)
	add.Stdin = strings.NewReader(user.Password)
	if out, err := add.CombinedOutput(); err != nil {
		tb.Fatalf("saslpasswd2: %v: %s", err, out)
	}
	_ = s.IMAP(tb, user).Close() // the first login makes the INBOX
	return user
}

// IMAP opens a connection to Cyrus's own IMAP that has logged in. It is closed with the test.
func (s *Server) IMAP(tb testing.TB, user User) net.Conn {
	tb.Helper()
	conn, err := s.login(user)
	if err != nil {
		tb.Fatalf("logging in to the IMAP of Cyrus: %v", err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	return conn
}

const patience = 60 * time.Second

// login reads octet by octet, so that nothing of what follows is lost to a buffer.
func (s *Server) login(user User) (net.Conn, error) {
	conn, err := net.Dial("tcp", s.Addr)
	if err != nil {
		return nil, err
	}
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err = fmt.Fprintf(conn, "cyrustest LOGIN %s %s\r\n", user.User, user.Password); err == nil {
		for err == nil {
			var line string
			line, err = readLine(conn)
			if rest, ok := strings.CutPrefix(line, "cyrustest "); ok {
				if !strings.HasPrefix(rest, "OK") {
					err = errors.New(rest)
				}
				break
			}
		}
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, conn.SetDeadline(time.Time{})
}

func readLine(conn net.Conn) (string, error) {
	var line []byte
	for one := make([]byte, 1); ; {
		if _, err := conn.Read(one); err != nil {
			return "", err
		}
		if one[0] == '\n' {
			return strings.TrimSuffix(string(line), "\r"), nil
		}
		line = append(line, one[0])
	}
}

// start makes the directory, starts Cyrus and waits until it answers.
func start(settings []string) (*Server, error) {
	dir, err := os.MkdirTemp("", "dragoman-cyrus-")
	if err != nil {
		return nil, err
	}
	s := &Server{Dir: dir}
	if err = s.configure(settings); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if s.stop, err = s.run(ctx); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}
