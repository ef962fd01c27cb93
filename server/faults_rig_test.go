package server_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/jmap/embedded"
	"github.com/dragoman-mail/dragoman/jmap/faultproxy"
	"github.com/dragoman-mail/dragoman/server"
	"github.com/dragoman-mail/dragoman/server/auth"
	"github.com/dragoman-mail/dragoman/server/mailbox"
	"github.com/dragoman-mail/dragoman/server/servertest"
	"github.com/dragoman-mail/dragoman/server/store/memstore"
)

// faultBackend is a JMAP server, shared by many tests that have a user each.
type faultBackend struct {
	url      string
	newUser  func(t *testing.T) jmap.Credentials
	contents sync.Map // digests of blobs
}

// embeddedBackend is the embedded store behind a real listener.
func embeddedBackend(t *testing.T) *faultBackend {
	store, err := embedded.Open(embedded.Options{Dir: t.TempDir(), HashIterations: 1})
	require.NoError(t, err)
	web := httptest.NewServer(store)
	t.Cleanup(func() {
		web.CloseClientConnections()
		web.Close()
		store.Close()
	})
	var users atomic.Int32
	return &faultBackend{url: web.URL, newUser: func(t *testing.T) jmap.Credentials {
		name := fmt.Sprintf("user%d", users.Add(1))
		require.NoError(t, store.AddAccount(name, "secret"))
		return jmap.Credentials{User: name, Password: "secret"}
	}}
}

// cell is one user with a gateway of his own, and a proxy between it and the backend.
type cell struct {
	t       *testing.T
	backend *faultBackend
	user    jmap.Credentials
	proxy   *faultproxy.Proxy
	direct  *directly
	addr    string
	push    *faultproxy.Injection // what keeps push away
}

// cellOptions vary a cell.
type cellOptions struct {
	timeout   time.Duration // of JMAP requests; zero for long
	poll      time.Duration
	push      bool // let the event stream through
	keepAlive time.Duration
}

func newCell(t *testing.T, b *faultBackend, o cellOptions) *cell {
	t.Helper()
	c := &cell{t: t, backend: b, user: b.newUser(t)}
	var err error
	c.proxy, err = faultproxy.New(b.url)
	require.NoError(t, err)
	t.Cleanup(func() { c.proxy.Close() })
	if !o.push {
		c.push = c.proxy.Inject(faultproxy.Rule{Kind: faultproxy.Events, Fault: faultproxy.Status(http.StatusNoContent, -1)})
	}
	if o.timeout == 0 {
		o.timeout = time.Minute
	}
	if o.poll == 0 {
		o.poll = 10 * time.Millisecond
	}
	client, err := jmap.New(jmap.Config{
		URL: c.proxy.URL(), HTTPTransport: c.proxy.Transport(), Timeout: o.timeout, StallTimeout: o.timeout,
		Retry:   jmap.RetryPolicy{FirstWait: time.Millisecond},
		Breaker: jmap.BreakerPolicy{FirstPause: 10 * time.Millisecond, LongestPause: 100 * time.Millisecond},
	})
	require.NoError(t, err)
	registry := mailbox.NewRegistry(memstore.New(), mailbox.Options{Server: c.proxy.URL(), Poll: o.poll})
	t.Cleanup(func() { registry.Close() })
	s, err := server.New(server.Config{
		Authenticator: auth.New(client, auth.Options{Delay: -1, CacheTime: -1}), Registry: registry,
		Logger: slog.New(slog.DiscardHandler), Limits: server.Limits{KeepAlive: o.keepAlive},
		Tap: func() io.Writer { return servertest.NewChecker(func(err error) { t.Errorf("%v", err) }) },
	})
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	c.addr = listener.Addr().String()
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.Serve(listener)
	}()
	t.Cleanup(func() {
		c.proxy.Clear()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		_ = s.Shutdown(ctx)
		<-served
		client.CloseIdleConnections()
	})
	c.direct = openDirectly(t, b, c.user)
	return c
}

// dial opens a connection and reads the greeting.
func (c *cell) dial() *servertest.Client {
	c.t.Helper()
	conn, err := net.Dial("tcp", c.addr)
	require.NoError(c.t, err)
	c.t.Cleanup(func() { conn.Close() })
	client := servertest.NewClient(c.t, conn)
	require.Contains(c.t, client.Next().Text, "* OK ")
	return client
}

