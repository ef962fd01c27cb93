package mailbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
)

// fakeServer is a JMAP server in memory whose faults can be switched on.
type fakeServer struct {
	mu        sync.Mutex
	emails    map[jmap.ID]*jmap.Email
	mailboxes map[jmap.ID]*jmap.Mailbox
	log       []fakeChange // the state is its length
	floor     int          // changes since an earlier state cannot be calculated
	nextID    int
	calls     []string // methods of each request
	watchers  map[*fakeSession]func(jmapclient.Event)

	changesPage int              // most ids of a /changes
	queryPage   int              // most ids of a query
	getTakes    int              // most ids of a get, where that is less than the limits say
	setTakes    int              // most changes of an Email/set, where that is less than the limits say
	pastIsZero  bool             // a query past the end says position 0
	unlisted    map[jmap.ID]bool // what queries do not give
	dedupe      bool             // the same octets cannot be twice in the account
	noExisting  bool             // alreadyExists names no id
	destroyFail int              // how many mailboxes fail to be destroyed
	blobLate    int              // how many imports do not find their blob
	busy        int              // how many updates fail as those of Stalwart do at the same moment as another
	limits      jmapclient.Limits
	before      error // returned instead of doing the next request
	lost        error // returned after doing the next request
	hook        func(*jmap.Request)
}

type fakeChange struct {
	mailbox bool
	id      jmap.ID
	kind    byte // c, u, d
}

const fakeAccount = jmap.ID("A1")

var errFake = &jmapclient.UnavailableError{Op: "testing"}

func newFake() *fakeServer {
	f := &fakeServer{
		emails: map[jmap.ID]*jmap.Email{}, mailboxes: map[jmap.ID]*jmap.Mailbox{}, watchers: map[*fakeSession]func(jmapclient.Event){},
		changesPage: 1000, queryPage: 1000,
		limits: jmapclient.Limits{MaxCallsInRequest: 16, MaxObjectsInGet: 500, MaxObjectsInSet: 500},
	}
	f.addMailbox("inbox", "Inbox", "", "inbox")
	f.addMailbox("trash", "Trash", "", "trash")
	f.addMailbox("work", "Work", "", "")
	return f
}

// fakeSession is a session with it.
type fakeSession struct{ *fakeServer }

func (s *fakeSession) Limits() jmapclient.Limits { return s.limits }

func (s *fakeSession) Info() *jmap.Session {
	return &jmap.Session{Username: "ann", Accounts: map[jmap.ID]jmap.Account{fakeAccount: {Name: "ann", IsPersonal: true}}}
}

// pushSession is one that tells of changes.
type pushSession struct{ *fakeSession }

func (s *pushSession) Watch(ctx context.Context, o jmapclient.WatchOptions, handle func(jmapclient.Event)) error {
	s.mu.Lock()
	s.watchers[s.fakeSession] = handle
	s.mu.Unlock()
	o.Alive()
	<-ctx.Done()
	s.mu.Lock()
	delete(s.watchers, s.fakeSession)
	s.mu.Unlock()
	o.Lost(ctx.Err())
	return ctx.Err()
}

