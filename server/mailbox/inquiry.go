package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/server/store"
)

// inquiry is the part of a request that asks what changed since the replica was last in step: it ends every request that writes,
// and alone it is a sync.
type inquiry struct {
	r         *replica
	q         *jmap.Request
	heard     uint64    // how far the pulse was when the request was made
	began     time.Time // when that was
	idsOnly   bool
	manyBoxes bool // more than the server gives at once
	batch     batch
	lost      bool // the server cannot calculate the changes of Emails
	boxesLost bool // the same of mailboxes

	emailState   jmap.Call[jmap.EmailGetResponse]
	emailChanges jmap.Call[jmap.EmailChangesResponse]
	emailGets    [2]jmap.Call[jmap.EmailGetResponse]
	boxChanges   jmap.Call[jmap.MailboxChangesResponse]
	boxGets      [2]jmap.Call[jmap.MailboxGetResponse]
	boxAll       jmap.Call[jmap.MailboxGetResponse]
}

// scope is how much an inquiry asks for.
type scope struct {
	allBoxes bool // every mailbox, not only the changed ones
	idsOnly  bool // which Emails changed, but not what became of them
}

// inquire adds the calls to a request.
func (r *replica) inquire(q *jmap.Request, s scope) *inquiry {
	i := &inquiry{r: r, q: q, idsOnly: s.idsOnly, manyBoxes: r.manyBoxes.Load()}
	i.batch.told = true
	r.write.Lock()
	i.batch.emailBase, i.batch.mailboxBase = r.head.EmailState, r.head.MailboxState
	i.batch.untracked = !r.tracking()
	r.write.Unlock()
	i.heard, i.began = r.heard(), time.Now()
	i.batch.allBoxes = s.allBoxes || i.batch.mailboxBase == ""
	i.askEmails()
	i.askMailboxes()
	return i
}

func (i *inquiry) askEmails() {
	if i.batch.untracked {
		i.emailState = jmap.Add(i.q, &jmap.EmailGet{AccountID: i.r.id, IDs: []jmap.ID{}, Properties: []string{"id"}})
		return
	}
	i.emailChanges = jmap.Add(i.q, &jmap.EmailChanges{AccountID: i.r.id, SinceState: i.batch.emailBase})
	if i.idsOnly {
		return
	}
	for n, path := range changedPaths {
		i.emailGets[n] = jmap.Add(i.q, &jmap.EmailGet{
			AccountID: i.r.id, IDsRef: i.emailChanges.Ref(path), Properties: emailProperties,
		})
	}
}

var changedPaths = [2]string{"/created", "/updated"}

func (i *inquiry) askMailboxes() {
	if i.batch.allBoxes {
		if !i.manyBoxes {
			i.boxAll = jmap.Add(i.q, &jmap.MailboxGet{AccountID: i.r.id})
		}
		return
	}
	i.boxChanges = jmap.Add(i.q, &jmap.MailboxChanges{AccountID: i.r.id, SinceState: i.batch.mailboxBase})
	for n, path := range changedPaths {
		i.boxGets[n] = jmap.Add(i.q, &jmap.MailboxGet{AccountID: i.r.id, IDsRef: i.boxChanges.Ref(path)})
	}
}

// read takes the answers out of a response. What the answers lack is asked for.
func (i *inquiry) read(ctx context.Context, p *jmap.Response, l link) error {
	if err := i.readMailboxes(ctx, p, l); err != nil {
		return err
	}
	if err := i.missBoxes(ctx, l); err != nil {
		return err
	}
	return i.readEmails(ctx, p, l)
}

func (i *inquiry) readEmails(ctx context.Context, p *jmap.Response, l link) error {
	if i.batch.untracked {
		got, err := i.emailState.Response(p)
		if err != nil {
			return mapError(err)
		}
		i.batch.emailState = got.State
		return nil
	}
	changes, err := i.emailChanges.Response(p)
	if isMethodError(err, jmap.MethodErrorCannotCalculateChanges) {
		i.lost = true
		return nil
	}
	if err != nil {
		return mapError(err)
	}
	if changes.HasMoreChanges && changes.NewState == i.batch.emailBase {
		i.lost = true // no progress
		return nil
	}
	asked := append(slices.Clone(changes.Created), changes.Updated...)
	var answers []*jmap.EmailGetResponse
	for _, call := range i.emailGets {
		if i.idsOnly {
			break
		}
		got, err := call.Response(p)
		if err != nil {
			answers = nil
			break
		}
		answers = append(answers, got)
	}
	found, err := l.complete(ctx, asked, answers)
	if err != nil {
		return err
	}
	i.batch.take(found, append(asked, changes.Destroyed...))
	i.batch.emailState, i.batch.more = changes.NewState, i.batch.more || changes.HasMoreChanges
	return nil
}

