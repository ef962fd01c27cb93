// Package replay runs golden transcripts: each against a fresh server over an
// embedded store that holds the mail it names, or all against a server that runs
// already.
package replay

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dragoman-mail/dragoman/cmd/dragoman/delivery"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/server"
	"github.com/dragoman-mail/dragoman/server/mailbox"
	"github.com/dragoman-mail/dragoman/server/servertest"
	"github.com/dragoman-mail/dragoman/server/transcript"
)

// Options vary the server that Fresh starts.
type Options struct {
	// Observe, when not nil, sees each command with its requests and their bodies.
	Observe func(server.Observation)
	// Backend, when not nil, is a JMAP server with fresh accounts for demo and the users of the transcript, in place of an embedded store.
	Backend *servertest.Backend
}

// demo is who transcripts log in as.
var demo = jmapclient.Credentials{User: "demo", Password: "demo"}

// Fresh starts a server for a transcript and puts the transcript's mail into the account demo. It stops when tb is cleaned up.
func Fresh(ctx context.Context, tb servertest.TB, file *transcript.File, o Options) (transcript.Target, error) {
	users := map[string]string{}
	for _, user := range file.Users {
		users[user[0]] = user[1]
	}
	s := servertest.New(tb, servertest.Options{
		Users: users, Backend: o.Backend, TLS: true,
		Replica: func(r *mailbox.Options) { r.Poll = time.Hour }, // what is asked for shall not depend on how long the run takes
		Configure: func(c *server.Config) {
			if o.Observe == nil {
				return
			}
			c.Bodies = true
			record := c.Observe
			c.Observe = func(seen server.Observation) {
				record(seen)
				o.Observe(seen)
			}
		},
	})
	messages, err := startingMail(file)
	if err != nil {
		return nil, err
	}
	if o.Backend != nil {
		return fresh{s}, prepare(ctx, o.Backend, messages)
	}
	client, err := jmapclient.New(jmapclient.Config{URL: "http://embedded.invalid/", HTTPTransport: s.Store.Transport()})
	if err != nil {
		return nil, err
	}
	session, err := client.Login(ctx, demo)
	if err != nil {
		return nil, err
	}
	return fresh{s}, delivery.Deliver(ctx, session, messages)
}

// prepare makes an account elsewhere like one of the embedded store. Messages that the server does not take are left out: the transcript
// differs then.
func prepare(ctx context.Context, b *servertest.Backend, messages []delivery.Message) error {
	client, err := jmapclient.New(jmapclient.Config{URL: b.URL})
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	session, err := client.Login(ctx, b.Accounts[demo.User].Credentials)
	if err != nil {
		return err
	}
	if err := delivery.Furnish(ctx, session); err != nil {
		return err
	}
	err = delivery.Deliver(ctx, session, messages)
	if refused := (*delivery.RefusedError)(nil); errors.As(err, &refused) {
		return nil
	}
	return err
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