func (f *fakeServer) Do(ctx context.Context, q *jmap.Request) (*jmap.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if f.hook != nil {
		f.hook(q)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var names []string
	for _, call := range q.MethodCalls {
		names = append(names, call.Name)
	}
	f.calls = append(f.calls, strings.Join(names, " "))
	if err := f.before; err != nil {
		f.before = nil
		return nil, err
	}
	at := len(f.log)
	answer := f.run(q)
	if len(f.log) > at {
		f.push()
	}
	if err := f.lost; err != nil {
		f.lost = nil
		return nil, err
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	out := &jmap.Response{}
	return out, out.UnmarshalJSON(text)
}

func (f *fakeServer) push() {
	state := f.state()
	event := jmapclient.Event{Changed: map[jmap.ID]map[string]string{fakeAccount: {"Email": state, "Mailbox": state}}}
	for _, handle := range f.watchers {
		handle(event)
	}
}

func (f *fakeServer) run(q *jmap.Request) *jmap.Response {
	p := &jmap.Response{MethodResponses: []jmap.Invocation{}, SessionState: "0"}
	created := map[jmap.ID]jmap.ID{}
	for _, call := range q.MethodCalls {
		raw, err := json.Marshal(call.Args)
		if err == nil {
			raw, err = jmap.ResolveReferences(raw, func(ref jmap.ResultReference) (json.RawMessage, error) {
				for _, i := range p.MethodResponses {
					if i.CallID == ref.ResultOf && i.Name == ref.Name {
						return json.Marshal(i.Args)
					}
				}
				return nil, errors.New("no such result")
			})
		}
		var result jmap.Method
		if err == nil {
			result, err = f.call(call.Name, raw, created)
		}
		if err != nil {
			var methodError *jmap.MethodError
			if !errors.As(err, &methodError) {
				methodError = &jmap.MethodError{Type: "invalidResultReference", Description: err.Error()}
			}
			result = methodError
		}
		p.MethodResponses = append(p.MethodResponses, jmap.Invocation{Name: result.Method(), Args: result, CallID: call.CallID})
	}
	return p
}

func (f *fakeServer) call(name string, raw json.RawMessage, created map[jmap.ID]jmap.ID) (jmap.Method, error) {
	args, ok := jmap.NewMethod(name)
	if !ok {
		return nil, &jmap.MethodError{Type: jmap.MethodErrorUnknownMethod}
	}
	if err := args.(json.Unmarshaler).UnmarshalJSON(raw); err != nil {
		return nil, err
	}
	switch a := args.(type) {
	case *jmap.EmailGet:
		return f.emailGet(a)
	case *jmap.EmailChanges:
		return f.emailChanges(a)
	case *jmap.EmailQuery:
		return f.emailQuery(a)
	case *jmap.EmailSet:
		return f.emailSet(a)
	case *jmap.EmailImport:
		return f.emailImport(a)
	case *jmap.MailboxGet:
		return f.mailboxGet(a)
	case *jmap.MailboxQuery:
		return f.mailboxQuery(a)
	case *jmap.MailboxChanges:
		return f.mailboxChanges(a)
	case *jmap.MailboxSet:
		return f.mailboxSet(a, created)
	}
	return nil, &jmap.MethodError{Type: jmap.MethodErrorUnknownMethod}
}

func (f *fakeServer) state() string { return strconv.Itoa(len(f.log)) }

func (f *fakeServer) id(prefix string) jmap.ID {
	f.nextID++
	return jmap.ID(fmt.Sprintf("%s%d", prefix, f.nextID))
}

func (f *fakeServer) note(mailbox bool, id jmap.ID, kind byte) {
	f.log = append(f.log, fakeChange{mailbox, id, kind})
}

// touch notes that an Email changed, and the counts of its mailboxes with it.
func (f *fakeServer) touch(id jmap.ID, kind byte, mailboxes ...map[jmap.ID]bool) {
	f.note(false, id, kind)
	for _, set := range mailboxes {
		for m := range set {
			f.note(true, m, 'u')
		}
	}
}

func (f *fakeServer) addMailbox(id jmap.ID, name string, parent jmap.ID, role string) {
	m := &jmap.Mailbox{Has: jmap.MailboxAll, ID: id, Name: name, MyRights: &jmap.MailboxRights{MayReadItems: true}, IsSubscribed: true}
	if parent != "" {
		m.ParentID = &parent
	}
	if role != "" {
		m.Role = &role
	}
	f.mailboxes[id] = m
	f.note(true, id, 'c')
}

// add puts an Email into mailboxes.
func (f *fakeServer) add(received int64, mailboxes ...jmap.ID) jmap.ID {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := f.create(f.id("b"), received, mailboxes...)
	f.push()
	return id
}

func (f *fakeServer) create(blob jmap.ID, received int64, mailboxes ...jmap.ID) jmap.ID {
	id := f.id("e")
	set := map[jmap.ID]bool{}
	for _, m := range mailboxes {
		set[m] = true
	}
	f.emails[id] = &jmap.Email{
		Has: jmap.EmailAll, ID: id, BlobID: blob, ThreadID: "t" + id, MailboxIDs: set, Keywords: map[string]bool{}, Size: 100,
		ReceivedAt: jmap.NewUTCDate(time.Unix(received, 0)),
	}
	f.touch(id, 'c', set)
	return id
}

// change edits an Email as another client would.
func (f *fakeServer) change(id jmap.ID, edit func(e *jmap.Email)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e, ok := f.emails[id]
	if !ok {
		return
	}
	was := maps.Clone(e.MailboxIDs)
	edit(e)
	if len(e.MailboxIDs) == 0 {
		delete(f.emails, id)
		f.touch(id, 'd', was)
	} else {
		f.touch(id, 'u', was, e.MailboxIDs)
	}
	f.push()
}

// rename gives an Email another id, as servers do that merge threads.
func (f *fakeServer) rename(id jmap.ID) jmap.ID {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := *f.emails[id]
	delete(f.emails, id)
	f.touch(id, 'd', e.MailboxIDs)
	e.ID = f.id("e")
	f.emails[e.ID] = &e
	f.touch(e.ID, 'c')
	f.push()
	return e.ID
}

func (f *fakeServer) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.note(false, "none", 'd')
	f.floor = len(f.log)
	f.push()
}

// taken returns the requests made since it was last called.
func (f *fakeServer) taken() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := f.calls
	f.calls = nil
	return calls
}

func (f *fakeServer) ids() []jmap.ID {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.emails))
}
