package delivery

import (
	"context"
	"errors"
	"fmt"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
)

// furniture is what an account of the embedded store has from the start, beside its inbox.
var furniture = []struct{ name, role string }{
	{"Drafts", "drafts"}, {"Sent", "sent"}, {"Archive", "archive"}, {"Junk", "junk"}, {"Trash", "trash"},
}

// Furnish gives a new account of any JMAP server the mailboxes with which an account of the embedded store begins, all of them
// subscribed, so that a session in one can be held against the same session in the other.
func Furnish(ctx context.Context, session *jmapclient.Session) error {
	account, ok := session.MailAccount()
	if !ok {
		return errors.New("furnishing an account: the user has no mail account")
	}
	found, err := jmapclient.Call(ctx, session, &jmap.MailboxGet{AccountID: account})
	if err != nil {
		return fmt.Errorf("furnishing an account: %w", err)
	}
	set := &jmap.MailboxSet{AccountID: account, Create: map[jmap.ID]*jmap.Mailbox{}, Update: map[jmap.ID]*jmap.MailboxPatch{}}
	have := map[string]bool{}
	for _, box := range found.List {
		set.Update[box.ID] = jmap.NewMailboxPatch().SetIsSubscribed(true)
		if box.Role != nil {
			have[string(*box.Role)] = true
		}
	}
	for _, f := range furniture {
		if role := f.role; !have[role] {
			set.Create[jmap.ID(f.role)] = &jmap.Mailbox{Name: f.name, Role: &role, IsSubscribed: true}
		}
	}
	made, err := jmapclient.Call(ctx, session, set)
	if err != nil {
		return fmt.Errorf("furnishing an account: %w", err)
	}
	for role, refused := range made.NotCreated {
		return fmt.Errorf("furnishing an account: the server refused the mailbox for %s: %w", role, refused)
	}
	for id, refused := range made.NotUpdated {
		return fmt.Errorf("furnishing an account: the server refused to subscribe mailbox %s: %w", id, refused)
	}
	return nil
}
