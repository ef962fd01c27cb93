package importer

import (
	"errors"
	"fmt"
	"strings"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
)

// mailboxes knows the mailbox of each path, and makes those that are missing.
type mailboxes struct {
	run   *run
	inbox proto.ID
	byID  map[place]proto.ID
}

// place is a name below a parent, which is empty at the top.
type place struct {
	parent proto.ID
	name   string
}

func loadMailboxes(r *run) (*mailboxes, error) {
	b := &mailboxes{run: r}
	return b, b.reload()
}

func (b *mailboxes) reload() error {
	all, err := ask(b.run, &proto.MailboxGet{AccountID: b.run.account, Properties: []string{"id", "name", "parentId", "role"}})
	if err != nil {
		return err
	}
	b.inbox, b.byID = "", map[place]proto.ID{}
	for _, box := range all.List {
		at := place{name: box.Name}
		if box.ParentID != nil {
			at.parent = *box.ParentID
		}
		b.byID[at] = box.ID
		if box.Role != nil && *box.Role == "inbox" {
			b.inbox = box.ID
		}
	}
	return nil
}

// ensure returns the mailbox of a path. No path, and INBOX in any case, is the mailbox with the role inbox.
func (b *mailboxes) ensure(path []string) (proto.ID, error) {
	var at proto.ID
	if len(path) == 0 || strings.EqualFold(path[0], "INBOX") {
		if b.inbox == "" {
			return "", errors.New("the account has no inbox: name a mailbox with --mailbox")
		}
		at, path = b.inbox, path[min(1, len(path)):]
	}
	for i, name := range path {
		next, known := b.byID[place{at, name}]
		if !known {
			var err error
			if next, err = b.create(at, name); err != nil {
				return "", fmt.Errorf("creating mailbox %q: %w", strings.Join(path[:i+1], "/"), err)
			}
		}
		at = next
	}
	return at, nil
}

// create makes a mailbox. When the answer is lost, or the server says no, it may be there all the same.
func (b *mailboxes) create(parent proto.ID, name string) (proto.ID, error) {
	box := &proto.Mailbox{Name: name, IsSubscribed: true}
	if parent != "" {
		box.ParentID = &parent
	}
	for {
		response, err := jmapclient.Call(b.run.ctx, b.run.Session, &proto.MailboxSet{
			AccountID: b.run.account, Create: map[proto.ID]*proto.Mailbox{"new": box},
		})
		if err == nil {
			if made := response.Created["new"]; made != nil {
				b.byID[place{parent, name}] = made.ID
				return made.ID, nil
			}
			err = errors.New(describe(response.NotCreated["new"]))
		}
		if transient(err) {
			if err := b.run.wait(b.run.ctx, err); err != nil {
				return "", err
			}
		}
		if err := b.reload(); err != nil {
			return "", err
		}
		if id, there := b.byID[place{parent, name}]; there {
			return id, nil
		}
		if !transient(err) {
			return "", err
		}
	}
}
