// Package delivery puts messages into the mailboxes of a JMAP account that the
// program has just made: the sample mail, and what transcripts begin with.
package delivery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
)

// Message is a message and where it goes.
type Message struct {
	Mailbox  string // path with slashes; INBOX is the mailbox of that role
	Flags    []string
	Received time.Time
	Octets   []byte
}

// systemKeywords are the JMAP names of IMAP's system flags (RFC 8621 section 4.1.1).
var systemKeywords = map[string]string{
	`\seen`: "$seen", `\answered`: "$answered", `\flagged`: "$flagged", `\draft`: "$draft",
}

// delivery is one call of Deliver.
type delivery struct {
	session *jmapclient.Session
	account jmap.ID
	boxes   map[string]jmap.ID // by path
}

// Deliver makes the mailboxes that are missing and imports the messages in one
// call: all of them are there then, or none, save those of a *RefusedError.
func Deliver(ctx context.Context, session *jmapclient.Session, messages []Message) error {
	if len(messages) == 0 {
		return nil
	}
	account, ok := session.MailAccount()
	if !ok {
		return errors.New("delivering mail: the user has no mail account")
	}
	d := &delivery{session: session, account: account}
	if err := d.load(ctx); err != nil {
		return fmt.Errorf("delivering mail: %w", err)
	}
	emails := map[jmap.ID]*jmap.EmailImportObject{}
	for i, m := range messages {
		email, err := d.upload(ctx, m)
		if err != nil {
			return fmt.Errorf("delivering message %d to %s: %w", i+1, m.Mailbox, err)
		}
		emails[jmap.ID(fmt.Sprintf("m%d", i+1))] = email
	}
	response, err := jmapclient.Call(ctx, d.session, &jmap.EmailImport{AccountID: d.account, Emails: emails})
	if err != nil {
		return fmt.Errorf("delivering mail: %w", err)
	}
	if len(response.NotCreated) > 0 {
		return &RefusedError{NotCreated: response.NotCreated}
	}
	return nil
}

// RefusedError says that the server did not take some messages, "m1" being the first one. It has the others.
type RefusedError struct {
	NotCreated map[jmap.ID]jmap.SetError
}

func (e *RefusedError) Error() string {
	first := slices.Min(slices.Collect(maps.Keys(e.NotCreated)))
	return fmt.Sprintf("delivering mail: the server refused %d messages; %s: %s", len(e.NotCreated), first, e.NotCreated[first].Type)
}

func (d *delivery) load(ctx context.Context) error {
	response, err := jmapclient.Call(ctx, d.session, &jmap.MailboxGet{AccountID: d.account})
	if err != nil {
		return err
	}
	byID := map[jmap.ID]*jmap.Mailbox{}
	for _, box := range response.List {
		byID[box.ID] = box
	}
	d.boxes = map[string]jmap.ID{}
	for _, box := range response.List {
		d.boxes[path(byID, box)] = box.ID
	}
	return nil
}

func path(byID map[jmap.ID]*jmap.Mailbox, box *jmap.Mailbox) string {
	switch {
	case box.Role != nil && *box.Role == "inbox":
		return "INBOX"
	case box.ParentID != nil && byID[*box.ParentID] != nil:
		return path(byID, byID[*box.ParentID]) + "/" + box.Name
	default:
		return box.Name
	}
}

// mailbox finds a mailbox by its path, or makes it with its parents.
func (d *delivery) mailbox(ctx context.Context, name string) (jmap.ID, error) {
	if id, ok := d.boxes[name]; ok {
		return id, nil
	}
	box := &jmap.Mailbox{Name: name, IsSubscribed: true}
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		parent, err := d.mailbox(ctx, name[:i])
		if err != nil {
			return "", err
		}
		box.Name, box.ParentID = name[i+1:], &parent
	}
	response, err := jmapclient.Call(ctx, d.session, &jmap.MailboxSet{AccountID: d.account, Create: map[jmap.ID]*jmap.Mailbox{"new": box}})
	if err != nil {
		return "", err
	}
	created := response.Created["new"]
	if created == nil {
		return "", fmt.Errorf("creating mailbox %s: %s", name, response.NotCreated["new"].Type)
	}
	d.boxes[name] = created.ID
	return created.ID, nil
}

func (d *delivery) upload(ctx context.Context, m Message) (*jmap.EmailImportObject, error) {
	box, err := d.mailbox(ctx, m.Mailbox)
	if err != nil {
		return nil, err
	}
	blob, err := d.session.Upload(ctx, d.account, "message/rfc822", bytes.NewReader(m.Octets), int64(len(m.Octets)))
	if err != nil {
		return nil, err
	}
	return &jmap.EmailImportObject{
		BlobID:     blob.BlobID,
		MailboxIDs: map[jmap.ID]bool{box: true},
		Keywords:   keywords(m.Flags),
		ReceivedAt: jmap.NewUTCDate(m.Received),
	}, nil
}

func keywords(flags []string) map[string]bool {
	set := map[string]bool{}
	for _, flag := range flags {
		keyword := strings.ToLower(flag)
		if system, ok := systemKeywords[keyword]; ok {
			keyword = system
		}
		set[keyword] = true
	}
	return set
}
