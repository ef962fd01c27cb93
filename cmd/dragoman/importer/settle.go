package importer

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
)

// settle finds out which messages of a batch without an answer are on the server. When some are missing it looks once more after
// a while, because the server may still be at work on the batch.
func (r *run) settle(batch *intent) (map[string]proto.ID, error) {
	found, err := r.find(batch)
	if err != nil || len(found) == len(batch.Items) {
		return found, err
	}
	if err := sleep(r.ctx, r.Settle); err != nil {
		return nil, err
	}
	return r.find(batch)
}

func (r *run) find(batch *intent) (map[string]proto.ID, error) {
	ids, err := r.cameSince(batch)
	if err != nil {
		return nil, err
	}
	emails, err := r.describe(ids)
	if err != nil {
		return nil, err
	}
	found := map[string]proto.ID{}
	claimed := map[proto.ID]bool{}
	for _, same := range []func(*proto.Email, *journaled) (bool, error){sameBlob, r.sameOctets} {
		for _, item := range batch.Items {
			if _, done := found[item.Key]; done {
				continue
			}
			for _, email := range emails {
				if claimed[email.ID] || r.Journal.emails[email.ID] || !email.MailboxIDs[item.Mailbox] {
					continue
				}
				matches, err := same(email, item)
				if err != nil {
					return nil, err
				}
				if matches {
					found[item.Key], claimed[email.ID] = email.ID, true
					break
				}
			}
		}
	}
	return found, nil
}

func sameBlob(email *proto.Email, item *journaled) (bool, error) {
	return email.BlobID == item.Blob, nil
}

// sameOctets downloads a message of the same size and compares it.
func (r *run) sameOctets(email *proto.Email, item *journaled) (bool, error) {
	if email.Size != uint64(item.Size) {
		return false, nil
	}
	for {
		sum, err := r.download(email.BlobID)
		switch {
		case err == nil:
			return sum == item.SHA256, nil
		case errors.Is(err, jmapclient.ErrNotFound):
			return false, nil
		case !transient(err):
			return false, err
		}
		if err := r.wait(r.ctx, err); err != nil {
			return false, err
		}
	}
}

func (r *run) download(blob proto.ID) (sum string, err error) {
	content, _, err := r.Session.Download(r.ctx, r.account, blob, "message/rfc822", "message.eml")
	if err != nil {
		return "", err
	}
	defer content.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, content); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// cameSince returns the Emails that were created or changed since the state of a batch or, when the server cannot tell, all in its
// mailboxes.
func (r *run) cameSince(batch *intent) ([]proto.ID, error) {
	var ids []proto.ID
	for state := batch.State; ; {
		changes, err := ask(r, &proto.EmailChanges{AccountID: r.account, SinceState: state})
		var method *proto.MethodError
		if errors.As(err, &method) {
			return r.inMailboxes(batch)
		}
		if err != nil {
			return nil, err
		}
		ids = append(append(ids, changes.Created...), changes.Updated...)
		if !changes.HasMoreChanges {
			return ids, nil
		}
		if changes.NewState == state {
			return r.inMailboxes(batch)
		}
		state = changes.NewState
	}
}

func (r *run) inMailboxes(batch *intent) ([]proto.ID, error) {
	var all []proto.ID
	seen := map[proto.ID]bool{}
	for _, item := range batch.Items {
		if seen[item.Mailbox] {
			continue
		}
		seen[item.Mailbox] = true
		ids, err := r.inMailbox(item.Mailbox)
		if err != nil {
			return nil, err
		}
		all = append(all, ids...)
	}
	return all, nil
}

// inMailbox goes on until nothing comes: servers cap how many ids they return.
func (r *run) inMailbox(mailbox proto.ID) (ids []proto.ID, err error) {
	for {
		page, err := ask(r, &proto.EmailQuery{
			AccountID: r.account, Position: int64(len(ids)),
			Filter: &proto.EmailFilterCondition{InMailbox: mailbox},
		})
		if err != nil || len(page.IDs) == 0 {
			return ids, err
		}
		ids = append(ids, page.IDs...)
	}
}

// describe fetches what find compares. An Email that is gone again is left out.
func (r *run) describe(ids []proto.ID) ([]*proto.Email, error) {
	most := min(500, r.Session.Limits().MaxObjectsInGet)
	var emails []*proto.Email
	for len(ids) > 0 {
		n := min(most, len(ids))
		page, err := ask(r, &proto.EmailGet{
			AccountID: r.account, IDs: ids[:n], Properties: []string{"id", "blobId", "mailboxIds", "size"},
		})
		if err != nil {
			return nil, err
		}
		emails = append(emails, page.List...)
		ids = ids[n:]
	}
	return emails, nil
}

// checkJournal makes sure that the journal and the server are about the same store. When nothing of what was imported
// is there, the store is another one, or somebody took everything out again: then the journal has nothing to say.
func (r *run) checkJournal() error {
	var sample []proto.ID
	for id := range r.Journal.emails {
		if sample = append(sample, id); len(sample) == min(500, r.Session.Limits().MaxObjectsInGet) {
			break
		}
	}
	if len(sample) == 0 {
		return nil
	}
	there, err := ask(r, &proto.EmailGet{AccountID: r.account, IDs: sample, Properties: []string{"id"}})
	if err != nil || len(there.List) > 0 {
		return err
	}
	r.Notice(fmt.Sprintf("the server has none of the %d messages that the journal has: starting from the beginning", len(r.Journal.done)))
	return r.Journal.forget()
}
