package embedded

import (
	"maps"
	"slices"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// mailboxSetter runs one Mailbox/set. All changes are made to a plan first, so that only the
// outcome has to be valid: two Mailboxes may swap their names in one call. While the plan is
// not valid, changes are taken back, the last one first (RFC 8620 section 5.3).
type mailboxSetter struct {
	*batch
	w        *writer
	args     *jmap.MailboxSet
	response *jmap.MailboxSetResponse
	plan     map[uint64]*mailboxRow
	steps    []*mailboxStep
}

// mailboxStep is one change of the plan.
type mailboxStep struct {
	kind   changeKind
	key    jmap.ID // creation id or id
	id     uint64
	before *mailboxRow // nil when it is made
	name   string      // as it was asked for
}

func mailboxSet(b *batch, q *jmap.MailboxSet) (jmap.Method, error) {
	a, err := b.account(q.AccountID)
	if err != nil {
		return nil, err
	}
	if err := b.checkSet(len(q.Create) + len(q.Update) + len(q.Destroy)); err != nil {
		return nil, err
	}
	s := &mailboxSetter{batch: b, args: q, response: &jmap.MailboxSetResponse{AccountID: q.AccountID}}
	err = a.update(func(w *writer) error {
		if err := w.checkState(bucketBoxLog, q.IfInState); err != nil {
			return err
		}
		old := w.state(bucketBoxLog)
		s.w, s.response.OldState = w, &old
		return s.run()
	})
	if err != nil {
		return nil, err
	}
	err = a.view(func(snap *snapshot) error { return s.answer(snap) })
	return s.response, err
}

func (s *mailboxSetter) run() error {
	boxes, err := s.w.loadBoxes()
	if err != nil {
		return err
	}
	s.plan = maps.Clone(boxes)
	if err := s.planCreates(); err != nil {
		return err
	}
	s.planUpdates()
	s.planDestroys()
	for {
		valid, err := s.mend()
		if err != nil {
			return err
		}
		if valid {
			return s.apply(boxes)
		}
	}
}

// step adds a change to the plan.
func (s *mailboxSetter) step(st *mailboxStep, after *mailboxRow) {
	st.before = s.plan[st.id]
	s.steps = append(s.steps, st)
	if after == nil {
		delete(s.plan, st.id)
	} else {
		s.plan[st.id] = after
	}
}

// planCreates makes Mailboxes after those they refer to as their parents. Each round makes
// those of one more level.
func (s *mailboxSetter) planCreates() error {
	left := maps.Clone(s.args.Create)
	for range s.store.limits.MaxMailboxDepth + 1 {
		waiting := map[jmap.ID]*jmap.Mailbox{}
		for _, key := range slices.Sorted(maps.Keys(left)) {
			if s.waits(left[key], left) {
				waiting[key] = left[key]
				continue
			}
			if err := s.planCreate(key, left[key]); err != nil {
				return err
			}
		}
		left = waiting
	}
	for key := range left {
		put(&s.response.NotCreated, key, *invalidProperties("the parents are in a loop, or nested too deep", "parentId"))
	}
	return nil
}

// waits says whether a Mailbox has a parent that is still to be made.
func (s *mailboxSetter) waits(m *jmap.Mailbox, left map[jmap.ID]*jmap.Mailbox) bool {
	if m == nil || m.ParentID == nil {
		return false
	}
	ref, ok := strings.CutPrefix(string(*m.ParentID), "#")
	_, made := s.created[jmap.ID(ref)]
	_, tried := s.response.NotCreated[jmap.ID(ref)]
	_, comes := left[jmap.ID(ref)]
	return ok && comes && !made && !tried
}

func (s *mailboxSetter) planCreate(key jmap.ID, m *jmap.Mailbox) error {
	if len(s.plan) >= s.store.limits.MaxMailboxes {
		put(&s.response.NotCreated, key, *setError(jmap.SetErrorOverQuota, "there are too many Mailboxes"))
		return nil
	}
	row, refusal := s.newMailbox(m)
	if refusal != nil {
		put(&s.response.NotCreated, key, *refusal)
		return nil
	}
	n, err := s.w.bucket(bucketBoxes).NextSequence()
	if err != nil {
		return err
	}
	row.ID = n
	s.step(&mailboxStep{kind: changeCreated, key: key, id: n, name: m.Name}, row)
	s.created[key] = mailboxID(n)
	return nil
}

func (s *mailboxSetter) planUpdates() {
	for _, key := range slices.Sorted(maps.Keys(s.args.Update)) {
		id := s.id(key)
		n, ok := parseID(prefixMailbox, id)
		m := s.plan[n]
		if !ok || m == nil {
			put(&s.response.NotUpdated, id, *setError(jmap.SetErrorNotFound, "there is no such Mailbox"))
			continue
		}
		if slices.ContainsFunc(s.args.Destroy, func(d jmap.ID) bool { return s.id(d) == id }) {
			put(&s.response.NotUpdated, id, *setError(jmap.SetErrorWillDestroy, "it is destroyed in the same call"))
			continue
		}
		row := *m
		name, refusal := s.patchMailbox(&row, s.args.Update[key])
		if refusal != nil {
			put(&s.response.NotUpdated, id, *refusal)
			continue
		}
		s.step(&mailboxStep{kind: changeUpdated, key: id, id: n, name: name}, &row)
	}
}

func (s *mailboxSetter) planDestroys() {
	seen := map[uint64]bool{}
	for _, key := range s.args.Destroy {
		id := s.id(key)
		n, ok := parseID(prefixMailbox, id)
		m := s.plan[n]
		switch {
		case ok && seen[n]:
		case !ok || m == nil:
			put(&s.response.NotDestroyed, id, *setError(jmap.SetErrorNotFound, "there is no such Mailbox"))
		case m.Role == "inbox":
			put(&s.response.NotDestroyed, id, *setError(jmap.SetErrorForbidden, "the inbox cannot be destroyed"))
		case m.Total > 0 && !s.args.OnDestroyRemoveEmails:
			put(&s.response.NotDestroyed, id, *setError(jmap.SetErrorMailboxHasEmail, "it has %d Emails", m.Total))
		default:
			seen[n] = true
			s.step(&mailboxStep{kind: changeDestroyed, key: id, id: n}, nil)
		}
	}
}

// takeBack undoes the last step that has to do with a fault, and says why.
func (s *mailboxSetter) takeBack(f *mailboxFault) bool {
	for i := len(s.steps) - 1; i >= 0; i-- {
		st := s.steps[i]
		if !slices.Contains(f.involved, st.id) {
			continue
		}
		s.steps = slices.Delete(s.steps, i, i+1)
		if st.before == nil {
			delete(s.plan, st.id)
		} else {
			s.plan[st.id] = st.before
		}
		switch st.kind {
		case changeCreated:
			delete(s.created, st.key)
			put(&s.response.NotCreated, st.key, *f.refusal)
		case changeUpdated:
			put(&s.response.NotUpdated, st.key, *f.refusal)
		case changeDestroyed:
			put(&s.response.NotDestroyed, st.key, *setError(jmap.SetErrorMailboxHasChild, "it has a child"))
		}
		return true
	}
	return false
}

// apply carries out the plan, which is valid now. Mailboxes go first, as that changes the
// counts of others.
func (s *mailboxSetter) apply(boxes map[uint64]*mailboxRow) error {
	for _, st := range s.steps {
		if st.kind == changeDestroyed {
			if err := s.w.removeMailbox(st.id); err != nil {
				return err
			}
		}
	}
	for _, st := range s.steps {
		if st.kind == changeDestroyed {
			continue
		}
		m := s.plan[st.id]
		if old := boxes[st.id]; old != nil {
			m.Total, m.Unread, m.Threads, m.UnreadThreads = old.Total, old.Unread, old.Threads, old.UnreadThreads
		}
		boxes[st.id] = m
	}
	return nil
}

// answer fills in what the client did not say itself.
func (s *mailboxSetter) answer(snap *snapshot) error {
	boxes, err := snap.mailboxes()
	if err != nil {
		return err
	}
	s.response.NewState = snap.state(bucketBoxLog)
	for _, st := range s.steps {
		switch m := boxes[st.id]; {
		case st.kind == changeDestroyed:
			s.response.Destroyed = append(s.response.Destroyed, st.key)
		case m == nil: // destroyed by another request since
			put(&s.response.Created, st.key, &jmap.Mailbox{Has: jmap.MailboxPropertyID, ID: mailboxID(st.id)})
		case st.kind == changeCreated:
			put(&s.response.Created, st.key, m.record(s.user).Select(s.unsaid(s.args.Create[st.key], m)))
		case st.name != "" && st.name != m.Name:
			put(&s.response.Updated, st.key, &jmap.Mailbox{Has: jmap.MailboxPropertyName, Name: m.Name})
		default:
			put(&s.response.Updated, st.key, nil)
		}
	}
	return nil
}

// unsaid are the properties that the client did not give, or not as they are now.
func (s *mailboxSetter) unsaid(given *jmap.Mailbox, m *mailboxRow) jmap.MailboxProperties {
	properties := jmap.MailboxServerSet | jmap.MailboxAll&^given.Has
	if given.Name != m.Name {
		properties |= jmap.MailboxPropertyName
	}
	return properties
}
