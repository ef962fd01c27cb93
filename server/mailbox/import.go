package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// Import puts uploaded messages into a mailbox: all or none (RFC 3502, RFC 4315). Where the server already has the same octets
// and does not take them twice, that Email is put into the mailbox, with its keywords and those of the item.
//
// An import that the server does not confirm is never repeated: what it made is looked for, and found or not decides. While that cannot be
// told, the error is ErrUnknownOutcome, and an Import of the same octets into the same mailbox within trialMemory looks first for what the
// earlier one made.
func (a *Account) Import(ctx context.Context, box *Box, items []ImportItem) (*ImportResult, error) {
	dest, err := a.load(ctx, box.ID)
	if err != nil {
		return nil, err
	}
	m := &importing{
		account: a, dest: dest, items: slices.Clone(items), ids: make([]string, len(items)), flags: make([]flagChange, len(items)),
		present: map[int]string{}, there: make([]bool, len(items)), recalled: map[int]bool{},
	}
	for i, item := range items {
		if m.flags[i], err = parseFlags(item.Flags); err != nil {
			return nil, err
		}
		if err = a.replica.learn(item.Flags); err != nil {
			return nil, err
		}
		m.items[i].ReceivedAt = clampDate(item.ReceivedAt)
	}
	m.arrived = a.await(dest)
	defer m.arrived.end()
	result, err := m.run(ctx)
	for i, own := range m.trials {
		a.replica.trials.end(own, m.ids[i], err != nil && (m.ids[i] != "" || undecided(err)))
	}
	if err != nil && dest.gone() {
		return nil, fmt.Errorf("%w: %w", ErrNoSuchMailbox, err)
	}
	return result, err
}

// importing is an APPEND in progress.
type importing struct {
	account *Account
	dest    *box
	items   []ImportItem
	flags   []flagChange
	arrived *arrivals
	trials  map[int]*trial
	ids     []string       // Email id of each item
	created []string       // those among ids that are new
	present map[int]string // items that the server already had, with the id that it named
	there   []bool         // items that were in this very mailbox before

	recalled map[int]bool // items that an earlier APPEND has stored
}

func (m *importing) run(ctx context.Context) (*ImportResult, error) {
	if err := m.recall(ctx); err != nil {
		return nil, err
	}
	if err := m.attempt(ctx); err != nil {
		return nil, err
	}
	if err := m.adopt(ctx); err != nil {
		return nil, err
	}
	return m.finish(ctx)
}

// recall finds items that an earlier APPEND has stored after all, whose client was told that it failed.
func (m *importing) recall(ctx context.Context) error {
	synced := false
	for i, item := range m.items {
		for _, old := range m.account.replica.trials.earlier(m.dest, item) {
			if !synced {
				if err := m.account.Sync(ctx); err != nil {
					return err
				}
				synced = true
			}
			id, err := m.account.find(ctx, old)
			if err != nil {
				return err
			}
			if id == "" {
				continue
			}
			m.present[i], m.recalled[i] = id, true
			m.account.replica.trials.end(old, "", false)
			m.account.replica.trials.claim(id)
			break
		}
	}
	return nil
}

// attempt stores what is not stored yet.
func (m *importing) attempt(ctx context.Context) error {
	m.trials = map[int]*trial{}
	for i, item := range m.items {
		if _, there := m.present[i]; !there {
			m.trials[i] = m.account.replica.trials.begin(m.dest, item)
		}
	}
	if len(m.trials) == 0 {
		return nil
	}
	err := m.create(ctx)
	for try := 1; errors.Is(err, ErrBlobGone) && try < blobTries; try++ {
		if pause(ctx, blobPause) != nil {
			return err
		}
		m.created = nil
		err = m.create(ctx)
	}
	return err
}

const (
	// blobTries is how often an upload is imported that the server says it does not have. Cyrus says so at times of what it has just taken, while
	// others change the account.
	blobTries = 3
	// blobPause is how long to wait before the next try.
	blobPause = 50 * time.Millisecond
)

// create imports all items with one call.
func (m *importing) create(ctx context.Context) error {
	var call jmap.Call[jmap.EmailImportResponse]
	err := write{
		account: m.account,
		ask: func(q *jmap.Request) {
			call = jmap.Add(q, &jmap.EmailImport{AccountID: m.account.ID(), Emails: m.objects()})
		},
		outcome: func(p *jmap.Response, b *batch) error {
			answer, err := call.Response(p)
			if err != nil {
				return writeError(err)
			}
			err = m.took(answer)
			b.order = slices.DeleteFunc(slices.Clone(m.ids), func(id string) bool { return id == "" })
			return err
		},
	}.run(ctx)
	if errors.Is(err, errUnsure) {
		err = m.look(ctx, err)
	}
	if err != nil && len(m.created) > 0 {
		for i := range m.ids {
			m.ids[i] = ""
		}
		if undo := m.undo(context.WithoutCancel(ctx)); undo != nil {
			return errors.Join(err, fmt.Errorf("taking back what was imported: %w", undo))
		}
	}
	return err
}

// look finds in the replica what an import made that the server did not confirm. unsure is returned unless that is all.
func (m *importing) look(ctx context.Context, unsure error) error {
	for i, own := range m.trials {
		_, known := m.present[i]
		if known || m.ids[i] != "" {
			continue
		}
		id, err := m.account.find(ctx, own)
		if err != nil {
			return unknown(errors.Join(unsure, err))
		}
		if id == "" {
			return unsure
		}
		m.ids[i] = id
		m.account.replica.trials.claim(id)
	}
	return nil
}