func (c *cell) loginLine() string { return fmt.Sprintf("LOGIN %s %s", c.user.User, c.user.Password) }

func (c *cell) login() *servertest.Client {
	c.t.Helper()
	client := c.dial()
	succeed(c.t, client, c.loginLine())
	return client
}

// succeedWithin is how long a command may fail when nothing stands in its way any more: circuits have to close, and back-offs to end.
const succeedWithin = 30 * time.Second

// succeed repeats a command until it is OK: for those that come before the fault and after it, on machines that are slower than the short
// time-outs that the faults call for.
func succeed(t *testing.T, client *servertest.Client, command string) []string {
	t.Helper()
	for deadline := time.Now().Add(succeedWithin); ; {
		reply := client.Do(command)
		if strings.HasPrefix(reply.Tagged.Text, "OK") {
			return reply.Lines()
		}
		require.True(t, time.Now().Before(deadline), "%s: still %s", command, reply.Tagged.Text)
		time.Sleep(20 * time.Millisecond)
	}
}

// directly asks the backend without gateway or proxy.
type directly struct {
	t       *testing.T
	backend *faultBackend
	session *jmap.Session
	account proto.ID
}

func openDirectly(t *testing.T, b *faultBackend, user jmap.Credentials) *directly {
	t.Helper()
	client, err := jmap.New(jmap.Config{URL: b.url})
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	session, err := client.Login(t.Context(), user)
	require.NoError(t, err)
	account, ok := session.MailAccount()
	require.True(t, ok)
	return &directly{t, b, session, account}
}

// truth is what a backend holds.
type truth struct {
	boxes      map[string][]letter // by path; INBOX for the one with that role
	subscribed map[string]bool
}

// letter is a message as the backend has it in one mailbox.
type letter struct {
	size   int64
	digest string
	flags  string // keywords, sorted
}

func (l letter) String() string { return fmt.Sprintf("%s %d (%s)", l.digest[:8], l.size, l.flags) }

func (d *directly) mailboxes() map[proto.ID]string {
	d.t.Helper()
	got, err := jmap.Call(d.t.Context(), d.session, &proto.MailboxGet{AccountID: d.account})
	require.NoError(d.t, err)
	return pathsOf(got.List)
}

func pathsOf(list []*proto.Mailbox) map[proto.ID]string {
	byID := map[proto.ID]*proto.Mailbox{}
	for _, m := range list {
		byID[m.ID] = m
	}
	var path func(m *proto.Mailbox) string
	path = func(m *proto.Mailbox) string {
		name := m.Name
		if m.Role != nil && *m.Role == "inbox" {
			name = "INBOX"
		}
		if m.ParentID != nil && byID[*m.ParentID] != nil {
			return path(byID[*m.ParentID]) + "/" + name
		}
		return name
	}
	paths := map[proto.ID]string{}
	for id, m := range byID {
		paths[id] = path(m)
	}
	return paths
}

// truth asks for all there is.
func (d *directly) truth() *truth {
	d.t.Helper()
	var q proto.Request
	boxes := proto.Add(&q, &proto.MailboxGet{AccountID: d.account})
	query := proto.Add(&q, &proto.EmailQuery{AccountID: d.account})
	get := proto.Add(&q, &proto.EmailGet{AccountID: d.account, IDsRef: query.Ref("/ids"), Properties: []string{"id", "blobId", "mailboxIds", "keywords", "size"}})
	p, err := d.session.Do(d.t.Context(), &q)
	require.NoError(d.t, err)
	got, err := boxes.Response(p)
	require.NoError(d.t, err)
	emails, err := get.Response(p)
	require.NoError(d.t, err)
	now := &truth{boxes: map[string][]letter{}, subscribed: map[string]bool{}}
	paths := pathsOf(got.List)
	for _, m := range got.List {
		now.boxes[paths[m.ID]] = nil
		now.subscribed[paths[m.ID]] = m.IsSubscribed
	}
	for _, e := range emails.List {
		keywords := slices.Sorted(maps.Keys(e.Keywords))
		l := letter{size: int64(e.Size), digest: d.digest(e.BlobID), flags: strings.Join(keywords, " ")}
		for id := range e.MailboxIDs {
			now.boxes[paths[id]] = append(now.boxes[paths[id]], l)
		}
	}
	return now
}

