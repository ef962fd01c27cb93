package importer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/stretchr/testify/require"
)

// fake is a JMAP server in memory, just large enough to import into, that fails when told to.
type fake struct {
	*httptest.Server
	t         *testing.T
	mu        sync.Mutex
	blobs     map[proto.ID][]byte
	emails    []*proto.Email
	mailboxes []*proto.Mailbox
	limits    string
	unique    bool // one Email per content, as Cyrus has it
	ownBlobs  bool // Emails have other blob ids than uploads, as with Stalwart
	forgetful bool // cannotCalculateChanges
	// before and after see each HTTP request; when one of them returns false, the connection breaks.
	before, after func(what string) bool
	status        func(what string) int // HTTP status, 0 for success
	refuse        func(blob []byte) *proto.SetError
	methodError   func(method string) *proto.MethodError
	calls         []string
}

func newFake(t *testing.T) *fake {
	inbox := "inbox"
	f := &fake{t: t, blobs: map[proto.ID][]byte{}, limits: `"maxObjectsInSet":3`}
	f.mailboxes = []*proto.Mailbox{{ID: "M0", Name: "Inbox", Role: &inbox}}
	f.before = func(string) bool { return true }
	f.after = f.before
	f.status = func(string) int { return 0 }
	f.refuse = func([]byte) *proto.SetError { return nil }
	f.methodError = func(string) *proto.MethodError { return nil }
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) login() *jmapclient.Session {
	client, err := jmapclient.New(jmapclient.Config{URL: f.URL})
	require.NoError(f.t, err)
	session, err := client.Login(f.t.Context(), jmapclient.Credentials{User: "u", Password: "p"})
	require.NoError(f.t, err)
	return session
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	what := strings.Split(r.URL.Path, "/")[1]
	var request proto.Request
	if what == "api" {
		body, _ := io.ReadAll(r.Body)
		if request.UnmarshalJSON(body) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		what = request.MethodCalls[0].Name
	}
	f.calls = append(f.calls, what)
	if what != ".well-known" && !f.before(what) {
		panic(http.ErrAbortHandler)
	}
	if status := f.status(what); status != 0 {
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(status)
		return
	}
	answer := f.answer(what, r, request)
	if what != ".well-known" && !f.after(what) {
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(answer)
}

func (f *fake) answer(what string, r *http.Request, request proto.Request) []byte {
	switch what {
	case ".well-known":
		return fmt.Appendf(nil, `{"capabilities":{"urn:ietf:params:jmap:core":{%s},"urn:ietf:params:jmap:mail":{}},
			"accounts":{"A":{"isPersonal":true,"accountCapabilities":{"urn:ietf:params:jmap:mail":{}}}},
			"primaryAccounts":{"urn:ietf:params:jmap:mail":"A"},"username":"u","apiUrl":"/api/","uploadUrl":"/upload/{accountId}",
			"downloadUrl":"/download/{accountId}/{blobId}","state":"0"}`, f.limits)
	case "upload":
		blob, _ := io.ReadAll(r.Body)
		sum := sha256.Sum256(blob)
		id := proto.ID("B" + hex.EncodeToString(sum[:8]))
		f.blobs[id] = blob
		return fmt.Appendf(nil, `{"accountId":"A","blobId":%q,"type":"message/rfc822","size":%d}`, id, len(blob))
	case "download":
		return f.blobs[proto.ID(path.Base(r.URL.Path))]
	}
	call := request.MethodCalls[0]
	response := proto.Response{SessionState: "0"}
	result := any(f.methodError(what))
	if result == any((*proto.MethodError)(nil)) {
		result = f.method(call)
	}
	name := what
	if _, failed := result.(*proto.MethodError); failed {
		name = "error"
	}
	response.MethodResponses = []proto.Invocation{{Name: name, Args: result, CallID: call.CallID}}
	text, err := response.MarshalJSON()
	require.NoError(f.t, err)
	return text
}

func decode[M proto.Method](f *fake, call proto.Invocation, args M) M {
	require.NoError(f.t, call.Into(args))
	return args
}

func (f *fake) state() string { return strconv.Itoa(len(f.emails)) }

func (f *fake) method(call proto.Invocation) any {
	switch call.Name {
	case "Email/get":
		return f.emailGet(decode(f, call, &proto.EmailGet{}))
	case "Email/changes":
		args := decode(f, call, &proto.EmailChanges{})
		if f.forgetful {
			return &proto.MethodError{Type: proto.MethodErrorCannotCalculateChanges}
		}
		since, _ := strconv.Atoi(args.SinceState)
		changes := &proto.EmailChangesResponse{OldState: args.SinceState, NewState: f.state()}
		for _, email := range f.emails[since:] {
			changes.Created = append(changes.Created, email.ID)
		}
		return changes
	case "Email/query":
		args := decode(f, call, &proto.EmailQuery{})
		inMailbox := args.Filter.(*proto.EmailFilterCondition).InMailbox
		response := &proto.EmailQueryResponse{}
		for _, email := range f.emails {
			if email.MailboxIDs[inMailbox] {
				response.IDs = append(response.IDs, email.ID)
			}
		}
		response.IDs = response.IDs[min(int(args.Position), len(response.IDs)):]
		response.IDs = response.IDs[:min(2, len(response.IDs))]
		return response
	case "Email/import":
		return f.emailImport(decode(f, call, &proto.EmailImport{}))
	case "Email/set":
		args := decode(f, call, &proto.EmailSet{})
		response := &proto.EmailSetResponse{Updated: map[proto.ID]*proto.Email{}}
		for id, patch := range args.Update {
			for at := range patch.Patch {
				kind, key, _ := strings.Cut(at, "/")
				email := f.email(id)
				map[string]func(){
					"mailboxIds": func() { email.MailboxIDs[proto.ID(key)] = true },
					"keywords":   func() { email.Keywords[key] = true },
				}[kind]()
			}
			response.Updated[id] = nil
		}
		return response
	case "Mailbox/get":
		return &proto.MailboxGetResponse{List: f.mailboxes}
	case "Mailbox/set":
		args := decode(f, call, &proto.MailboxSet{})
		box := *args.Create["new"]
		box.ID = proto.ID("M" + strconv.Itoa(len(f.mailboxes)))
		f.mailboxes = append(f.mailboxes, &box)
		return &proto.MailboxSetResponse{Created: map[proto.ID]*proto.Mailbox{"new": {ID: box.ID}}}
	}
	return &proto.MethodError{Type: proto.MethodErrorUnknownMethod}
}

func (f *fake) email(id proto.ID) *proto.Email {
	i := slices.IndexFunc(f.emails, func(e *proto.Email) bool { return e.ID == id })
	if i < 0 {
		return nil
	}
	return f.emails[i]
}

func (f *fake) emailGet(args *proto.EmailGet) any {
	response := &proto.EmailGetResponse{State: f.state()}
	for _, id := range args.IDs {
		if email := f.email(id); email != nil {
			response.List = append(response.List, email)
		} else {
			response.NotFound = append(response.NotFound, id)
		}
	}
	return response
}

func (f *fake) emailImport(args *proto.EmailImport) any {
	response := &proto.EmailImportResponse{Created: map[proto.ID]*proto.Email{}, NotCreated: map[proto.ID]proto.SetError{}}
	for _, id := range slices.Sorted(maps.Keys(args.Emails)) {
		object := args.Emails[id]
		blob, there := f.blobs[object.BlobID]
		refusal := f.refuse(blob)
		if !there {
			refusal = &proto.SetError{Type: proto.SetErrorBlobNotFound}
		}
		for _, email := range f.emails {
			if f.unique && email.BlobID == object.BlobID {
				refusal = &proto.SetError{Type: proto.SetErrorAlreadyExists, ExistingID: email.ID}
			}
		}
		if refusal != nil {
			response.NotCreated[id] = *refusal
			continue
		}
		email := &proto.Email{
			ID: proto.ID(fmt.Sprint("E", len(f.emails))), BlobID: object.BlobID, Size: uint64(len(blob)),
			MailboxIDs: object.MailboxIDs, Keywords: object.Keywords,
		}
		if email.Keywords == nil {
			email.Keywords = map[string]bool{}
		}
		if f.ownBlobs {
			email.BlobID = "own-" + email.ID
			f.blobs[email.BlobID] = blob
		}
		f.emails = append(f.emails, email)
		response.Created[id] = email
	}
	response.NewState = f.state()
	return response
}

// stored returns what the account has: mailbox names, keywords and content of each Email, sorted.
func (f *fake) stored() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	names := map[proto.ID]string{}
	for _, box := range f.mailboxes {
		names[box.ID] = box.Name
		if box.ParentID != nil {
			names[box.ID] = names[*box.ParentID] + "/" + box.Name
		}
	}
	all := []string{}
	for _, email := range f.emails {
		var boxes []string
		for id := range email.MailboxIDs {
			boxes = append(boxes, names[id])
		}
		slices.Sort(boxes)
		all = append(all, fmt.Sprintf("%v%v %s", boxes, slices.Sorted(maps.Keys(email.Keywords)), f.blobs[email.BlobID]))
	}
	slices.Sort(all)
	return all
}
