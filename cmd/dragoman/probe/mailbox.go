package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

func (p *prober) mailboxes(ctx context.Context) (string, error) {
	got, err := call(ctx, p, &proto.MailboxGet{AccountID: p.account})
	if err != nil {
		return "", err
	}
	p.mailboxState = got.State
	p.inbox = withRole(got.List, "inbox")
	if p.inbox == "" {
		return "", missing(Fatal, "no mailbox has the role inbox", "there is no INBOX")
	}
	if got.State == "" {
		return "", errors.New("Mailbox/get: no state")
	}
	for _, m := range got.List {
		if m.Name == "" {
			return "", fmt.Errorf("Mailbox/get: mailbox %s has no name", m.ID)
		}
	}
	return fmt.Sprintf("%d mailboxes, INBOX is %s", len(got.List), p.inbox), nil
}

func withRole(list []*proto.Mailbox, role string) proto.ID {
	for _, m := range list {
		if m.Role != nil && *m.Role == role {
			return m.ID
		}
	}
	return ""
}

func (p *prober) roles(ctx context.Context) (string, error) {
	got, err := call(ctx, p, &proto.MailboxGet{AccountID: p.account, Properties: []string{"id", "role"}})
	if err != nil {
		return "", err
	}
	var there, not []string
	for _, role := range []string{"archive", "drafts", "junk", "sent", "trash"} {
		if withRole(got.List, role) != "" {
			there = append(there, role)
		} else {
			not = append(not, role)
		}
	}
	if len(not) > 0 {
		return "", missing(Optional, "no mailbox is "+strings.Join(not, ", "), noRoles)
	}
	return strings.Join(there, ", "), nil
}

func (p *prober) rights(ctx context.Context) (string, error) {
	if p.inbox == "" {
		return "", skipped("there is no INBOX")
	}
	got, err := call(ctx, p, &proto.MailboxGet{AccountID: p.account, IDs: []proto.ID{p.inbox}, Properties: []string{"id", "myRights"}})
	if err != nil {
		return "", err
	}
	if len(got.List) != 1 || got.List[0].MyRights == nil {
		return "", missing(Degraded, "no myRights", "all mailboxes are shown as read-only")
	}
	r := got.List[0].MyRights
	var not []string
	for _, right := range []struct {
		name string
		has  bool
	}{{"mayAddItems", r.MayAddItems}, {"mayRemoveItems", r.MayRemoveItems}, {"maySetSeen", r.MaySetSeen}, {"maySetKeywords", r.MaySetKeywords}} {
		if !right.has {
			not = append(not, right.name)
		}
	}
	switch {
	case !r.MayReadItems:
		return "", broken(Fatal, "without mayReadItems", "INBOX cannot be read")
	case len(not) > 0:
		return "", broken(Degraded, "without "+strings.Join(not, ", "), "what needs these rights is refused")
	}
	return "may be read and written", nil
}

// makeScratch makes the mailbox that everything else happens in.
func (p *prober) makeScratch(ctx context.Context) (string, error) {
	var parent *proto.ID
	where := "at the top"
	if !p.mayCreateAtTop() && p.inbox != "" {
		parent, where = &p.inbox, "in INBOX, as none may be made at the top"
	}
	name := "dragoman-probe-" + p.token
	id, err := p.create(ctx, name, parent)
	p.scratch = id
	return name + " made " + where, err
}

func (p *prober) mayCreateAtTop() bool {
	raw := p.session.Info().Accounts[p.account].AccountCapabilities[proto.CapabilityMail]
	var can struct {
		MayCreateTopLevelMailbox *bool `json:"mayCreateTopLevelMailbox"`
	}
	return json.Unmarshal(raw, &can) != nil || can.MayCreateTopLevelMailbox == nil || *can.MayCreateTopLevelMailbox
}

// makeCopy makes the one that messages are copied to.
func (p *prober) makeCopy(ctx context.Context) (string, error) {
	name := "dragoman-probe-copy-" + p.token
	id, err := p.create(ctx, name, &p.scratch)
	p.copy = id
	return name + " made", err
}

