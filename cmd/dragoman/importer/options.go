package importer

import (
	"time"

	jmapclient "github.com/dragoman-mail/dragoman/jmap"
)

// Defaults of Options.
const (
	DefaultPatience = 5 * time.Minute
	DefaultSettle   = 2 * time.Second
	DefaultPause    = 500 * time.Millisecond
)

const (
	mostInBatch = 100
	mostOctets  = 32 << 20 // in a batch of more than one message
	mostUploads = 4
	mostBackoff = 30 * time.Second
)

// Options say what to import where. Session and Journal are required.
type Options struct {
	Session *jmapclient.Session
	Journal *Journal
	// Mailbox is the path of the mailbox that mail goes to, names with slashes between; empty means the Inbox. Subfolders of a
	// Maildir become mailboxes below it or, when it is empty, at the top.
	Mailbox string
	// Deleted imports messages that are marked as deleted, too.
	Deleted bool
	// Patience is how long to go on trying while the server is unavailable or asks to wait; default DefaultPatience.
	Patience time.Duration
	// Settle is how long to wait for a batch to arrive whose answer was lost, before it is taken to be lost as well; default
	// DefaultSettle.
	Settle time.Duration
	// Pause is how long to wait after a first failure; it doubles with each further one. Default DefaultPause.
	Pause time.Duration
	// Progress, when not nil, is told how many octets of the files are done, each time a further part of them is.
	Progress func(octets int64)
	// Notice, when not nil, is told in a line what the user should know while the run goes on: that it waits for the server,
	// and why.
	Notice func(text string)
}

func (o *Options) applyDefaults() {
	if o.Patience <= 0 {
		o.Patience = DefaultPatience
	}
	if o.Settle <= 0 {
		o.Settle = DefaultSettle
	}
	if o.Pause <= 0 {
		o.Pause = DefaultPause
	}
	if o.Progress == nil {
		o.Progress = func(int64) {}
	}
	if o.Notice == nil {
		o.Notice = func(string) {}
	}
}