// digest is the digest of a blob's octets.
func (d *directly) digest(blob proto.ID) string {
	d.t.Helper()
	key := string(d.account) + "/" + string(blob)
	if known, ok := d.backend.contents.Load(key); ok {
		return known.(string)
	}
	body, _, err := d.session.Download(d.t.Context(), d.account, blob, "message/rfc822", "m.eml")
	require.NoError(d.t, err)
	defer body.Close()
	h := sha256.New()
	_, err = io.Copy(h, body)
	require.NoError(d.t, err)
	sum := hex.EncodeToString(h.Sum(nil))
	d.backend.contents.Store(key, sum)
	return sum
}

// lines writes the truth down: one line for each message in each mailbox, and for each mailbox.
func (h *truth) lines() []string {
	var all []string
	for path, letters := range h.boxes {
		all = append(all, fmt.Sprintf("%s subscribed %v", path, h.subscribed[path]))
		for _, l := range letters {
			all = append(all, fmt.Sprintf("%s: %s", path, l))
		}
	}
	slices.Sort(all)
	return all
}

func (h *truth) clone() *truth {
	out := &truth{boxes: map[string][]letter{}, subscribed: maps.Clone(h.subscribed)}
	for path, letters := range h.boxes {
		out.boxes[path] = slices.Clone(letters)
	}
	return out
}

// count is how many messages a mailbox has with the octets of text.
func (h *truth) count(path, text string) int {
	sum := sha256.Sum256([]byte(text))
	n := 0
	for _, l := range h.boxes[path] {
		if l.digest == hex.EncodeToString(sum[:]) {
			n++
		}
	}
	return n
}

// makeMailbox makes one and returns its id.
func (d *directly) makeMailbox(name string) proto.ID {
	d.t.Helper()
	set, err := jmap.Call(d.t.Context(), d.session, &proto.MailboxSet{
		AccountID: d.account, Create: map[proto.ID]*proto.Mailbox{"m": {Name: name, IsSubscribed: true}},
	})
	require.NoError(d.t, err)
	require.NotNil(d.t, set.Created["m"], "%v", set.NotCreated)
	return set.Created["m"].ID
}

// deliver puts a message into mailboxes; longer ones are later.
func (d *directly) deliver(text, keyword string, mailboxes ...proto.ID) {
	d.t.Helper()
	uploaded, err := d.session.Upload(d.t.Context(), d.account, "message/rfc822", strings.NewReader(text), int64(len(text)))
	require.NoError(d.t, err)
	into, keywords := map[proto.ID]bool{}, map[string]bool{}
	for _, id := range mailboxes {
		into[id] = true
	}
	if keyword != "" {
		keywords[keyword] = true
	}
	answer, err := jmap.Call(d.t.Context(), d.session, &proto.EmailImport{AccountID: d.account, Emails: map[proto.ID]*proto.EmailImportObject{
		"e": {BlobID: uploaded.BlobID, MailboxIDs: into, Keywords: keywords, ReceivedAt: proto.NewUTCDate(time.Unix(1_700_000_000+int64(len(text)), 0))},
	}})
	require.NoError(d.t, err)
	require.Empty(d.t, answer.NotCreated)
}

// inbox returns the id of INBOX.
func (d *directly) inbox() proto.ID {
	d.t.Helper()
	for id, path := range d.mailboxes() {
		if path == "INBOX" {
			return id
		}
	}
	d.t.Fatal("no INBOX")
	return ""
}

// letterText is a message of a size that no other one has.
func letterText(user string, n int) string {
	return fmt.Sprintf("From: a@example.org\r\nTo: %s@example.org\r\nSubject: letter %d\r\nMessage-ID: <%d.%s@example.org>\r\n"+
		"Date: Sat, 28 Nov 2026 02:00:00 +0000\r\n\r\nWord%d%s\r\n", user, n, n, user, n, strings.Repeat("x", 3*n))
}

// seed makes the mailboxes and messages that the commands are about: 1, 2 and 3 in INBOX, 3 in Work too, 4 in Work, 5 in Old.
func (c *cell) seed() {
	c.t.Helper()
	inbox := c.direct.inbox()
	work, old := c.direct.makeMailbox("Work"), c.direct.makeMailbox("Old")
	user := c.user.User
	c.direct.deliver(letterText(user, 1), "$seen", inbox)
	c.direct.deliver(letterText(user, 2), "", inbox)
	c.direct.deliver(letterText(user, 3), "$flagged", inbox, work)
	c.direct.deliver(letterText(user, 4), "", work)
	c.direct.deliver(letterText(user, 5), "", old)
}