// take splits the ids that a server named into Emails that are there and such that are gone. Created, updated and destroyed all
// mean no more than "look at this id".
func (b *batch) take(found []store.Email, named []jmap.ID) {
	there := map[string]bool{}
	for _, e := range found {
		there[e.ID] = true
	}
	b.emails = append(b.emails, found...)
	for _, id := range named {
		if !there[string(id)] {
			there[string(id)] = true
			b.gone = append(b.gone, string(id))
		}
	}
}

func (i *inquiry) readMailboxes(ctx context.Context, p *jmap.Response, l link) error {
	if i.batch.allBoxes {
		if i.manyBoxes {
			return i.listBoxes(ctx, l)
		}
		all, err := i.boxAll.Response(p)
		if tooLarge(err) {
			i.r.manyBoxes.Store(true)
			return i.listBoxes(ctx, l)
		}
		if err != nil {
			return mapError(err)
		}
		i.batch.mailboxes, err = mailboxesOf(all.List)
		i.batch.mailboxState = all.State
		return err
	}
	changes, err := i.boxChanges.Response(p)
	if isMethodError(err, jmap.MethodErrorCannotCalculateChanges) {
		i.boxesLost = true
		return nil
	}
	if err != nil {
		return mapError(err)
	}
	if changes.HasMoreChanges && changes.NewState == i.batch.mailboxBase {
		i.boxesLost = true // no progress
		return nil
	}
	there, gone := map[jmap.ID]bool{}, map[jmap.ID]bool{}
	for _, call := range i.boxGets {
		got, err := call.Response(p)
		if err != nil {
			i.boxesLost = true // too many of them: ask for all
			return nil
		}
		records, err := mailboxesOf(got.List)
		if err != nil {
			return err
		}
		for _, m := range records {
			there[jmap.ID(m.ID)] = true
		}
		for _, id := range got.NotFound {
			gone[id] = true
		}
		i.batch.mailboxes = append(i.batch.mailboxes, records...)
	}
	for _, id := range slices.Concat(changes.Created, changes.Updated) {
		if !there[id] && !gone[id] {
			i.boxesLost = true // not described, and not said to be gone either
			return nil
		}
	}
	for _, id := range slices.Concat(changes.Created, changes.Updated, changes.Destroyed) {
		if !there[id] {
			i.batch.goneBoxes = append(i.batch.goneBoxes, string(id))
		}
	}
	i.batch.mailboxState, i.batch.more = changes.NewState, i.batch.more || changes.HasMoreChanges
	return nil
}

// missBoxes asks for the mailboxes that a list of all lacks: with them their UIDs would go, and servers have been seen to answer with an empty
// list while they start or fail.
func (i *inquiry) missBoxes(ctx context.Context, l link) error {
	if !i.batch.allBoxes {
		return nil
	}
	missing := i.r.missingFrom(i.batch.mailboxes)
	if len(missing) == 0 && len(i.batch.mailboxes) > 0 {
		return nil
	}
	if len(missing) == 0 {
		return fmt.Errorf("%w: the server named no mailbox", ErrUnavailable)
	}
	_, notFound, err := l.getBoxes(ctx, missing)
	if err != nil {
		return err
	}
	for _, id := range missing {
		if !slices.Contains(notFound, id) {
			return fmt.Errorf("%w: the server lists its mailboxes without %q, which is there", ErrUnavailable, id)
		}
	}
	return nil
}

// missingFrom returns the ids of known mailboxes that are not in a list.
func (r *replica) missingFrom(list []store.Mailbox) []jmap.ID {
	listed := idsOf(list)
	r.write.Lock()
	defer r.write.Unlock()
	var missing []jmap.ID
	for _, id := range sortedKeys(r.records) {
		if !listed[id] {
			missing = append(missing, jmap.ID(id))
		}
	}
	return missing
}

func mailboxesOf(list []*jmap.Mailbox) ([]store.Mailbox, error) {
	records := make([]store.Mailbox, 0, len(list))
	for _, m := range list {
		record, ok := mailboxOf(m)
		if !ok {
			return nil, fmt.Errorf("%w: the server described a mailbox without id or name", ErrUnavailable)
		}
		records = append(records, record)
	}
	return records, nil
}

func isMethodError(err error, kind jmap.MethodErrorType) bool {
	var methodError *jmap.MethodError
	return errors.As(err, &methodError) && methodError.Type == kind
}
