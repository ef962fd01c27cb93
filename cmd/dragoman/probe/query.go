package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

func (p *prober) state(ctx context.Context) (string, error) {
	state, err := p.emailsState(ctx)
	if err == nil {
		p.emailState = state
	}
	return state, err
}

// emailsState asks as the gateway does: for no Email at all.
func (p *prober) emailsState(ctx context.Context) (string, error) {
	got, err := call(ctx, p, &proto.EmailGet{AccountID: p.account, IDs: []proto.ID{}, Properties: []string{"id"}})
	if err != nil {
		return "", err
	}
	if got.State == "" {
		return "", errors.New("Email/get: no state")
	}
	return got.State, nil
}

// where is the mailbox to list: the scratch mailbox, or INBOX.
func (p *prober) where() (proto.ID, error) {
	switch {
	case p.scratch != "":
		return p.scratch, nil
	case p.inbox != "":
		return p.inbox, nil
	}
	return "", skipped("there is no mailbox to list")
}

var few = uint64(10)

func (p *prober) query(ctx context.Context) (string, error) {
	box, err := p.where()
	if err != nil {
		return "", err
	}
	got, err := call(ctx, p, &proto.EmailQuery{AccountID: p.account, Filter: &proto.EmailFilterCondition{InMailbox: box}, Limit: &few})
	if err != nil {
		return "", err
	}
	if p.email != nil && !slices.Contains(got.IDs, p.email.ID) {
		return "", broken(Degraded, fmt.Sprintf("Email/query: the message that was imported is not among the %d found", len(got.IDs)),
			"the first SELECT of a mailbox may miss messages for a while")
	}
	return fmt.Sprintf("%d found", len(got.IDs)), nil
}

func (p *prober) references(ctx context.Context) (string, error) {
	box, err := p.where()
	if err != nil {
		return "", err
	}
	var request proto.Request
	query := proto.Add(&request, &proto.EmailQuery{AccountID: p.account, Filter: &proto.EmailFilterCondition{InMailbox: box}, Limit: &few})
	get := proto.Add(&request, &proto.EmailGet{AccountID: p.account, IDsRef: query.Ref("/ids"), Properties: asked.Names()})
	response, err := p.session.Do(ctx, &request)
	if err != nil {
		return "", err
	}
	found, err := query.Response(response)
	if err != nil {
		return "", named("Email/query", err)
	}
	got, err := get.Response(response)
	if err != nil {
		return "", named("Email/get", err)
	}
	// Somebody may have destroyed one in between, in INBOX.
	if len(got.List)+len(got.NotFound) != len(found.IDs) {
		return "", fmt.Errorf("Email/get: %d Emails for the %d ids of Email/query", len(got.List)+len(got.NotFound), len(found.IDs))
	}
	return "Email/query and Email/get in one request", nil
}

func (p *prober) emailChanges(ctx context.Context) (string, error) {
	if p.emailState == "" {
		return "", skipped("there is no state of Emails")
	}
	changed, err := changesSince(p.emailState, func(since string) (*changes, error) {
		answer, err := call(ctx, p, &proto.EmailChanges{AccountID: p.account, SinceState: since})
		if err != nil {
			return nil, err
		}
		return &changes{answer.Created, answer.Updated, answer.NewState, answer.HasMoreChanges}, nil
	})
	var failure *proto.MethodError
	if errors.As(err, &failure) && failure.Type == proto.MethodErrorCannotCalculateChanges {
		return "", broken(Degraded, err.Error(), "each look for changes lists all mailboxes anew")
	}
	if err != nil {
		return "", err
	}
	if p.email != nil && !slices.Contains(changed, p.email.ID) {
		return "", broken(Fatal, fmt.Sprintf("Email/changes: the message that was imported is not among %d changes", len(changed)), "new mail is not seen")
	}
	return fmt.Sprintf("%d changes", len(changed)), nil
}
