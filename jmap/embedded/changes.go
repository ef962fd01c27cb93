package embedded

import (
	"strconv"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// changeSet is what /changes answers (RFC 8620 section 5.2).
type changeSet struct {
	newState                    string
	more                        bool
	created, updated, destroyed []uint64
	countsOnly                  bool // of Mailboxes: all updates were of counts
}

// changes folds the log since a state. With max it stops before it would name more ids.
func (s *snapshot) changes(log []byte, since string, max *uint64) (*changeSet, error) {
	if max != nil && *max == 0 {
		return nil, invalidArguments("maxChanges must be greater than 0")
	}
	var seen pending[changeKind]
	live := uint64(0)
	set := &changeSet{newState: since, countsOnly: true}
	err := s.since(log, since, func(c change) bool {
		old, known := seen.byID[c.id]
		if !known && max != nil && live == *max {
			set.more = true
			return false
		}
		if !known {
			live++
		}
		kind := foldChange(old, c.kind)
		if kind == changeGone && old != changeGone {
			live--
		}
		if kind == changeUpdated && c.kind == changeUpdated {
			set.countsOnly = false
		}
		seen.put(c.id, kind)
		set.newState = strconv.FormatUint(c.seq, 10)
		return true
	})
	if err != nil {
		return nil, err
	}
	for _, id := range seen.order {
		switch seen.byID[id] {
		case changeCreated:
			set.created = append(set.created, id)
		case changeUpdated:
			set.updated = append(set.updated, id)
		case changeDestroyed:
			set.destroyed = append(set.destroyed, id)
		}
	}
	return set, nil
}

// changeGone is a record that came and went since the state.
const changeGone changeKind = 100

// foldChange joins what was known of a record with what happened next.
func foldChange(old, next changeKind) changeKind {
	if next == changeCounts {
		next = changeUpdated
	}
	switch {
	case old == changeCreated && next == changeUpdated:
		return changeCreated
	case old == changeCreated && next == changeDestroyed:
		return changeGone
	}
	return next
}

func ids(prefix byte, numbers []uint64) []jmap.ID {
	list := make([]jmap.ID, len(numbers))
	for i, n := range numbers {
		list[i] = makeID(prefix, n)
	}
	return list
}

func emailChanges(b *batch, q *jmap.EmailChanges) (jmap.Method, error) {
	set, err := b.changes(q.AccountID, bucketEmailLog, q.SinceState, q.MaxChanges)
	if err != nil {
		return nil, err
	}
	return &jmap.EmailChangesResponse{
		AccountID: q.AccountID, OldState: q.SinceState, NewState: set.newState, HasMoreChanges: set.more,
		Created: ids(prefixEmail, set.created), Updated: ids(prefixEmail, set.updated), Destroyed: ids(prefixEmail, set.destroyed),
	}, nil
}

func threadChanges(b *batch, q *jmap.ThreadChanges) (jmap.Method, error) {
	set, err := b.changes(q.AccountID, bucketThrLog, q.SinceState, q.MaxChanges)
	if err != nil {
		return nil, err
	}
	return &jmap.ThreadChangesResponse{
		AccountID: q.AccountID, OldState: q.SinceState, NewState: set.newState, HasMoreChanges: set.more,
		Created: ids(prefixThread, set.created), Updated: ids(prefixThread, set.updated), Destroyed: ids(prefixThread, set.destroyed),
	}, nil
}

func mailboxChanges(b *batch, q *jmap.MailboxChanges) (jmap.Method, error) {
	set, err := b.changes(q.AccountID, bucketBoxLog, q.SinceState, q.MaxChanges)
	if err != nil {
		return nil, err
	}
	response := &jmap.MailboxChangesResponse{
		AccountID: q.AccountID, OldState: q.SinceState, NewState: set.newState, HasMoreChanges: set.more,
		Created: ids(prefixMailbox, set.created), Updated: ids(prefixMailbox, set.updated), Destroyed: ids(prefixMailbox, set.destroyed),
	}
	if set.countsOnly && len(set.updated) > 0 {
		response.UpdatedProperties = []string{"totalEmails", "unreadEmails", "totalThreads", "unreadThreads"}
	}
	return response, nil
}

func (b *batch) changes(id jmap.ID, log []byte, since string, max *uint64) (set *changeSet, err error) {
	a, err := b.account(id)
	if err != nil {
		return nil, err
	}
	err = a.view(func(s *snapshot) error {
		set, err = s.changes(log, since, max)
		return err
	})
	return set, err
}
