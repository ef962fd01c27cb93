package embedded

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// event is one event of a stream.
type event struct{ kind, id, data string }

// stream opens the event source; the events come until it is closed.
func (c *client) stream(query string, header ...string) (<-chan event, func()) {
	c.t.Helper()
	ctx, cancel := context.WithCancel(c.t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", c.url+pathEventSource+"?"+query, nil)
	require.NoError(c.t, err)
	r.SetBasicAuth(c.user, c.password)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := c.http.Do(r)
	require.NoError(c.t, err)
	require.Equal(c.t, 200, response.StatusCode)
	require.Equal(c.t, "text/event-stream", response.Header.Get("Content-Type"))
	events := make(chan event, 100)
	go func() {
		defer close(events)
		defer response.Body.Close()
		lines := bufio.NewScanner(response.Body)
		var e event
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "event":
				e.kind = value
			case "id":
				e.id = value
			case "data":
				e.data = value
			case "":
				events <- e
				e = event{}
			}
		}
	}()
	return events, cancel
}

func next(t testing.TB, events <-chan event) event {
	t.Helper()
	select {
	case e, ok := <-events:
		require.True(t, ok, "the stream has ended")
		return e
	case <-time.After(10 * time.Second):
		require.Fail(t, "no event came")
		return event{}
	}
}

func changed(t testing.TB, e event) map[jmap.ID]map[string]string {
	t.Helper()
	require.Equal(t, "state", e.kind)
	var change jmap.StateChange
	require.NoError(t, json.Unmarshal([]byte(e.data), &change))
	require.Equal(t, "StateChange", change.Type)
	return change.Changed
}

func TestEventSource(t *testing.T) {
	over := newClient(t, Limits{})
	within := clientFor(t, over.store, "http://in.process", "alice")
	within.http = clientOf(over.store)
	for name, c := range map[string]*client{"loopback": over, "in process": within} {
		t.Run(name, func(t *testing.T) {
			events, end := c.stream("types=*&closeafter=no&ping=0")
			only, endOnly := c.stream("types=Mailbox,Unknown&closeafter=state&ping=0")
			defer endOnly()
			id := c.importMail(message("s", "a@example.org", "x"), c.mailbox("inbox"), "")
			first := next(t, events)
			got := changed(t, first)[jmap.ID(c.account)]
			require.Equal(t, c.state("Email"), got["Email"])
			require.Equal(t, c.state("Email"), got["EmailDelivery"])
			require.Equal(t, c.state("Thread"), got["Thread"])
			require.Equal(t, c.state("Mailbox"), got["Mailbox"])
			require.Len(t, changed(t, next(t, only))[jmap.ID(c.account)], 1)
			_, open := <-only
			require.False(t, open, "closeafter=state ends the stream")

			// What changes nothing for a type says nothing about it.
			c.ok("Email/set", `"update":{"`+id+`":{"keywords/x":true}}`)
			second := next(t, events)
			require.Equal(t, map[string]string{"Email": c.state("Email")}, changed(t, second)[jmap.ID(c.account)])
			end()

			// A client that comes back is told what it missed.
			again, end := c.stream("types=*&closeafter=no&ping=0", "Last-Event-ID", first.id)
			require.Equal(t, map[string]string{"Email": c.state("Email")}, changed(t, next(t, again))[jmap.ID(c.account)])
			end()
			quiet, end := c.stream("types=*&closeafter=no&ping=1", "Last-Event-ID", second.id)
			ping := next(t, quiet)
			require.Equal(t, event{kind: "ping", data: `{"interval":1}`}, ping)
			end()
		})
	}
	require.Equal(t, 400, over.do("GET", pathEventSource+"?closeafter=maybe", nil).StatusCode)
	require.Equal(t, 400, over.do("GET", pathEventSource+"?ping=x", nil).StatusCode)
	for _, a := range over.store.accounts {
		require.Eventually(t, func() bool {
			a.push.mu.Lock()
			defer a.push.mu.Unlock()
			return len(a.push.subs) == 0
		}, 10*time.Second, time.Millisecond)
	}
}

