package mailbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/server/mailbox/name"
)

// setMailboxes sends one Mailbox/set, and reads the mailboxes with the ids in reread whatever the server's changes say of them.
func (a *Account) setMailboxes(ctx context.Context, set *jmap.MailboxSet, reread ...jmap.ID) (*jmap.MailboxSetResponse, error) {
	set.AccountID = a.ID()
	var call jmap.Call[jmap.MailboxSetResponse]
	var again jmap.Call[jmap.MailboxGetResponse]
	var answer *jmap.MailboxSetResponse
	err := write{
		account: a,
		boxes:   true,
		ask: func(q *jmap.Request) {
			call = jmap.Add(q, set)
			if len(reread) > 0 {
				again = jmap.Add(q, &jmap.MailboxGet{AccountID: a.ID(), IDs: reread})
			}
		},
		outcome: func(p *jmap.Response, b *batch) (err error) {
			if answer, err = call.Response(p); err != nil {
				return writeError(err)
			}
			if len(reread) > 0 {
				got, err := again.Response(p)
				if err != nil {
					return mapError(err)
				}
				b.extra, err = mailboxesOf(got.List)
				return err
			}
			return nil
		},
	}.run(ctx)
	return answer, err
}

// decide looks at the tree of mailboxes for what a command shall do. Where that finds names taken, missing or with children, it looks
// again after a sync, unless the replica is in step: the tree may be old.
func (a *Account) decide(ctx context.Context, look func(*tree) error) error {
	t := a.replica.tree.Load()
	if len(t.nodes) > 0 {
		err := look(t)
		if !dependsOnNames(err) || a.replica.inStep() {
			return err
		}
	}
	if err := a.Sync(ctx); err != nil {
		return err
	}
	return look(a.replica.tree.Load())
}

func dependsOnNames(err error) bool {
	return errors.Is(err, ErrNoSuchMailbox) || errors.Is(err, ErrExists) || errors.Is(err, ErrHasChildren)
}

// parts splits a path for making mailboxes of it.
func (t *tree) parts(path string) ([]string, error) {
	list := strings.Split(t.resolve(path), Delimiter)
	for _, part := range list {
		if strings.TrimSpace(name.Unescape(part)) == "" {
			return nil, fmt.Errorf("%w: %q", ErrEmptyLevel, path)
		}
	}
	return list, nil
}

// chain is what has to be created for a mailbox with all its parents.
type chain struct {
	create map[jmap.ID]*jmap.Mailbox
	last   jmap.ID  // the creation id of the mailbox itself
	parent *jmap.ID // where the first one is created
}

// chainTo works out what is missing on the way to a path.
func (t *tree) chainTo(list []string) chain {
	have := 0
	var parent *jmap.ID
	for path := []byte(nil); have < len(list); have++ {
		path = append(path, list[have]...)
		n, ok := t.byPath[string(path)]
		if !ok {
			break
		}
		parent = &n.box.id
		path = append(path, Delimiter...)
	}
	c := chain{create: map[jmap.ID]*jmap.Mailbox{}, parent: parent}
	for i := have; i < len(list); i++ {
		c.last = creationID(i)
		c.create[c.last] = &jmap.Mailbox{Name: norm.NFC.String(name.Unescape(list[i])), ParentID: parent, IsSubscribed: true}
		reference := "#" + c.last
		parent = &reference
	}
	return c
}

// unlessSeen runs a change of mailboxes. Where the server does not confirm it, it counts as done once the replica shows it, and is tried
// once more while not: by name or id, nothing is done twice.
func unlessSeen(change func() error, seen func() bool) error {
	err := change()
	for try := 1; try < unsureTries && errors.Is(err, errUnsure) && !seen(); try++ {
		err = change()
		if err != nil && seen() {
			return nil
		}
	}
	if errors.Is(err, errUnsure) && seen() {
		return nil
	}
	return err
}

// Create makes a mailbox, and its parents where they are missing (RFC 9051 section 6.3.4).
func (a *Account) Create(ctx context.Context, path string) (*Box, error) {
	var box *Box
	err := unlessSeen(func() (err error) {
		box, err = a.create(ctx, path)
		return err
	}, func() (there bool) {
		box, there = a.ByPath(path)
		return there
	})
	return box, err
}

