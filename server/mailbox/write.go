package mailbox

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// write sends a request whose calls change something, with an inquiry at its end, and brings the replica into step. It does not
// return before what the write did is in the replica, durably.
//
// outcome reads the answers of the calls that write. It may set the order of arrivals and what is to be done on the changed replica;
// its error ends the write, but not before the replica is in step.
//
// Where the server did not say what it did, the error is errUnsure, and the replica shows it, or ErrUnknownOutcome.
type write struct {
	account *Account
	alone   bool // the caller holds the replica's turn
	boxes   bool // it changes mailboxes: to see what it did, all of them are asked for
	ask     func(q *jmap.Request)
	outcome func(p *jmap.Response, b *batch) error
}

func (w write) run(ctx context.Context) error {
	r, l := w.account.replica, w.account.link()
	if !w.alone {
		r.turn.RLock()
		defer r.turn.RUnlock()
	}
	r.writing.Add(1)
	defer func() {
		r.writing.Add(-1)
		r.follow.wrote()
	}()
	var q jmap.Request
	w.ask(&q)
	i := r.inquire(&q, scope{})
	p, err := l.do(ctx, &q)
	if err != nil {
		r.doubt()
		if !mayHaveHappened(err) {
			return mapError(err)
		}
		return w.look(ctx, mapError(err))
	}
	failed := w.outcome(p, &i.batch)
	if failed != nil {
		i.batch.after = nil
	}
	after := i.batch.after
	applied := false
	i.batch.after = func(c *change) error {
		applied = true
		if after == nil {
			return nil
		}
		return after(c)
	}
	done, err := w.conclude(ctx, l, i, p)
	applied = applied && err == nil
	if err != nil || !done {
		r.doubt()
		err = r.flights.join(ctx, w.account, scope{})
	}
	if err == nil && !applied && after != nil {
		_, err = r.apply(&batch{after: after}) // once more does no harm
	}
	if errors.Is(failed, errUnsure) && err != nil {
		return unknown(errors.Join(failed, err))
	}
	if failed != nil {
		return failed
	}
	return err
}

func (w write) conclude(ctx context.Context, l link, i *inquiry, p *jmap.Response) (bool, error) {
	if err := i.read(ctx, p, l); err != nil {
		i.batch.emailState, i.batch.mailboxState = "", ""
	}
	if w.boxes && i.lost && !i.boxesLost {
		return w.postpone(i)
	}
	return w.account.replica.conclude(ctx, l, i)
}

// postpone takes over what became of mailboxes, and leaves the comparison of Emails to the next command that needs it: where a server cannot tell
// what changed across the deletion of a mailbox, several in a row then cost one.
func (w write) postpone(i *inquiry) (done bool, err error) {
	r := w.account.replica
	_, err = r.apply(&i.batch)
	r.doubt()
	return err == nil, err
}

// target is a message that a command is about.
type target struct {
	seq   uint32 // in the view
	uid   uint32
	email *email // as it is now; nil when it is gone
}

// targets looks up the messages with the given sequence numbers of a view.
func (a *Account) targets(v *View, seqs []uint32) []target {
	list := make([]target, 0, len(seqs))
	t, _ := v.frozen()
	r := a.replica
	r.write.Lock()
	defer r.write.Unlock()
	current := v.box.state.Load().table
	for _, seq := range seqs {
		if seq == 0 || int64(seq) > int64(t.length) {
			continue
		}
		found := target{seq: seq, uid: t.at(int(seq) - 1).uid}
		if now := current.get(found.uid); now != nil {
			found.email = now.email
		}
		list = append(list, found)
	}
	return list
}

// present returns the targets that are not gone.
func present(list []target) []target {
	return slices.DeleteFunc(list, func(t target) bool { return t.email == nil })
}

const (
	// busyTries is how often an Email is tried that the server says somebody else is changing at the moment.
	busyTries = 4
	// unsureTries is how often a change is tried that the server did not confirm, and that it has not made as far as can be seen.
	// To patch an Email once more does no harm.
	unsureTries = 2
)