func (m *importing) objects() map[jmap.ID]*jmap.EmailImportObject {
	objects := make(map[jmap.ID]*jmap.EmailImportObject, len(m.trials))
	for i := range m.trials {
		item := m.items[i]
		keywords := map[string]bool{}
		for _, keyword := range m.flags[i].keywords {
			keywords[keyword] = true
		}
		objects[creationID(i)] = &jmap.EmailImportObject{
			BlobID: item.BlobID, MailboxIDs: map[jmap.ID]bool{m.dest.id: true}, Keywords: keywords,
			ReceivedAt: jmap.NewUTCDate(item.ReceivedAt),
		}
	}
	return objects
}

func creationID(i int) jmap.ID { return jmap.ID("m" + strconv.Itoa(i)) }

// clampDate keeps to the dates that servers can hold: some take those before 1970 for dates in the far future.
func clampDate(t time.Time) time.Time {
	if t.IsZero() {
		return time.Now()
	}
	if epoch := time.Unix(0, 0); t.Before(epoch) {
		return epoch
	}
	return t
}

// took notes the ids. An item that failed fails all.
func (m *importing) took(answer *jmap.EmailImportResponse) error {
	var failed error
	for _, i := range sortedKeys(m.trials) {
		key := creationID(i)
		if e := answer.Created[key]; e != nil && e.ID != "" {
			m.ids[i] = string(e.ID)
			m.created = append(m.created, m.ids[i])
			m.account.replica.trials.claim(m.ids[i])
			continue
		}
		failure, ok := answer.NotCreated[key]
		switch {
		case ok && failure.Type == jmap.SetErrorAlreadyExists:
			m.present[i] = string(failure.ExistingID)
		case ok:
			failed = errors.Join(failed, importError(failure))
		default:
			failed = errors.Join(failed, fmt.Errorf("%w: it said nothing of an imported message", errUnsure))
		}
	}
	return failed
}

// importError maps the ways in which servers say that an upload is gone.
func importError(e jmap.SetError) error {
	if e.Type == jmap.SetErrorNotFound || e.Type == jmap.SetErrorInvalidProperties && slices.Contains(e.Properties, "blobId") {
		return fmt.Errorf("%w: %w", ErrBlobGone, e)
	}
	return mapSetError(e)
}

// undo destroys what was created before another item failed.
func (m *importing) undo(ctx context.Context) error {
	var call jmap.Call[jmap.EmailSetResponse]
	return write{
		account: m.account,
		ask: func(q *jmap.Request) {
			destroy := make([]jmap.ID, len(m.created))
			for i, id := range m.created {
				destroy[i] = jmap.ID(id)
			}
			call = jmap.Add(q, &jmap.EmailSet{AccountID: m.account.ID(), Destroy: destroy})
		},
		outcome: func(p *jmap.Response, b *batch) error {
			_, err := call.Response(p)
			return mapError(err)
		},
	}.run(ctx)
}

// adopt puts Emails that the server already had into the mailbox.
func (m *importing) adopt(ctx context.Context) error {
	patches := map[string]*jmap.EmailPatch{}
	var order []string
	for _, i := range sortedKeys(m.present) {
		id := m.present[i]
		if id == "" {
			id = m.account.replica.byBlob(m.items[i].BlobID)
		}
		if id == "" {
			return fmt.Errorf("%w: the server has the message already, but does not say where", ErrUnavailable)
		}
		m.ids[i] = id
		m.there[i] = !m.recalled[i] && m.account.replica.holds(m.dest, id)
		patch := patches[id]
		if patch == nil {
			patch = jmap.NewEmailPatch().SetMailbox(m.dest.id, true)
			patches[id] = patch
			order = append(order, id)
		}
		for _, keyword := range m.flags[i].keywords {
			patch.SetKeyword(keyword, true)
		}
	}
	var failed error
	err := m.account.setEmails(ctx, patches, order, setOptions{result: func(_ string, err error) {
		failed = errors.Join(failed, err)
	}})
	return errors.Join(err, failed)
}

// byBlob finds an Email by its octets.
func (r *replica) byBlob(blob jmap.ID) string {
	r.write.Lock()
	defer r.write.Unlock()
	for id, e := range r.emails {
		if e.blob() == string(blob) {
			return id
		}
	}
	return ""
}

// holds tells whether a mailbox has an Email.
func (r *replica) holds(b *box, id string) bool {
	r.write.Lock()
	defer r.write.Unlock()
	e := r.emails[id]
	if e == nil {
		return false
	}
	_, in := e.in(b)
	return in
}

// finish finds the UIDs and sets \Deleted as the items say. A message that was there before may lose it, but never gets it: the next EXPUNGE would
// destroy what was no part of the APPEND.
func (m *importing) finish(ctx context.Context) (*ImportResult, error) {
	uids, err := m.arrived.find(ctx, m.ids)
	if err != nil {
		return nil, err
	}
	if slices.Contains(uids, 0) {
		return nil, fmt.Errorf("%w: an imported message is not in the mailbox", ErrUnavailable)
	}
	state := m.dest.state.Load()
	differs := false
	for i, uid := range uids {
		row := state.table.get(uid)
		differs = differs || row != nil && m.sets(i) && row.deleted != m.flags[i].deleted
	}
	if differs {
		_, err = m.account.replica.apply(&batch{after: func(c *change) error {
			if part := c.box(m.dest); part != nil {
				for i, uid := range uids {
					if m.sets(i) {
						part.mark(uid, m.flags[i].deleted)
					}
				}
			}
			return nil
		}})
	}
	return &ImportResult{UIDValidity: state.uidValidity, UIDs: uids}, err
}

// sets tells whether an item decides about \Deleted.
func (m *importing) sets(i int) bool { return !m.there[i] || !m.flags[i].deleted }