// create notes the name before it asks, and the id as soon as it is known: whatever comes of it can be found again.
func (p *prober) create(ctx context.Context, name string, parent *proto.ID) (proto.ID, error) {
	p.names = append(p.names, name)
	const key = "new"
	answer, err := call(ctx, p, &proto.MailboxSet{
		AccountID: p.account, Create: map[proto.ID]*proto.Mailbox{key: {Name: name, ParentID: parent}},
	})
	var refused *proto.RequestError
	if errors.As(err, &refused) { // the whole request, so there is nothing to look for
		p.names = p.names[:len(p.names)-1]
	}
	if err != nil {
		return "", err
	}
	if failure, ok := answer.NotCreated[key]; ok {
		return "", setError("Mailbox/set", failure)
	}
	made := answer.Created[key]
	if made == nil || made.ID == "" {
		return "", errors.New("Mailbox/set: neither created nor refused")
	}
	p.made = append(p.made, made.ID)
	return made.ID, nil
}

// changes is what both kinds of /changes answer, as far as it is looked at.
type changes struct {
	created, updated []proto.ID
	state            string
	more             bool
}

// changesSince lists what was created or updated since a state, asking for the next part as long as there is more.
func changesSince(since string, ask func(since string) (*changes, error)) ([]proto.ID, error) {
	var changed []proto.ID
	for {
		answer, err := ask(since)
		if err != nil {
			return nil, err
		}
		changed = append(append(changed, answer.created...), answer.updated...)
		if !answer.more || answer.state == since {
			return changed, nil
		}
		since = answer.state
	}
}

func (p *prober) mailboxChanges(ctx context.Context) (string, error) {
	if p.mailboxState == "" {
		return "", skipped("there is no state of mailboxes")
	}
	changed, err := changesSince(p.mailboxState, func(since string) (*changes, error) {
		answer, err := call(ctx, p, &proto.MailboxChanges{AccountID: p.account, SinceState: since})
		if err != nil {
			return nil, err
		}
		return &changes{answer.Created, answer.Updated, answer.NewState, answer.HasMoreChanges}, nil
	})
	if err != nil {
		return "", err
	}
	for _, id := range p.made {
		if !slices.Contains(changed, id) {
			return "", fmt.Errorf("Mailbox/changes: the new mailbox %s is not among %d changes", id, len(changed))
		}
	}
	return fmt.Sprintf("%d changes", len(changed)), nil
}

// removeScratch destroys every mailbox that this run has made, known by its id or, where the answer was lost, by its random name.
func (p *prober) removeScratch(ctx context.Context) (string, error) {
	if len(p.names) == 0 {
		return "", skipped("none was made")
	}
	var err error
	for range 3 { // servers have bad moments
		if err = p.remove(ctx); err == nil {
			return "nothing is left of " + strings.Join(p.names, ", "), nil
		}
	}
	return "", fmt.Errorf("%s may be left: %w", strings.Join(p.names, ", "), err)
}

// remove destroys what it finds, and is content when it finds nothing.
func (p *prober) remove(ctx context.Context) error {
	left, err := p.left(ctx)
	if err != nil {
		left = slices.Clone(p.made) // better than nothing
	}
	slices.Reverse(left) // children first
	for _, id := range left {
		answer, err := call(ctx, p, &proto.MailboxSet{AccountID: p.account, Destroy: []proto.ID{id}, OnDestroyRemoveEmails: true})
		if err != nil {
			return err
		}
		if failure, ok := answer.NotDestroyed[id]; ok && failure.Type != proto.SetErrorNotFound {
			return setError("Mailbox/set", failure)
		}
	}
	if err != nil || len(left) == 0 {
		return err
	}
	if left, err = p.left(ctx); err == nil && len(left) > 0 {
		err = fmt.Errorf("Mailbox/set: %v not destroyed, and not refused either", left)
	}
	return err
}

// left finds the mailboxes of this run that are there, parents first.
func (p *prober) left(ctx context.Context) ([]proto.ID, error) {
	got, err := call(ctx, p, &proto.MailboxGet{AccountID: p.account, Properties: []string{"id", "name"}})
	if err != nil {
		return nil, err
	}
	var ids []proto.ID
	for _, name := range p.names {
		for _, m := range got.List {
			if m.Name == name {
				ids = append(ids, m.ID)
			}
		}
	}
	return ids, nil
}