// setEmails changes Emails in as many requests as the server's limits call for, each with an inquiry. result hears of every Email: with
// nil when it was changed, for the reason when not.
func (a *Account) setEmails(ctx context.Context, patches map[string]*jmap.EmailPatch, order []string, o setOptions) error {
	l := a.link()
	for len(order) > 0 {
		n := min(len(order), l.setSize())
		err := a.setSome(ctx, patches, order[:n], o)
		if l.shrinkSet(err, n) {
			continue
		}
		if err != nil {
			return err
		}
		order = order[n:]
	}
	return nil
}

// setSome changes Emails in one request, and again those of which that is not sure.
func (a *Account) setSome(ctx context.Context, patches map[string]*jmap.EmailPatch, some []string, o setOptions) error {
	for try := 1; len(some) > 0; try++ {
		s := setting{account: a, patches: patches, ids: some, options: o, try: try}
		if err := s.run(ctx); err != nil {
			return err
		}
		some = s.again
	}
	return nil
}

// setOptions are what goes with setEmails.
type setOptions struct {
	result func(id string, err error)
	after  func(c *change) error // after result was called for all Emails of the request
}

// setting is one request of setEmails.
type setting struct {
	account *Account
	patches map[string]*jmap.EmailPatch
	ids     []string
	options setOptions
	try     int
	again   []string // Emails that are worth another try
}

func (s *setting) run(ctx context.Context) error {
	var call jmap.Call[jmap.EmailSetResponse]
	var changed []string
	err := write{
		account: s.account,
		ask: func(q *jmap.Request) {
			update := make(map[jmap.ID]*jmap.EmailPatch, len(s.ids))
			for _, id := range s.ids {
				update[jmap.ID(id)] = s.patches[id]
			}
			call = jmap.Add(q, &jmap.EmailSet{AccountID: s.account.ID(), Update: update})
		},
		outcome: func(p *jmap.Response, b *batch) error {
			answer, err := call.Response(p)
			if err != nil {
				return writeError(err)
			}
			for _, id := range s.ids {
				failure, failed := answer.NotUpdated[jmap.ID(id)]
				if failed && isBusy(failure) && s.try < busyTries {
					s.again = append(s.again, id)
					continue
				}
				err := setOutcome(answer.Updated, answer.NotUpdated, jmap.ID(id))
				if err == nil {
					changed = append(changed, id)
				}
				s.options.result(id, err)
			}
			b.order, b.after = s.ids, s.options.after
			return nil
		},
	}.run(ctx)
	if errors.Is(err, errUnsure) {
		return s.settle(err)
	}
	if err == nil {
		err = s.account.confirm(ctx, s.patches, changed)
	}
	return err
}

// settle sorts the Emails of a request that the server did not confirm by what the replica shows of them.
func (s *setting) settle(unsure error) error {
	for _, id := range s.ids {
		shown, err := s.account.replica.shows(id, s.patches[id])
		switch {
		case shown || err != nil:
			s.options.result(id, err)
		case s.try < unsureTries:
			s.again = append(s.again, id)
		default:
			s.options.result(id, unsure)
		}
	}
	if s.options.after == nil {
		return nil
	}
	_, err := s.account.replica.apply(&batch{after: s.options.after})
	return err
}

// isBusy reports whether an Email was not changed because another client changed it at the same moment. Stalwart says that as
// "forbidden", with nothing but the text to tell it from a lack of rights.
func isBusy(e jmap.SetError) bool {
	return e.Type == jmap.SetErrorForbidden && strings.Contains(strings.ToLower(e.Description), "try again")
}

// setOutcome returns what the server says of one record. One that it says nothing of was not changed.
func setOutcome[T any](done map[jmap.ID]T, failed map[jmap.ID]jmap.SetError, id jmap.ID) error {
	if e, ok := failed[id]; ok {
		return mapSetError(e)
	}
	if _, ok := done[id]; ok {
		return nil
	}
	return ErrUnavailable
}
