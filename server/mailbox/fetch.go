package mailbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/server/store"
)

const (
	// getChunk is how many objects are asked for in one call; servers that take more are not faster.
	getChunk = 500
	// getCalls is how many such calls are put in one request.
	getCalls = 4
)

// link is the session that requests are sent with.
type link struct {
	r       *replica
	session Session
}

// do sends a request. An error is mapped, but for what tooLarge looks for.
func (l link) do(ctx context.Context, q *jmap.Request) (*jmap.Response, error) {
	p, err := l.session.Do(ctx, q)
	if err != nil && !tooLarge(err) {
		err = mapError(err)
	}
	return p, err
}

// getSize is how many objects to ask for in one call: no more than the server says, and than it was found to take.
func (l link) getSize() int {
	size := max(1, min(l.session.Limits().MaxObjectsInGet, getChunk))
	if learned := int(l.r.getLimit.Load()); learned > 0 {
		size = min(size, learned)
	}
	return size
}

// setSize is how many objects to change in one call.
func (l link) setSize() int { return max(1, min(l.session.Limits().MaxObjectsInSet, getChunk)) }

// complete returns the Emails that are there of those asked for. answers is what came already; nil when the server would not give so
// many at once. An id that is neither in an answer nor said to be missing is asked for again.
func (l link) complete(ctx context.Context, asked []jmap.ID, answers []*jmap.EmailGetResponse) ([]store.Email, error) {
	var found []store.Email
	settled := map[jmap.ID]bool{}
	strangers := 0 // Emails that answer under another id than was asked for
	want := map[jmap.ID]bool{}
	for _, id := range asked {
		want[id] = true
	}
	take := func(got *jmap.EmailGetResponse) error {
		for _, e := range got.List {
			rec, ok := recordOf(e)
			if !ok {
				return fmt.Errorf("%w: the server described Email %q without what is needed", ErrUnavailable, e.ID)
			}
			if settled[e.ID] {
				continue
			}
			settled[e.ID] = true
			if !want[e.ID] {
				strangers++
			}
			found = append(found, rec)
		}
		for _, id := range got.NotFound {
			settled[id] = true
		}
		return nil
	}
	for _, got := range answers {
		if err := take(got); err != nil {
			return nil, err
		}
	}
	open := unsettled(asked, settled)
	if len(open) == 0 || answers != nil && strangers >= len(open) {
		return found, nil
	}
	strangers = 0
	if err := l.getEmails(ctx, open, take); err != nil {
		return nil, err
	}
	if open = unsettled(asked, settled); strangers < len(open) {
		return nil, fmt.Errorf("%w: the server said nothing of %d Emails", ErrUnavailable, len(open)-strangers)
	}
	return found, nil
}

func unsettled(asked []jmap.ID, settled map[jmap.ID]bool) []jmap.ID {
	var open []jmap.ID
	for _, id := range asked {
		if !settled[id] {
			open = append(open, id)
		}
	}
	return open
}

// getEmails asks for Emails by id, several chunks to a request, and hands each answer to take. A server that takes fewer than it
// says is asked for half as many.
func (l link) getEmails(ctx context.Context, ids []jmap.ID, take func(*jmap.EmailGetResponse) error) error {
	size := l.getSize()
	calls := max(1, min(getCalls, l.session.Limits().MaxCallsInRequest))
	for len(ids) > 0 {
		var q jmap.Request
		var gets []jmap.Call[jmap.EmailGetResponse]
		rest := ids
		for len(rest) > 0 && len(gets) < calls {
			n := min(len(rest), size)
			gets = append(gets, jmap.Add(&q, &jmap.EmailGet{AccountID: l.r.id, IDs: rest[:n], Properties: emailProperties}))
			rest = rest[n:]
		}
		p, err := l.do(ctx, &q)
		if err == nil {
			err = takeAll(gets, p, take)
		}
		if tooLarge(err) && size > 1 {
			size /= 2
			l.r.getLimit.Store(int64(size))
			continue
		}
		if err != nil {
			return mapError(err)
		}
		ids = rest
	}
	return nil
}

func takeAll(calls []jmap.Call[jmap.EmailGetResponse], p *jmap.Response, take func(*jmap.EmailGetResponse) error) error {
	answers := make([]*jmap.EmailGetResponse, len(calls))
	for i, call := range calls {
		got, err := call.Response(p)
		if err != nil {
			return err
		}
		answers[i] = got
	}
	for _, got := range answers {
		if err := take(got); err != nil {
			return err
		}
	}
	return nil
}

// tooLarge reports whether a server found a call too large, in whichever way it says so.
func tooLarge(err error) bool {
	var limit *jmapclient.LimitError
	var request *jmap.RequestError
	return isMethodError(err, jmap.MethodErrorRequestTooLarge) ||
		errors.As(err, &limit) && (limit.Limit == "maxObjectsInGet" || limit.Limit == "maxSizeRequest") ||
		errors.As(err, &request) && request.Type == jmap.RequestErrorLimit && request.Limit == "maxObjectsInGet"
}
