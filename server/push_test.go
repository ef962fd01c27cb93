package server_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/jmap/cyrustest"
	"github.com/dragoman-mail/dragoman/jmap/embedded"
	"github.com/dragoman-mail/dragoman/server/mailbox"
	"github.com/dragoman-mail/dragoman/server/servertest"
)

// streams sees which ways of push a client opens, and breaks them.
type streams struct {
	next   http.RoundTripper
	hidden string // a path that is not there

	mu   sync.Mutex
	seen []string // path and status
	open io.Closer
}

func (s *streams) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(r.URL.Path, "/jmap/ws") && !strings.HasPrefix(r.URL.Path, "/jmap/eventsource") {
		return s.next.RoundTrip(r)
	}
	if s.hidden != "" && strings.HasPrefix(r.URL.Path, s.hidden) {
		return &http.Response{StatusCode: http.StatusNotFound, Body: http.NoBody, Request: r}, nil
	}
	response, err := s.next.RoundTrip(r)
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.seen = append(s.seen, fmt.Sprint(r.URL.Path, " ", response.StatusCode))
		s.open = response.Body
	}
	return response, err
}

func (s *streams) opened() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.seen...)
}

// cut breaks the stream that was opened last.
func (s *streams) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open.Close()
}

// storeOverHTTP starts an embedded store on a listener of its own, and gives a session on it besides those of the server.
func storeOverHTTP(t *testing.T) (*servertest.Backend, *jmap.Session) {
	store, err := embedded.Open(embedded.Options{Dir: t.TempDir(), HashIterations: 1})
	require.NoError(t, err)
	t.Cleanup(func() { store.Close() })
	require.NoError(t, store.AddAccount("demo", "demo"))
	web := httptest.NewServer(store)
	t.Cleanup(web.Close)
	credentials := jmap.Credentials{User: "demo", Password: "demo"}
	client, err := jmap.New(jmap.Config{URL: "http://embedded.invalid/", HTTPTransport: store.Transport()})
	require.NoError(t, err)
	session, err := client.Login(t.Context(), credentials)
	require.NoError(t, err)
	return &servertest.Backend{URL: web.URL, Accounts: map[string]servertest.Account{"demo": {Password: "demo", Credentials: credentials}}}, session
}

// deliver puts a message into INBOX behind the server's back.
func deliver(t *testing.T, session *jmap.Session, text string) {
	t.Helper()
	account, _ := session.MailAccount()
	inbox, err := jmap.Call(t.Context(), session, &proto.MailboxQuery{AccountID: account, Filter: &proto.MailboxFilterCondition{Role: ptr("inbox")}})
	require.NoError(t, err)
	blob, err := session.Upload(t.Context(), account, "message/rfc822", strings.NewReader(text), int64(len(text)))
	require.NoError(t, err)
	imported, err := jmap.Call(t.Context(), session, &proto.EmailImport{AccountID: account, Emails: map[proto.ID]*proto.EmailImportObject{
		"k": {BlobID: blob.BlobID, MailboxIDs: map[proto.ID]bool{inbox.IDs[0]: true}},
	}})
	require.NoError(t, err)
	require.Empty(t, imported.NotCreated)
}

func ptr[T any](v T) *T { return &v }

// Without polling, IDLE hears of what happens elsewhere over a WebSocket, or over the event stream where there is none; and when a
// stream breaks, of what happened meanwhile.
func TestIdleHearsByPush(t *testing.T) {
	for way, c := range map[string]struct{ hidden, want string }{
		"WebSocket":   {"", "/jmap/ws 101"},
		"EventSource": {"/jmap/ws", "/jmap/eventsource 200"},
	} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			backend, elsewhere := storeOverHTTP(t)
			network := &streams{hidden: c.hidden}
			s := servertest.New(t, servertest.Options{
				Backend:   backend,
				Replica:   func(o *mailbox.Options) { o.Poll, o.SafePoll = time.Hour, time.Hour },
				Transport: func(next http.RoundTripper) http.RoundTripper { network.next = next; return network },
			})
			idler := s.Select()
			done := idler.Idle()
			deliver(t, elsewhere, message)
			require.Equal(t, "* 1 EXISTS", idler.Next().Text)
			require.Equal(t, []string{c.want}, network.opened())

			network.cut()
			deliver(t, elsewhere, message+"again")
			for text := ""; text != "* 2 EXISTS"; text = idler.Next().Text {
			}
			deliver(t, elsewhere, message+"once more")
			for text := ""; text != "* 3 EXISTS"; text = idler.Next().Text {
			}
			require.Equal(t, []string{c.want, c.want}, network.opened())
			done()
		})
	}
}

// Debian's Cyrus answers 204 to whoever wants its event stream: IDLE polls.
func TestIdlePollsCyrus(t *testing.T) {
	cyrus := cyrustest.Start(t)
	user := cyrus.User(t)
	network := &streams{}
	s := servertest.New(t, servertest.Options{
		Backend: &servertest.Backend{URL: cyrus.URL, Accounts: map[string]servertest.Account{
			"demo": {Password: "demo", Credentials: user.Credentials},
		}},
		Replica:   func(o *mailbox.Options) { o.Poll = 100 * time.Millisecond },
		Transport: func(next http.RoundTripper) http.RoundTripper { network.next = next; return network },
	})
	idler := s.Select()
	done := idler.Idle()
	native := servertest.NewClient(t, cyrus.IMAP(t, user))
	native.Append("INBOX", `\Flagged`, message)
	require.Equal(t, "* 1 EXISTS", idler.Next().Text)
	done()
	require.Contains(t, strings.Join(idler.OK("FETCH 1 FLAGS"), "\n"), `\Flagged`)
	require.Equal(t, []string{"/jmap/eventsource/ 204"}, network.opened())
}
