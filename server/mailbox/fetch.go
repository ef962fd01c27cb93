package mailbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/server/store"
)

const (
	// getChunk is how many objects are asked for in a call whose ids only the server knows.
	getChunk = 500
	// getLeast and getMost are how many Emails are asked for in one request where all are known, in one call or in several. Cyrus tells of
	// 4000 in 0.2 s, in one call in three quarters of the time of eight.
	getLeast, getMost = 500, 4000
	// A request for so many Emails is to take more than getBrief and less than getLong: on a slow server, it is long before a time-out then.
	getBrief, getLong = 500 * time.Millisecond, 2 * time.Second
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
	if err == nil {
		err = l.checkAccount(p)
	}
	return p, err
}

// checkAccount refuses answers for another account: they would mix the mail of two people.
func (l link) checkAccount(p *jmap.Response) error {
	expected := []byte(`"accountId":"` + string(l.r.id) + `"`)
	for _, i := range p.MethodResponses {
		var about struct {
			AccountID jmap.ID `json:"accountId"`
		}
		if i.Name == "error" || bytes.Contains(i.Raw, expected) { // answers can be large: to look is faster than to decode
			continue
		}
		if err := json.Unmarshal(i.Raw, &about); err == nil && about.AccountID != "" && about.AccountID != l.r.id {
			return fmt.Errorf("%w: it answered for account %q in place of %q", ErrUnavailable, about.AccountID, l.r.id)
		}
	}
	return nil
}

// getSize is how many objects to ask for in one call, of most: no more than the server says, and than it was found to take.
func (l link) getSize(most int) int {
	size := max(1, min(l.session.Limits().MaxObjectsInGet, most))
	if learned := int(l.r.getLimit.Load()); learned > 0 {
		size = min(size, learned)
	}
	return size
}

// setSize is how many objects to change in one call: no more than the server says, and than it was found to take.
func (l link) setSize() int {
	size := max(1, min(l.session.Limits().MaxObjectsInSet, getChunk))
	if learned := int(l.r.setLimit.Load()); learned > 0 {
		size = min(size, learned)
	}
	return size
}

// shrinkSet makes setSize smaller when the server, or the limit on the octets of a request, did not let that many changes through; nothing
// was done then. It reports false when err has another reason.
func (l link) shrinkSet(err error, sent int) bool {
	var limit *jmapclient.LimitError
	var request *jmap.RequestError
	name := ""
	switch {
	case isMethodError(err, jmap.MethodErrorRequestTooLarge):
		name = "maxObjectsInSet"
	case errors.As(err, &limit):
		name = limit.Limit
	case errors.As(err, &request) && request.Type == jmap.RequestErrorLimit:
		name = request.Limit
	}
	if sent < 2 || name != "maxObjectsInSet" && name != "maxSizeRequest" {
		return false
	}
	l.r.setLimit.Store(int64(sent / 2))
	return true
}

// complete returns the Emails that are there of those asked for. answers is what came already; nil when the server would not give so
// many at once. An id that is neither in an answer nor said to be missing is asked for again.
func (l link) complete(ctx context.Context, asked []jmap.ID, answers []*jmap.EmailGetResponse) ([]store.Email, error) {
	found := make([]store.Email, 0, len(asked))
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
	if err := l.getEmails(ctx, open, emailProperties, take); err != nil {
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

// shape is how many Emails to ask for in one call, and in how many calls of a request.
func (l link) shape() (size, calls int) {
	page := l.r.pace.size()
	size = l.getSize(page)
	return size, max(1, min(page/size, l.session.Limits().MaxCallsInRequest))
}

// pageSize is how many Emails to ask for in one request.
func (l link) pageSize() int {
	size, calls := l.shape()
	return size * calls
}

// getEmails asks for Emails by id, several chunks to a request, and hands each answer to take. A server that takes fewer than it
// says is asked for half as many.
func (l link) getEmails(ctx context.Context, ids []jmap.ID, properties []string, take func(*jmap.EmailGetResponse) error) error {
	for len(ids) > 0 {
		size, calls := l.shape()
		var q jmap.Request
		var gets []jmap.Call[jmap.EmailGetResponse]
		rest := ids
		for len(rest) > 0 && len(gets) < calls {
			n := min(len(rest), size)
			gets = append(gets, jmap.Add(&q, &jmap.EmailGet{AccountID: l.r.id, IDs: rest[:n], Properties: properties}))
			rest = rest[n:]
		}
		started := time.Now()
		p, err := l.do(ctx, &q)
		if err == nil {
			l.r.pace.note(len(ids)-len(rest), time.Since(started))
			err = takeAll(gets, p, take)
		}
		if tooLarge(err) && size > 1 {
			l.r.getLimit.Store(int64(size / 2))
			continue
		}
		if err != nil {
			return mapError(err)
		}
		ids = rest
	}
	return nil
}

// pace is how many Emails to ask a server for in one request, as it has shown how fast it is.
type pace struct{ learned atomic.Int64 }

func (p *pace) size() int { return max(getLeast, int(p.learned.Load())) }

// note takes the time that a request for n Emails took.
func (p *pace) note(n int, took time.Duration) {
	switch size := p.size(); {
	case took < getBrief && n >= size:
		p.learned.Store(int64(min(2*size, getMost)))
	case took > getLong:
		p.learned.Store(int64(size / 2))
	}
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
