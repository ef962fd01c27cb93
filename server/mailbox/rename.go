package mailbox

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/server/mailbox/name"
)

// Rename renames or moves a mailbox with its children, making missing parents (RFC 9051 section 6.3.6).
// Renaming INBOX moves its messages to a new mailbox.
func (a *Account) Rename(ctx context.Context, from, to string) error {
	var r renaming
	err := a.decide(ctx, func(t *tree) (err error) {
		r, err = t.renaming(from, to)
		return err
	})
	if err != nil {
		return err
	}
	if r.node.path == Inbox {
		return a.renameInbox(ctx, r.node, to)
	}
	target := strings.Join(r.list, Delimiter)
	return unlessSeen(func() error { return a.relocate(ctx, r) }, func() bool {
		r.tree = a.replica.tree.Load() // the parents may be there by now
		n, there := r.tree.find(target)
		return there && n.box == r.node.box
	})
}

// renaming is a RENAME that is possible.
type renaming struct {
	tree *tree
	node *node
	list []string // the parts of the new path
}

func (t *tree) renaming(from, to string) (renaming, error) {
	n, ok := t.find(from)
	if !ok {
		return renaming{}, fmt.Errorf("%w: %s", ErrNoSuchMailbox, from)
	}
	list, err := t.parts(to)
	if err != nil {
		return renaming{}, err
	}
	target := strings.Join(list, Delimiter)
	if _, taken := t.find(target); taken {
		return renaming{}, fmt.Errorf("%w: %s", ErrExists, to)
	}
	// A mailbox under itself is a cycle that servers are known not to survive.
	if n.path != Inbox && strings.HasPrefix(target, n.path+Delimiter) {
		return renaming{}, fmt.Errorf("%w: %s is in %s", ErrIntoItself, to, from)
	}
	return renaming{t, n, list}, nil
}

// relocate gives a mailbox another name and parent, and makes the parents that are missing in the same call.
func (a *Account) relocate(ctx context.Context, r renaming) error {
	n, list := r.node, r.list
	patch := jmap.NewMailboxPatch()
	last := len(list) - 1
	if plain := norm.NFC.String(name.Unescape(list[last])); plain != n.record.Name {
		patch.SetName(plain)
	}
	c := chain{}
	if last > 0 {
		c = r.tree.chainTo(list[:last])
	}
	parent := c.parent
	if c.last != "" {
		reference := "#" + c.last
		parent = &reference
	}
	if was := jmap.ID(n.record.ParentID); parent == nil && was != "" || parent != nil && *parent != was {
		patch.SetParentID(parent)
	}
	id := n.box.id
	set := &jmap.MailboxSet{Create: c.create, Update: map[jmap.ID]*jmap.MailboxPatch{id: patch}}
	answer, err := a.setMailboxes(ctx, set, id)
	if err != nil {
		return err
	}
	for key := range c.create {
		if err := setOutcome(answer.Created, answer.NotCreated, key); err != nil {
			return err
		}
	}
	return updateOutcome(answer, id)
}

// renameInbox makes a new mailbox and moves the messages of INBOX there; INBOX stays, and so do mailboxes under it.
func (a *Account) renameInbox(ctx context.Context, inbox *node, to string) error {
	target, err := a.Create(ctx, to)
	if err != nil {
		return err
	}
	view, err := a.Select(ctx, a.replica.info(inbox), false)
	if err != nil {
		return err
	}
	defer view.Close()
	seqs := make([]uint32, view.Len())
	for i := range seqs {
		seqs[i] = uint32(i) + 1
	}
	result, err := a.Move(ctx, view, seqs, target)
	if err != nil {
		return err
	}
	var failed error
	for _, f := range result.Failed {
		failed = errors.Join(failed, f.Err)
	}
	return failed
}
