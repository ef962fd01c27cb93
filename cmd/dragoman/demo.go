package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/testdata/mail"
)

// demoMarker is a file that says that the sample mail was delivered: it must not come back after somebody has deleted it.
const demoMarker = "demo-mail-delivered"

// fillDemo puts sample mail into the account demo, once. An account of that name with another password
// belongs to somebody and is left alone.
func (b *backend) fillDemo(ctx context.Context, data string) error {
	session, err := b.client.Login(ctx, jmap.Credentials{User: demo, Password: demo})
	if errors.Is(err, jmap.ErrUnauthorized) {
		return nil
	}
	if err != nil {
		return err
	}
	b.demo = true
	marker := filepath.Join(data, demoMarker)
	if _, err := os.Stat(marker); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	d := delivery{ctx: ctx, session: session}
	if err := d.run(); err != nil {
		return fmt.Errorf("delivering the sample mail: %w", err)
	}
	return os.WriteFile(marker, nil, 0o600)
}

// delivery brings the sample mail into an account.
type delivery struct {
	ctx     context.Context
	session *jmap.Session
	account proto.ID
	boxes   map[string]proto.ID // by path
}

func (d *delivery) run() error {
	samples, err := mail.Samples()
	if err != nil {
		return err
	}
	var there bool
	if d.account, there = d.session.MailAccount(); !there {
		return errors.New("no mail account")
	}
	if err := d.load(); err != nil {
		return err
	}
	// One call for all of it: either all of it was there when the marker was not written, or none.
	call := &proto.EmailImport{AccountID: d.account, Emails: map[proto.ID]*proto.EmailImportObject{}}
	for i, sample := range samples {
		object, err := d.upload(sample)
		if err != nil {
			return fmt.Errorf("%s: %w", sample.File, err)
		}
		call.Emails[proto.ID(fmt.Sprintf("m%03d", i))] = object
	}
	if full, err := d.full(); full || err != nil {
		return err
	}
	response, err := jmapCall(d.ctx, d.session, call)
	if err != nil {
		return err
	}
	for id, refusal := range response.NotCreated {
		return fmt.Errorf("%s: %s %s", id, refusal.Type, refusal.Description)
	}
	return nil
}

// full tells whether the account has mail.
func (d *delivery) full() (bool, error) {
	limit := uint64(1)
	response, err := jmapCall(d.ctx, d.session, &proto.EmailQuery{AccountID: d.account, Limit: &limit})
	return err == nil && len(response.IDs) > 0, err
}

func (d *delivery) upload(sample mail.Sample) (*proto.EmailImportObject, error) {
	box, err := d.mailbox(sample.Mailbox)
	if err != nil {
		return nil, err
	}
	blob, err := d.session.Upload(d.ctx, d.account, "message/rfc822", bytes.NewReader(sample.Octets), int64(len(sample.Octets)))
	if err != nil {
		return nil, err
	}
	object := &proto.EmailImportObject{
		BlobID: blob.BlobID, MailboxIDs: map[proto.ID]bool{box: true}, Keywords: map[string]bool{},
		ReceivedAt: proto.NewUTCDate(sample.Date),
	}
	for _, flag := range sample.Flags {
		// System flags have JMAP keywords of the same name (RFC 8621 section 4.1.1).
		object.Keywords[strings.ToLower(strings.Replace(flag, `\`, "$", 1))] = true
	}
	return object, nil
}

func (d *delivery) load() error {
	all, err := jmapCall(d.ctx, d.session, &proto.MailboxGet{AccountID: d.account})
	if err != nil {
		return err
	}
	byID := map[proto.ID]*proto.Mailbox{}
	for _, box := range all.List {
		byID[box.ID] = box
	}
	d.boxes = map[string]proto.ID{}
	for _, box := range all.List {
		path := box.Name
		for above := box; above.ParentID != nil && byID[*above.ParentID] != nil; {
			above = byID[*above.ParentID]
			path = above.Name + "/" + path
		}
		d.boxes[path] = box.ID
		if box.Role != nil && *box.Role == "inbox" {
			d.boxes["INBOX"] = box.ID
		}
	}
	return nil
}

// mailbox returns the mailbox of a path, and makes it and those above it when they are missing.
func (d *delivery) mailbox(path string) (proto.ID, error) {
	if id, ok := d.boxes[path]; ok {
		return id, nil
	}
	box := &proto.Mailbox{Name: path, IsSubscribed: true}
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		parent, err := d.mailbox(path[:i])
		if err != nil {
			return "", err
		}
		box.ParentID, box.Name = &parent, path[i+1:]
	}
	response, err := jmapCall(d.ctx, d.session, &proto.MailboxSet{AccountID: d.account, Create: map[proto.ID]*proto.Mailbox{"new": box}})
	if err != nil {
		return "", err
	}
	made := response.Created["new"]
	if made == nil {
		return "", fmt.Errorf("creating mailbox %s: %s", path, response.NotCreated["new"].Type)
	}
	d.boxes[path] = made.ID
	return made.ID, nil
}

// jmapCall makes one method call.
func jmapCall[R any](ctx context.Context, session *jmap.Session, call interface {
	proto.Method
	NewResponse() *R
}) (*R, error) {
	var request proto.Request
	handle := proto.Add(&request, call)
	response, err := session.Do(ctx, &request)
	if err != nil {
		return nil, err
	}
	return handle.Response(response)
}
