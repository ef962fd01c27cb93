package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/testdata/mail"
)

// served is a server in this process.
type served struct {
	t     *testing.T
	lines []string          // what it printed
	at    map[string]string // addresses or URLs by name
	stop  context.CancelFunc
	ended chan error
}

// start serves over a data directory and waits until it is ready.
func start(t *testing.T, data string, change func(*serveOptions)) *served {
	o := &serveOptions{data: data, imap: "127.0.0.1:0", imaps: "127.0.0.1:0", jmapListen: "127.0.0.1:0", metrics: "127.0.0.1:0", hashIterations: 1}
	if change != nil {
		change(o)
	}
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	s := &served{t: t, at: map[string]string{}, stop: cancel, ended: make(chan error, 1)}
	go func() {
		err := serve(ctx, o, streams{strings.NewReader(""), in, io.Discard})
		in.CloseWithError(io.EOF)
		s.ended <- err
	}()
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "ready" {
		s.lines = append(s.lines, lines.Text())
		if fields := strings.Fields(lines.Text()); len(fields) > 1 {
			s.at[fields[0]] = fields[1]
		}
	}
	go io.Copy(io.Discard, out)
	t.Cleanup(s.end)
	require.Equal(t, "ready", lines.Text())
	return s
}

// end stops the server, as SIGTERM does.
func (s *served) end() {
	if s.stop == nil {
		return
	}
	s.stop()
	s.stop = nil
	require.NoError(s.t, <-s.ended)
}

// refused tries to serve and returns why it does not.
func refused(t *testing.T, o serveOptions) error {
	o.hashIterations = 1
	err := serve(t.Context(), &o, streams{strings.NewReader(""), io.Discard, io.Discard})
	require.Error(t, err)
	return err
}

func (s *served) login(user, password string) (*jmap.Session, error) {
	client, err := jmap.New(jmap.Config{URL: s.at["JMAP"]})
	require.NoError(s.t, err)
	defer s.t.Cleanup(client.CloseIdleConnections)
	return client.Login(s.t.Context(), jmap.Credentials{User: user, Password: password})
}

func count(t *testing.T, session *jmap.Session) int {
	account, _ := session.MailAccount()
	found, err := jmap.Call(t.Context(), session, &proto.EmailQuery{AccountID: account})
	require.NoError(t, err)
	return len(found.IDs)
}

func TestServeDemo(t *testing.T) {
	data := filepath.Join(t.TempDir(), "new", "data")
	s := start(t, data, nil)
	require.Contains(t, strings.Join(s.lines, "\n"), "Account demo, password demo. Try: curl")
	session, err := s.login("demo", "demo")
	require.NoError(t, err)
	samples, err := mail.Samples()
	require.NoError(t, err)
	require.Equal(t, len(samples), count(t, session))

	conn, err := net.Dial("tcp", s.at["IMAP"])
	require.NoError(t, err)
	defer conn.Close()
	imap := bufio.NewReader(conn)
	greeting, err := imap.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, greeting, "* OK")
	fmt.Fprint(conn, "a LOGIN demo demo\r\nb SELECT INBOX\r\n")
	for line := ""; !strings.HasPrefix(line, "b OK"); {
		line, err = imap.ReadString('\n')
		require.NoError(t, err)
	}

	page, err := http.Get(s.at["Metrics"])
	require.NoError(t, err)
	text, err := io.ReadAll(page.Body)
	page.Body.Close()
	require.NoError(t, err)
	require.Contains(t, string(text), `dragoman_imap_connections 1`)
	require.Contains(t, string(text), `go_goroutines`)

	s.end()
	rest, err := io.ReadAll(imap)
	require.NoError(t, err)
	require.Contains(t, string(rest), "* BYE")

	s = start(t, data, nil)
	session, err = s.login("demo", "demo")
	require.NoError(t, err)
	require.Equal(t, len(samples), count(t, session), "sample mail comes once")
}

func TestServeUsers(t *testing.T) {
	data := t.TempDir()
	s := start(t, data, func(o *serveOptions) { o.users.values = []string{"ann:a:b", "bob:x"} })
	require.NotContains(t, strings.Join(s.lines, "\n"), "demo")
	_, err := s.login("ann", "a:b")
	require.NoError(t, err)
	_, err = s.login("demo", "demo")
	require.ErrorIs(t, err, jmap.ErrUnauthorized)
	s.end()
	s = start(t, data, func(o *serveOptions) { o.users.values = []string{"bob:new"} })
	_, err = s.login("bob", "x")
	require.ErrorIs(t, err, jmap.ErrUnauthorized)
	_, err = s.login("bob", "new")
	require.NoError(t, err)
	s.end()
	s = start(t, data, nil)
	_, err = s.login("demo", "demo")
	require.ErrorIs(t, err, jmap.ErrUnauthorized, "no demo account beside others")
}

// One Dragoman in front of another: the JMAP of the embedded store is a JMAP server like any.
func TestServeRemote(t *testing.T) {
	behind := start(t, t.TempDir(), nil)
	s := start(t, t.TempDir(), func(o *serveOptions) { o.urls.values, o.jmapListen, o.imaps = []string{behind.at["JMAP"]}, "", "" })
	require.NotContains(t, s.at, "JMAP")
	require.NotContains(t, s.at, "IMAPS")
	conn, err := net.Dial("tcp", s.at["IMAP"])
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(30*time.Second)))
	fmt.Fprint(conn, "a LOGIN demo demo\r\nb LOGOUT\r\n")
	text, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Contains(t, string(text), "\r\na OK")
}

func TestServeRefuses(t *testing.T) {
	data := t.TempDir()
	s := start(t, data, nil)
	err := refused(t, serveOptions{data: data, imap: "127.0.0.1:0"})
	require.ErrorContains(t, err, data)
	require.ErrorContains(t, err, "in use")
	err = refused(t, serveOptions{data: t.TempDir(), imap: s.at["IMAP"]})
	require.ErrorContains(t, err, s.at["IMAP"]+": bind: address already in use")
	require.ErrorContains(t, refused(t, serveOptions{data: t.TempDir(), imap: "nowhere"}), "IMAP on nowhere: ")
	require.ErrorContains(t, refused(t, serveOptions{data: t.TempDir(), imap: "127.0.0.1:0", metrics: "127.0.0.1:x"}), "Metrics on 127.0.0.1:x")
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, []byte("no certificate"), 0o600))
	require.ErrorContains(t, refused(t, serveOptions{data: file, imap: "127.0.0.1:0"}), file)
	err = refused(t, serveOptions{data: t.TempDir(), imap: "127.0.0.1:0", tlsCertificate: file, tlsKey: file})
	require.ErrorContains(t, err, "TLS certificate "+file)
}

func TestEmptyDatabasesAreNotNew(t *testing.T) {
	data := t.TempDir()
	state := filepath.Join(data, "state.bolt")
	require.NoError(t, os.WriteFile(state, nil, 0o600))
	s := start(t, data, nil) // as after a crash in the first start
	s.end()
	require.NoError(t, os.Truncate(state, 0))
	err := refused(t, serveOptions{data: data, imap: "127.0.0.1:0"})
	require.ErrorContains(t, err, state)
	require.NoError(t, os.Remove(state))
	start(t, data, nil)
}
