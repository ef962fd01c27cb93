package importer

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-mail/dragoman/cmd/dragoman/mailfile"
	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

// Run imports the messages at the paths. The summary counts what was done also when an error ended the run.
func Run(ctx context.Context, options Options, read mailfile.Options, paths []string) (*Summary, error) {
	options.applyDefaults()
	start := time.Now()
	summary := &Summary{}
	defer func() { summary.Elapsed = time.Since(start) }()
	account, ok := options.Session.MailAccount()
	if !ok {
		return summary, errors.New("the user has no mail account on this server")
	}
	r := &run{
		Options: options, ctx: ctx, account: account, summary: summary,
		seen: map[string]int{}, most: min(mostInBatch, options.Session.Limits().MaxObjectsInSet),
	}
	if err := r.prepare(); err != nil {
		return summary, err
	}
	if err := mailfile.Read(paths, read, r); err != nil {
		return summary, err
	}
	return summary, r.flush()
}

// run is an import under way. It is the mailfile.Visitor that collects batches and sends them.
type run struct {
	Options
	ctx     context.Context
	account proto.ID
	summary *Summary
	boxes   *mailboxes
	seen    map[string]int // how often the same octets came for the same mailbox
	state   string         // of the account's Emails, not newer than the last answer
	most    int            // messages in a batch
	batch   []*item
	octets  int64 // of the batch
	backoff backoff
	tell    sync.Mutex // held while Notice is called
}

// prepare learns the mailboxes and settles the batch that an earlier run left open.
func (r *run) prepare() error {
	r.backoff.patience, r.backoff.first = r.Patience, r.Pause
	boxes, err := loadMailboxes(r)
	if err != nil {
		return err
	}
	r.boxes = boxes
	if err := r.checkJournal(); err != nil {
		return err
	}
	if open := r.Journal.open; open != nil {
		found, err := r.settle(open)
		if err != nil {
			return err
		}
		return r.Journal.end(found)
	}
	return nil
}

// Ignored notes a file without mail.
func (r *run) Ignored(path, reason string) error {
	r.summary.Skipped.add(path, reason)
	return r.ctx.Err()
}

// Unreadable notes a file that could not be read.
func (r *run) Unreadable(path string, err error) error {
	r.summary.Failed.add(path, err.Error())
	return r.ctx.Err()
}

// Message adds a message to the batch, and sends the batch when it is full.
func (r *run) Message(m *mailfile.Message) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	if reason := r.unwanted(m); reason != "" {
		r.summary.Skipped.add(m.Where(), reason)
		r.Progress(m.FileSize)
		return nil
	}
	sum, size, err := digest(m)
	if err != nil {
		r.Progress(m.FileSize)
		return r.Unreadable(m.Where(), err)
	}
	path := r.target(m)
	r.seen[strings.Join(path, "/")+"\x00"+sum]++
	key := key(path, sum, r.seen[strings.Join(path, "/")+"\x00"+sum])
	switch _, done := r.Journal.done[key]; {
	case done:
		r.summary.Earlier++
		r.Progress(m.FileSize)
		return nil
	case size == 0:
		r.summary.Skipped.add(m.Where(), "the message is empty")
		r.Progress(m.FileSize)
		return nil
	}
	mailbox, err := r.boxes.ensure(path)
	if err != nil {
		return err
	}
	return r.add(&item{message: m, journaled: journaled{Key: key, SHA256: sum, Size: size, Mailbox: mailbox}})
}

func (r *run) unwanted(m *mailfile.Message) string {
	switch {
	case m.Internal:
		return "notes of a mail program, not a message"
	case m.Deleted && !r.Deleted:
		return "marked as deleted"
	}
	return ""
}

// target is the path of the mailbox that a message goes to.
func (r *run) target(m *mailfile.Message) []string {
	var path []string
	for name := range strings.SplitSeq(r.Mailbox, "/") {
		if name != "" {
			path = append(path, name)
		}
	}
	return append(path, m.Folder...)
}

func (r *run) add(it *item) error {
	if len(r.batch) > 0 && r.octets+it.Size > mostOctets {
		if err := r.flush(); err != nil {
			return err
		}
	}
	r.batch = append(r.batch, it)
	r.octets += it.Size
	if len(r.batch) >= r.most {
		return r.flush()
	}
	return nil
}

func (r *run) flush() error {
	batch := r.batch
	r.batch, r.octets = nil, 0
	for len(batch) > 0 {
		if err := r.upload(batch); err != nil {
			return err
		}
		var err error
		if batch, err = r.send(r.settled(batch)); err != nil {
			return err
		}
	}
	return nil
}

// settled reports the messages that were rejected and returns the others.
func (r *run) settled(batch []*item) []*item {
	var left []*item
	for _, it := range batch {
		if it.rejected == "" {
			left = append(left, it)
			continue
		}
		r.summary.Failed.add(it.message.Where(), it.rejected)
		r.Progress(it.message.FileSize)
	}
	return left
}
