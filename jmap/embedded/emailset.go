package embedded

import (
	"maps"
	"slices"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// emailSetter runs one Email/set (RFC 8621 section 4.6).
type emailSetter struct {
	*batch
	a        *account
	w        *writer
	args     *jmap.EmailSet
	response *jmap.EmailSetResponse
	drafts   map[jmap.ID]*newEmail
}

func emailSet(b *batch, q *jmap.EmailSet) (jmap.Method, error) {
	a, err := b.account(q.AccountID)
	if err != nil {
		return nil, err
	}
	if err := b.checkSet(len(q.Create) + len(q.Update) + len(q.Destroy)); err != nil {
		return nil, err
	}
	s := &emailSetter{
		batch: b, a: a, args: q, response: &jmap.EmailSetResponse{AccountID: q.AccountID}, drafts: map[jmap.ID]*newEmail{},
	}
	if err := s.compose(); err != nil {
		return nil, err
	}
	err = a.update(func(w *writer) error {
		if err := w.checkState(bucketEmailLog, q.IfInState); err != nil {
			return err
		}
		old := w.state(bucketEmailLog)
		s.w, s.response.OldState = w, &old
		return s.run()
	})
	return s.response, err
}

// compose writes the messages of the Emails to make, before the transaction.
func (s *emailSetter) compose() error {
	for _, key := range slices.Sorted(maps.Keys(s.args.Create)) {
		e, refusal, err := s.composeEmail(s.a, s.args.Create[key])
		if err != nil {
			return err
		}
		if refusal != nil {
			put(&s.response.NotCreated, key, *refusal)
			continue
		}
		s.drafts[key] = e
	}
	return nil
}

func (s *emailSetter) run() error {
	if _, err := s.w.loadBoxes(); err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(s.drafts)) {
		if err := s.create(key); err != nil {
			return err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(s.args.Update)) {
		if err := s.update(s.id(key), s.args.Update[key]); err != nil {
			return err
		}
	}
	for _, key := range s.args.Destroy {
		if err := s.destroy(s.id(key)); err != nil {
			return err
		}
	}
	return s.w.settle(&s.response.NewState)
}

func (s *emailSetter) create(key jmap.ID) error {
	e, given := s.drafts[key], s.args.Create[key]
	var refusal *jmap.SetError
	if e.row.mailboxes, refusal = s.mailboxList(&s.w.snapshot, given.MailboxIDs); refusal == nil {
		e.row.keywords, refusal = s.keywordList(given.Keywords)
	}
	if refusal != nil {
		put(&s.response.NotCreated, key, *refusal)
		return nil
	}
	if err := s.w.insertEmail(e.row, e.headers); err != nil {
		return err
	}
	put(&s.response.Created, key, e.row.createdRecord())
	s.created[key] = emailID(e.row.id)
	return nil
}

// find returns nil when there is no such Email.
func (s *emailSetter) find(id jmap.ID) (*emailRow, error) {
	n, ok := parseID(prefixEmail, id)
	if !ok {
		return nil, nil
	}
	return s.w.email(n)
}

func (s *emailSetter) update(id jmap.ID, p *jmap.EmailPatch) error {
	old, err := s.find(id)
	if err != nil {
		return err
	}
	if old == nil {
		put(&s.response.NotUpdated, id, *setError(jmap.SetErrorNotFound, "there is no such Email"))
		return nil
	}
	e, refusal := s.patchEmail(s.w, old, p)
	if refusal != nil {
		put(&s.response.NotUpdated, id, *refusal)
		return nil
	}
	put(&s.response.Updated, id, nil)
	if slices.Equal(e.keywords, old.keywords) && slices.Equal(e.mailboxes, old.mailboxes) {
		return nil
	}
	return s.w.changeEmail(old, e)
}

func (s *emailSetter) destroy(id jmap.ID) error {
	if slices.Contains(s.response.Destroyed, id) {
		return nil
	}
	old, err := s.find(id)
	if err != nil {
		return err
	}
	if old == nil {
		put(&s.response.NotDestroyed, id, *setError(jmap.SetErrorNotFound, "there is no such Email"))
		return nil
	}
	s.response.Destroyed = append(s.response.Destroyed, id)
	return s.w.removeEmail(old)
}
