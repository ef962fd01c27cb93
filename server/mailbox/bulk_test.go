package mailbox

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
)

// bulkServer is a JMAP server of one large mailbox. It computes its Emails when it is asked, so that memory and time are those of
// the replica. The ids are as long as Cyrus makes them: 25, 41 and 17 octets.
type bulkServer struct {
	limits    jmapclient.Limits
	queryPage int // most ids of a query
	hook      func(*jmap.Request)

	mu       sync.Mutex
	messages int
	flagged  map[int]bool // by number of the Email
	changed  []int        // the state is its length
	floor    int          // changes since an earlier state cannot be calculated
	requests int
	listed   int // ids that queries gave
	asked    int // Emails that were asked for
	calls    map[string]int
}

func newBulk(messages int) *bulkServer {
	return &bulkServer{
		messages: messages, flagged: map[int]bool{}, queryPage: 1 << 30, calls: map[string]int{},
		limits: jmapclient.Limits{MaxCallsInRequest: 50, MaxObjectsInGet: 4096, MaxObjectsInSet: 4096},
	}
}

func (s *bulkServer) Limits() jmapclient.Limits { return s.limits }

func (s *bulkServer) Info() *jmap.Session {
	return &jmap.Session{Username: "ann", Accounts: map[jmap.ID]jmap.Account{fakeAccount: {Name: "ann", IsPersonal: true}}}
}

const (
	bulkMailbox = jmap.ID("0a1b2c3d-4e5f-6789-abcd")
	bulkFactor  = 0x9e3779b97f4a7c15 // odd, so that numbers and ids go both ways
	bulkInverse = 0xf1de83e19937733d
)

func bulkID(n int) jmap.ID { return jmap.ID(fmt.Sprintf("M%024x", uint64(n+1)*bulkFactor)) }

func bulkNumber(id jmap.ID) int {
	scrambled, err := strconv.ParseUint(string(id[len(id)-16:]), 16, 64)
	if err != nil {
		return -1
	}
	return int(scrambled*bulkInverse) - 1
}

func (s *bulkServer) Do(ctx context.Context, q *jmap.Request) (*jmap.Response, error) {
	if s.hook != nil {
		s.hook(q)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	p := &jmap.Response{SessionState: "0"}
	results := map[string]map[string][]jmap.ID{}
	for _, call := range q.MethodCalls {
		s.calls[call.Name]++
		result := s.call(call, results)
		p.MethodResponses = append(p.MethodResponses, jmap.Invocation{Name: result.Method(), Args: result, CallID: call.CallID})
	}
	return p, nil
}

func (s *bulkServer) call(call jmap.Invocation, results map[string]map[string][]jmap.ID) jmap.Method {
	resolve := func(ids []jmap.ID, ref *jmap.ResultReference) []jmap.ID {
		if ref != nil {
			return results[ref.ResultOf][ref.Path]
		}
		return ids
	}
	switch a := call.Args.(type) {
	case *jmap.MailboxGet:
		role := "inbox"
		return &jmap.MailboxGetResponse{AccountID: fakeAccount, State: "1", List: []*jmap.Mailbox{{
			Has: jmap.MailboxAll, ID: bulkMailbox, Name: "Inbox", Role: &role, MyRights: &jmap.MailboxRights{MayReadItems: true},
			TotalEmails: uint64(s.messages),
		}}}
	case *jmap.MailboxChanges:
		return &jmap.MailboxChangesResponse{AccountID: fakeAccount, OldState: a.SinceState, NewState: a.SinceState}
	case *jmap.EmailQuery:
		answer := s.query(a)
		results[call.CallID] = map[string][]jmap.ID{"/ids": answer.IDs}
		return answer
	case *jmap.EmailGet:
		return s.get(resolve(a.IDs, a.IDsRef), a.Properties)
	case *jmap.EmailChanges:
		since, err := strconv.Atoi(a.SinceState)
		if err != nil || since < s.floor {
			return &jmap.MethodError{Type: jmap.MethodErrorCannotCalculateChanges}
		}
		answer := &jmap.EmailChangesResponse{AccountID: fakeAccount, OldState: a.SinceState, NewState: s.state()}
		for _, n := range s.changed[since:] {
			answer.Updated = append(answer.Updated, bulkID(n))
		}
		results[call.CallID] = map[string][]jmap.ID{"/updated": answer.Updated}
		return answer
	}
	return &jmap.MethodError{Type: jmap.MethodErrorUnknownMethod}
}

func (s *bulkServer) state() string { return strconv.Itoa(len(s.changed)) }

func (s *bulkServer) query(a *jmap.EmailQuery) *jmap.EmailQueryResponse {
	limit := s.queryPage
	if a.Limit != nil {
		limit = min(limit, int(*a.Limit))
	}
	used := uint64(limit)
	answer := &jmap.EmailQueryResponse{
		AccountID: fakeAccount, QueryState: s.state(), Position: uint64(a.Position), Limit: &used, IDs: []jmap.ID{},
	}
	for n := int(a.Position); n < s.messages && len(answer.IDs) < limit; n++ {
		answer.IDs = append(answer.IDs, bulkID(n))
	}
	s.listed += len(answer.IDs)
	return answer
}

func (s *bulkServer) get(ids []jmap.ID, properties []string) jmap.Method {
	if len(ids) > s.limits.MaxObjectsInGet {
		return &jmap.MethodError{Type: jmap.MethodErrorRequestTooLarge}
	}
	answer := &jmap.EmailGetResponse{AccountID: fakeAccount, State: s.state()}
	has, _ := jmap.ParseEmailProperties(properties)
	s.asked += len(ids)
	for _, id := range ids {
		n := bulkNumber(id)
		if n < 0 || n >= s.messages {
			answer.NotFound = append(answer.NotFound, id)
			continue
		}
		answer.List = append(answer.List, s.email(n, has))
	}
	return answer
}

func (s *bulkServer) email(n int, has jmap.EmailProperties) *jmap.Email {
	e := &jmap.Email{
		Has: has, ID: bulkID(n), BlobID: jmap.ID(fmt.Sprintf("G%040x", uint64(n)*bulkFactor)), ThreadID: jmap.ID(fmt.Sprintf("T%016x", n)),
		MailboxIDs: map[jmap.ID]bool{bulkMailbox: true}, Keywords: map[string]bool{"$seen": n%3 > 0}, Size: uint64(2000 + n%5000),
		ReceivedAt: jmap.NewUTCDate(time.Unix(1_500_000_000+int64(n)*600, 0)),
	}
	if s.flagged[n] {
		e.Keywords["$flagged"] = true
	}
	return e
}

// flag changes the flags of an Email as another client would.
func (s *bulkServer) flag(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flagged[n] = !s.flagged[n]
	s.changed = append(s.changed, n)
}

// forget makes the server unable to tell what changed until now.
func (s *bulkServer) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed = append(s.changed, 0)
	s.floor = len(s.changed)
}

// taken returns how many requests were made since it was last called.
func (s *bulkServer) taken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.requests
	s.requests, s.listed, s.asked = 0, 0, 0
	clear(s.calls)
	return n
}