func (a *Account) create(ctx context.Context, path string) (*Box, error) {
	var c chain
	err := a.decide(ctx, func(t *tree) error {
		list, err := t.parts(path)
		if err != nil {
			return err
		}
		if _, ok := t.find(path); ok {
			return fmt.Errorf("%w: %s", ErrExists, path)
		}
		c = t.chainTo(list)
		return nil
	})
	if err != nil {
		return nil, err
	}
	answer, err := a.setMailboxes(ctx, &jmap.MailboxSet{Create: c.create})
	if err != nil {
		return nil, err
	}
	for key := range c.create {
		if err := setOutcome(answer.Created, answer.NotCreated, key); err != nil {
			return nil, err
		}
	}
	return a.made(ctx, answer.Created[c.last])
}

// made returns a mailbox that was created, asking for all where the server's changes do not tell of it.
func (a *Account) made(ctx context.Context, created *jmap.Mailbox) (*Box, error) {
	if created == nil {
		return nil, fmt.Errorf("%w: the server did not say what it created", ErrUnavailable)
	}
	if box, ok := a.ByID(created.ID); ok {
		return box, nil
	}
	if err := a.SyncSubscriptions(ctx); err != nil {
		return nil, err
	}
	if box, ok := a.ByID(created.ID); ok {
		return box, nil
	}
	return nil, fmt.Errorf("%w: the mailbox that was created is not there", ErrUnavailable)
}

// Delete destroys a mailbox with the messages that are in no other (RFC 9051 section 6.3.5).
func (a *Account) Delete(ctx context.Context, path string) error {
	var id jmap.ID
	err := a.decide(ctx, func(t *tree) error {
		n, ok := t.find(path)
		switch {
		case !ok:
			return fmt.Errorf("%w: %s", ErrNoSuchMailbox, path)
		case n.path == Inbox:
			return ErrInboxStays
		case n.children:
			return fmt.Errorf("%w: %s", ErrHasChildren, path)
		}
		id = n.box.id
		return nil
	})
	if err != nil {
		return err
	}
	gone := func() bool {
		_, still := a.ByID(id)
		return !still
	}
	err = unlessSeen(func() error { return a.destroy(ctx, id) }, gone)
	if err == nil && !gone() {
		err = a.SyncSubscriptions(ctx)
	}
	if err == nil && !gone() {
		err = fmt.Errorf("%w: the mailbox that was destroyed is still there", ErrUnavailable)
	}
	return err
}

// destroyAgain is how long to wait before a mailbox is destroyed again that the server failed to destroy. Cyrus keeps what was destroyed under its
// name and the second, and fails where that is taken: when a mailbox was deleted, created and deleted again.
const destroyAgain = 1100 * time.Millisecond

// destroy destroys a mailbox, at the second attempt if need be.
func (a *Account) destroy(ctx context.Context, id jmap.ID) error {
	err := a.destroyOnce(ctx, id)
	if !errors.Is(err, ErrFailed) {
		return err
	}
	select {
	case <-time.After(destroyAgain):
		return a.destroyOnce(ctx, id)
	case <-ctx.Done():
		return err
	}
}

func (a *Account) destroyOnce(ctx context.Context, id jmap.ID) error {
	answer, err := a.setMailboxes(ctx, &jmap.MailboxSet{Destroy: []jmap.ID{id}, OnDestroyRemoveEmails: true})
	if err != nil {
		return err
	}
	if failure, ok := answer.NotDestroyed[id]; ok && failure.Type != jmap.SetErrorNotFound {
		return mapSetError(failure)
	}
	return nil
}

// Subscribe sets or clears isSubscribed, whatever the replica has: servers do not report its changes.
func (a *Account) Subscribe(ctx context.Context, path string, on bool) error {
	var id jmap.ID
	err := a.decide(ctx, func(t *tree) error {
		n, ok := t.find(path)
		if !ok {
			return fmt.Errorf("%w: %s", ErrNoSuchMailbox, path)
		}
		id = n.box.id
		return nil
	})
	if err != nil {
		return err
	}
	return unlessSeen(func() error {
		return a.patchMailbox(ctx, id, jmap.NewMailboxPatch().SetIsSubscribed(on))
	}, func() bool {
		box, there := a.ByID(id)
		return there && box.Subscribed == on
	})
}

func (a *Account) patchMailbox(ctx context.Context, id jmap.ID, patch *jmap.MailboxPatch) error {
	answer, err := a.setMailboxes(ctx, &jmap.MailboxSet{Update: map[jmap.ID]*jmap.MailboxPatch{id: patch}}, id)
	if err != nil {
		return err
	}
	return updateOutcome(answer, id)
}

// updateOutcome returns what became of the update of a mailbox.
func updateOutcome(answer *jmap.MailboxSetResponse, id jmap.ID) error {
	if answer.NotUpdated[id].Type == jmap.SetErrorNotFound {
		return ErrNoSuchMailbox
	}
	return setOutcome(answer.Updated, answer.NotUpdated, id)
}