// Changes in a shared account reach everyone who may use it.
func TestEventSourceOfSharedAccount(t *testing.T) {
	c := newClient(t, Limits{MaxEventSources: 1})
	require.NoError(t, c.store.Share("bob", "alice"))
	events, end := c.stream("types=Email&closeafter=no&ping=0")
	defer end()
	require.Equal(t, 429, c.do("GET", pathEventSource, nil).StatusCode)
	bob := clientFor(t, c.store, c.url, "bob")
	bob.importMail(message("s", "a@example.org", "x"), bob.mailbox("inbox"), "")
	require.Contains(t, changed(t, next(t, events)), jmap.ID(bob.account))
}

func TestCloseEndsStreams(t *testing.T) {
	s, err := Open(Options{Dir: t.TempDir(), HashIterations: 1})
	require.NoError(t, err)
	require.NoError(t, s.AddAccount("alice", "secret"))
	c := clientFor(t, s, "http://in.process", "alice")
	c.http = clientOf(s)
	events, end := c.stream("types=*")
	defer end()
	require.NoError(t, s.Close())
	_, open := <-events
	require.False(t, open)
}

func TestTransport(t *testing.T) {
	c := newClient(t, Limits{})
	c.url, c.http = "https://any.example", clientOf(c.store)
	var s jmap.Session
	r := c.do("GET", pathWellKnown, nil)
	require.Positive(t, r.ContentLength)
	require.NoError(t, json.Unmarshal([]byte(readAll(t, r)), &s))
	require.Equal(t, "https://any.example"+pathAPI, s.APIURL)
	octets := strings.Repeat("octets ", 100_000)
	blob := c.upload(octets)
	require.Equal(t, octets, readAll(t, c.do("GET", pathDownload+c.account+"/"+blob+"/x", nil)))

	before := runtime.NumGoroutine()
	// A body that nobody reads ends with Close.
	r = c.do("GET", pathDownload+c.account+"/"+blob+"/x", nil)
	require.NoError(t, r.Body.Close())
	// A request that is given up ends, also when the handler waits for its body.
	ctx, cancel := context.WithCancel(t.Context())
	stuck := make(chan struct{})
	q, err := http.NewRequestWithContext(ctx, "POST", c.url+pathUpload+c.account+"/", waiting{ctx, stuck})
	require.NoError(t, err)
	q.SetBasicAuth("alice", "secret")
	done := make(chan error)
	go func() {
		_, err := c.http.Do(q)
		done <- err
	}()
	<-stuck
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	// The body of a response fails when the request is given up.
	ctx, cancel = context.WithCancel(t.Context())
	q, err = http.NewRequestWithContext(ctx, "GET", c.url+pathEventSource, nil)
	require.NoError(t, err)
	q.SetBasicAuth("alice", "secret")
	r, err = c.http.Do(q)
	require.NoError(t, err)
	cancel()
	_, err = r.Body.Read(make([]byte, 1))
	require.ErrorIs(t, err, context.Canceled)
	// Eventually has a goroutine of its own.
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+1 }, 10*time.Second, time.Millisecond)
}

// waiting is a body that blocks until the request is given up.
type waiting struct {
	ctx   context.Context
	stuck chan struct{}
}

func (w waiting) Read([]byte) (int, error) {
	select {
	case <-w.stuck:
	default:
		close(w.stuck)
	}
	<-w.ctx.Done()
	return 0, w.ctx.Err()
}

func TestTransportPanic(t *testing.T) {
	panics := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh") })
	r, err := (&http.Client{Transport: transport{panics}}).Get("http://x/")
	require.NoError(t, err)
	require.Equal(t, 500, r.StatusCode)
	_, err = r.Body.Read(make([]byte, 1))
	require.ErrorContains(t, err, "oh")
}
