package mailbox

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
)

// Session is what the replica needs of a logged-in JMAP session. *jmapclient.Session is one.
type Session interface {
	Do(ctx context.Context, request *jmap.Request) (*jmap.Response, error)
	Limits() jmapclient.Limits
	Info() *jmap.Session
}

// Watcher is a Session that can tell of changes as they happen. *jmapclient.Session is one.
type Watcher interface {
	Watch(ctx context.Context, options jmapclient.WatchOptions, handle func(jmapclient.Event)) error
}

var (
	_ Session = (*jmapclient.Session)(nil)
	_ Watcher = (*jmapclient.Session)(nil)
)
