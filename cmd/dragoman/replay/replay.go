// Package replay runs golden transcripts: each against a fresh server over an
// embedded store that holds the mail it names, or all against a server that runs
// already.
package replay

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/dragoman-mail/dragoman/cmd/dragoman/delivery"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/server"
	"github.com/dragoman-mail/dragoman/server/servertest"
	"github.com/dragoman-mail/dragoman/server/transcript"
)

// Fresh starts a server for a transcript. It stops when tb is cleaned up. With
// verbose the requests are shown with their bodies.
func Fresh(ctx context.Context, tb servertest.TB, file *transcript.File, observe func(server.Observation)) (transcript.Target, error) {
	users := map[string]string{}
	for _, user := range file.Users {
		users[user[0]] = user[1]
	}
	s := servertest.New(tb, servertest.Options{Users: users, TLS: true, Configure: func(c *server.Config) {
		if observe == nil {
			return
		}
		c.Bodies = true
		record := c.Observe
		c.Observe = func(seen server.Observation) {
			record(seen)
			observe(seen)
		}
	}})
	messages, err := startingMail(file)
	if err != nil {
		return nil, err
	}
	client, err := jmapclient.New(jmapclient.Config{URL: "http://embedded.invalid/", HTTPTransport: s.Store.Transport()})
	if err != nil {
		return nil, err
	}
	session, err := client.Login(ctx, jmapclient.Credentials{User: "demo", Password: "demo"})
	if err != nil {
		return nil, err
	}
	return fresh{s}, delivery.Deliver(ctx, session, messages)
}

func startingMail(file *transcript.File) ([]delivery.Message, error) {
	var messages []delivery.Message
	if file.Sample {
		samples, err := delivery.Samples()
		if err != nil {
			return nil, err
		}
		messages = samples
	}
	for _, m := range file.Mail {
		messages = append(messages, delivery.Message{Mailbox: m.Mailbox, Flags: m.Keywords, Received: m.Received, Octets: m.Octets})
	}
	return messages, nil
}

// fresh is a server of our own.
type fresh struct{ server *servertest.Server }

func (f fresh) Dial(ctx context.Context) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "tcp", f.server.Addr)
}

func (f fresh) Requests() ([]string, bool) { return f.server.Requests(), true }

// Running is a server that runs already; what JMAP requests it makes is not known.
type Running string

// Dial implements transcript.Target.
func (r Running) Dial(ctx context.Context) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "tcp", string(r))
}

// Requests implements transcript.Target.
func (Running) Requests() ([]string, bool) { return nil, false }

// Files lists the transcripts that the paths name: files, and directories with
// all that is below them.
func Files(paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, path)
			continue
		}
		err = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(name, ".txtar") {
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("there is no transcript (*.txtar) in %s", strings.Join(paths, ", "))
	}
	return files, nil
}
