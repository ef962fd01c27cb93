package probe

import (
	"context"
	"errors"
	"fmt"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

// update changes the imported Email.
func (p *prober) update(ctx context.Context, ifInState *string, patch *proto.EmailPatch) error {
	answer, err := call(ctx, p, &proto.EmailSet{
		AccountID: p.account, IfInState: ifInState, Update: map[proto.ID]*proto.EmailPatch{p.email.ID: patch},
	})
	if err != nil {
		return err
	}
	if failure, ok := answer.NotUpdated[p.email.ID]; ok {
		return setError("Email/set", failure)
	}
	if _, ok := answer.Updated[p.email.ID]; !ok {
		return errors.New("Email/set: neither updated nor refused")
	}
	return nil
}

func (p *prober) keywords(ctx context.Context) (string, error) {
	patch := proto.NewEmailPatch().SetKeyword("$answered", true).SetKeyword("$flagged", false)
	if err := p.update(ctx, nil, patch); err != nil {
		return "", err
	}
	email, err := p.there(ctx)
	if err != nil {
		return "", err
	}
	if !email.Keywords["$answered"] || email.Keywords["$flagged"] || !email.Keywords["$seen"] {
		return "", fmt.Errorf("Email/set: $answered was added and $flagged removed, then there was %s", list(email.Keywords))
	}
	return "one added, one removed", nil
}

// stateTries is how often a change with ifInState is tried: whoever else uses the account moves the state on.
const stateTries = 5

func (p *prober) ifInState(ctx context.Context) (string, error) {
	old := p.emailState // before the import
	err := p.update(ctx, &old, proto.NewEmailPatch().SetKeyword("dragoman-probe-old", true))
	if err == nil {
		return "", errors.New("Email/set: done though the state was another one")
	}
	if !stateMismatch(err) {
		return "", err
	}
	for range stateTries {
		state, err := p.emailsState(ctx)
		if err != nil {
			return "", err
		}
		err = p.update(ctx, &state, proto.NewEmailPatch().SetKeyword("dragoman-probe-new", true))
		if err == nil {
			return "respected", nil
		}
		if !stateMismatch(err) {
			return "", err
		}
	}
	return "", broken(Degraded, "Email/set: stateMismatch with the current state, too", "EXPUNGE fails")
}

func stateMismatch(err error) bool {
	var failure *proto.MethodError
	return errors.As(err, &failure) && failure.Type == proto.MethodErrorStateMismatch
}

func (p *prober) copyEmail(ctx context.Context) (string, error) {
	if p.copy == "" {
		return "", skipped("there is no second mailbox")
	}
	if err := p.update(ctx, nil, proto.NewEmailPatch().SetMailbox(p.copy, true)); err != nil {
		return "", err
	}
	return "one mailbox added", p.in(ctx, p.scratch, p.copy)
}

// moveEmail takes care to leave a mailbox: some servers destroy a message that has none.
func (p *prober) moveEmail(ctx context.Context) (string, error) {
	if p.copy == "" {
		return "", skipped("there is no second mailbox")
	}
	if err := p.update(ctx, nil, proto.NewEmailPatch().SetMailbox(p.copy, true).SetMailbox(p.scratch, false)); err != nil {
		return "", err
	}
	return "one mailbox added, one removed", p.in(ctx, p.copy)
}

// in checks that the Email is in these mailboxes and no others.
func (p *prober) in(ctx context.Context, boxes ...proto.ID) error {
	email, err := p.there(ctx)
	if err != nil {
		return err
	}
	right := len(email.MailboxIDs) == len(boxes)
	for _, box := range boxes {
		right = right && email.MailboxIDs[box]
	}
	if !right {
		return fmt.Errorf("Email/set: updated, but the message is in %s and not in %v", list(email.MailboxIDs), boxes)
	}
	return nil
}

func (p *prober) destroyEmail(ctx context.Context) (string, error) {
	answer, err := call(ctx, p, &proto.EmailSet{AccountID: p.account, Destroy: []proto.ID{p.email.ID}})
	if err != nil {
		return "", err
	}
	if failure, ok := answer.NotDestroyed[p.email.ID]; ok {
		return "", setError("Email/set", failure)
	}
	email, err := p.get(ctx)
	if err == nil && email != nil {
		err = errors.New("Email/set: the message is still there")
	}
	return "gone", err
}
