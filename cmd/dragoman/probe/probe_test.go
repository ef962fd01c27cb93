package probe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/cmd/dragoman/probe"
	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/jmap/embedded"
)

var ann = jmap.Credentials{User: "ann", Password: "secret"}

func options(url string) probe.Options {
	return probe.Options{Config: jmap.Config{URL: url}, Credentials: ann, Timeout: time.Minute, PushWait: time.Minute}
}

func find(t *testing.T, r *probe.Report, name string) probe.Check {
	for _, c := range r.Checks {
		if c.Name == name {
			return c
		}
	}
	require.FailNow(t, "no such check", name)
	return probe.Check{}
}

// untouched requires that the account is as a new one: without mail, and with the mailboxes that it came with.
func untouched(t *testing.T, f *fake) {
	t.Helper()
	f.fault = fault{}
	requireUntouched(t, f.URL, ann)
}

func requireUntouched(t *testing.T, url string, credentials jmap.Credentials) {
	t.Helper()
	client, err := jmap.New(jmap.Config{URL: url})
	require.NoError(t, err)
	defer client.CloseIdleConnections()
	session, err := client.Login(context.Background(), credentials)
	require.NoError(t, err)
	account, _ := session.MailAccount()
	boxes, err := jmap.Call(context.Background(), session, &proto.MailboxGet{AccountID: account})
	require.NoError(t, err)
	for _, m := range boxes.List {
		require.NotContains(t, m.Name, "probe")
	}
	mail, err := jmap.Call(context.Background(), session, &proto.EmailQuery{AccountID: account})
	require.NoError(t, err)
	require.Empty(t, mail.IDs)
}

func TestAllIsWell(t *testing.T) {
	f := newFake(t, fault{})
	var seen []probe.Check
	o := options(f.URL)
	o.Done = func(c probe.Check) { seen = append(seen, c) }
	report, err := probe.Run(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, seen, report.Checks)
	optional := map[string]bool{"download of a range": true, "Blob/get": true, "mailbox roles": true}
	for _, c := range report.Checks {
		if c.Status == probe.OK {
			require.Equal(t, probe.None, c.Severity)
			require.Empty(t, c.Meaning)
			continue
		}
		require.True(t, optional[c.Name] || strings.HasPrefix(c.Name, "capability "), "%+v", c)
		require.Equal(t, probe.Missing, c.Status)
		require.Equal(t, probe.Optional, c.Severity)
	}
	require.Equal(t, 0, report.ExitStatus())
	for _, way := range []string{"push", "push over a WebSocket"} {
		require.Equal(t, probe.OK, find(t, report, way).Status)
		require.NotContains(t, find(t, report, way).Detail, "another state")
	}
	untouched(t, f)
}

// in returns the object that lies there.
func in(value any, path ...string) map[string]any {
	for _, key := range path {
		value, _ = value.(map[string]any)[key]
	}
	object, _ := value.(map[string]any)
	return object
}

func core(info map[string]any) map[string]any { return in(info, "capabilities", proto.CapabilityCore) }

func eachAccount(info map[string]any, do func(map[string]any)) {
	for id := range in(info, "accounts") {
		do(in(info, "accounts", id))
	}
}

// eachOf does something with every object of a list in a response.
func eachOf(wanted string, do func(map[string]any)) func(string, map[string]any) {
	return func(method string, arguments map[string]any) {
		list, _ := arguments["list"].([]any)
		for _, object := range list {
			if method == wanted {
				do(object.(map[string]any))
			}
		}
	}
}

// withUpdate does something with every update of Email/set.
func withUpdate(do func(patch map[string]any)) func(string, map[string]any) {
	return func(method string, arguments map[string]any) {
		for id := range in(arguments, "update") {
			if method == "Email/set" {
				do(in(arguments, "update", id))
			}
		}
	}
}

func onPath(part string, answer http.HandlerFunc) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		found := strings.Contains(r.URL.Path, part)
		if found {
			answer(w, r)
		}
		return found
	}
}

func status(code int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, text, code) }
}

func TestFaults(t *testing.T) {
	for _, test := range []struct {
		name   string
		fault  fault
		check  string
		status probe.Status
		exit   int
		detail string
	}{
		{"no session", fault{http: onPath("", status(503, "closed for lunch"))}, "session", probe.Broken, 2, "HTTP 503: closed for lunch"},
		{"password rejected", fault{http: onPath("", status(401, ""))}, "session", probe.Broken, 2, "rejected the credentials"},
		{"no mail capability", fault{session: func(info map[string]any) { delete(in(info, "capabilities"), proto.CapabilityMail) }},
			"capabilities core, mail", probe.Missing, 2, proto.CapabilityMail},
		{"few calls", fault{session: func(info map[string]any) { core(info)["maxCallsInRequest"] = 4 }},
			"limit maxCallsInRequest", probe.Broken, 2, "4, less than 8"},
		{"small uploads", fault{session: func(info map[string]any) { core(info)["maxSizeUpload"] = 100_000 }},
			"limit maxSizeUpload", probe.Broken, 1, "100000"},
		{"no limit", fault{session: func(info map[string]any) { delete(core(info), "maxObjectsInGet") }},
			"limit maxObjectsInGet", probe.Missing, 0, "500 is assumed"},
		{"no mail account", fault{session: func(info map[string]any) {
			info["primaryAccounts"] = map[string]any{}
			eachAccount(info, func(a map[string]any) { a["isPersonal"] = false })
		}}, "mail account", probe.Missing, 2, "neither a primary account"},
		{"read-only", fault{session: func(info map[string]any) {
			eachAccount(info, func(a map[string]any) { a["isReadOnly"] = true })
		}}, "mail account", probe.Broken, 1, "read-only"},
		{"Mailbox/get fails", fault{fail: map[string]string{"Mailbox/get": "serverFail"}}, "Mailbox/get", probe.Broken, 2, "Mailbox/get: serverFail: it has [1m*** reasons"},
		{"no INBOX", fault{after: eachOf("Mailbox/get", func(m map[string]any) { m["role"] = nil })}, "Mailbox/get", probe.Missing, 2, "role inbox"},
		{"few rights", fault{after: eachOf("Mailbox/get", func(m map[string]any) {
			if rights := in(m, "myRights"); rights != nil {
				rights["maySetKeywords"] = false
			}
		})}, "rights in INBOX", probe.Broken, 1, "without maySetKeywords"},
		{"no Mailbox/changes", fault{fail: map[string]string{"Mailbox/changes": "unknownMethod"}}, "Mailbox/changes", probe.Missing, 2, "unknownMethod"},
		{"no Mailbox/set", fault{fail: map[string]string{"Mailbox/set": "forbidden"}}, "scratch mailbox", probe.Broken, 1, "Mailbox/set: forbidden"},
		{"upload fails", fault{http: onPath("/upload/", status(500, "disk full"))}, "upload", probe.Broken, 1, "HTTP 500: disk full"},
		{"download fails", fault{http: onPath("/download/", status(500, "out of paper"))}, "download", probe.Broken, 2, "HTTP 500: out of paper"},
		{"download changed", fault{http: onPath("/download/", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "From: somebody else") })},
			"octets of a message", probe.Broken, 1, "came back, the first other one at 6"},
		{"no Email/import", fault{fail: map[string]string{"Email/import": "unknownMethod"}}, "Email/import", probe.Missing, 1, "unknownMethod"},
		{"import refused", fault{before: func(method string, arguments map[string]any) {
			if method == "Email/import" {
				in(arguments, "emails", "m0")["blobId"] = "none"
			}
		}}, "Email/import", probe.Broken, 1, "Email/import: "},
		{"import loses keywords", fault{before: func(method string, arguments map[string]any) {
			if method == "Email/import" {
				delete(in(arguments, "emails", "m0"), "keywords")
			}
		}}, "keywords and receivedAt", probe.Broken, 1, "found none"},
		{"import loses the date", fault{before: func(method string, arguments map[string]any) {
			if method == "Email/import" {
				delete(in(arguments, "emails", "m0"), "receivedAt")
			}
		}}, "keywords and receivedAt", probe.Broken, 1, "receivedAt 2001-02-03T04:05:06Z"},
		{"no blobId", fault{after: eachOf("Email/get", func(e map[string]any) { delete(e, "blobId") })}, "Email/get", probe.Broken, 2, "without blobId"},
		{"wrong size", fault{after: eachOf("Email/get", func(e map[string]any) { e["size"] = 1 })}, "Email/get", probe.Broken, 1, "size 1 of"},
		{"no Email/query", fault{fail: map[string]string{"Email/query": "unknownMethod"}}, "Email/query", probe.Missing, 2, "unknownMethod"},
		{"no references", fault{before: func(_ string, arguments map[string]any) {
			if ref := in(arguments, "#ids"); ref != nil {
				ref["path"] = "/nowhere"
			}
		}}, "result references", probe.Broken, 2, "Email/get: invalidResultReference"},
		{"no changes", fault{fail: map[string]string{"Email/changes": "cannotCalculateChanges"}}, "Email/changes", probe.Broken, 1, "cannotCalculateChanges"},
		{"changes lost", fault{after: func(method string, arguments map[string]any) {
			if method == "Email/changes" {
				arguments["created"], arguments["updated"] = []any{}, []any{}
			}
		}}, "Email/changes", probe.Broken, 2, "not among 0 changes"},
		{"keywords ignored", fault{before: withUpdate(func(patch map[string]any) { delete(patch, "keywords/$answered") })},
			"Email/set keywords", probe.Broken, 1, "$answered was added"},
		{"ifInState ignored", fault{before: func(_ string, arguments map[string]any) { delete(arguments, "ifInState") }},
			"Email/set ifInState", probe.Broken, 1, "done though"},
		{"never the right state", fault{before: func(_ string, arguments map[string]any) {
			if arguments["ifInState"] != nil {
				arguments["ifInState"] = "other"
			}
		}}, "Email/set ifInState", probe.Broken, 1, "with the current state"},
		{"mailboxIds ignored", fault{before: withUpdate(func(patch map[string]any) {
			for path := range patch {
				if strings.HasPrefix(path, "mailboxIds/") {
					delete(patch, path)
				}
			}
		})}, "Email/set mailboxIds: move", probe.Broken, 1, "updated, but the message is in"},
		{"destroy ignored", fault{before: func(method string, arguments map[string]any) {
			if method == "Email/set" {
				delete(arguments, "destroy")
			}
		}}, "Email/set destroy", probe.Broken, 1, "still there"},
		{"no push", fault{http: onPath("/eventsource", status(404, ""))}, "push", probe.Missing, 0, "HTTP 404"},
		{"push fails", fault{http: onPath("/eventsource", status(500, ""))}, "push", probe.Broken, 1, "HTTP 500"},
		{"push ends", fault{http: onPath("/eventsource", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
		})}, "push", probe.Broken, 1, "EOF"},
		{"no push over WebSockets", fault{session: func(info map[string]any) {
			in(info, "capabilities", "urn:ietf:params:jmap:websocket")["supportsPush"] = false
		}}, "push over a WebSocket", probe.Missing, 0, "for requests only"},
		{"no WebSocket", fault{session: func(info map[string]any) {
			delete(in(info, "capabilities"), "urn:ietf:params:jmap:websocket")
		}}, "push over a WebSocket", probe.Missing, 0, "not announced"},
		{"WebSocket elsewhere", fault{session: func(info map[string]any) {
			in(info, "capabilities", "urn:ietf:params:jmap:websocket")["url"] = "wss://elsewhere.test/jmap/ws"
		}}, "push over a WebSocket", probe.Broken, 0, "not a trusted host"},
		{"WebSocket refused", fault{http: onPath("/ws", status(404, ""))}, "push over a WebSocket", probe.Broken, 0, "HTTP 404"},
		{"WebSocket closed when push is wanted", fault{http: onPath("/ws", func(w http.ResponseWriter, r *http.Request) {
			if conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"jmap"}}); err == nil {
				conn.Read(r.Context())
				conn.Close(websocket.StatusGoingAway, "assertion failed")
			}
		})}, "push over a WebSocket", probe.Broken, 0, "assertion failed"},
		{"Blob/get announced, not there", fault{session: func(info map[string]any) {
			in(info, "capabilities")["urn:ietf:params:jmap:blob"] = map[string]any{}
		}, fail: map[string]string{"Blob/get": "unknownMethod"}}, "Blob/get", probe.Missing, 0, "unknown"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, test.fault)
			report, err := probe.Run(t.Context(), options(f.URL))
			require.NoError(t, err)
			text := fmt.Sprintf("%+v", report.Checks)
			c := find(t, report, test.check)
			require.Equal(t, test.status, c.Status, text)
			require.Contains(t, c.Detail, test.detail)
			require.NotContains(t, c.Detail, "\n")
			require.NotEmpty(t, c.Meaning)
			require.Equal(t, test.exit, report.ExitStatus(), text)
			require.NotContains(t, text, "secret")
			if test.exit < 2 { // the rest was looked at all the same
				require.NotEmpty(t, find(t, report, "capability quota").Detail)
			}
			untouched(t, f)
		})
	}
}

func TestSilentPush(t *testing.T) {
	f := newFake(t, fault{http: onPath("/eventsource", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})})
	o := options(f.URL)
	o.PushWait = 50 * time.Millisecond
	report, err := probe.Run(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, probe.Broken, find(t, report, "push").Status)
	require.Contains(t, find(t, report, "push").Detail, "no event came")
	require.Equal(t, 1, report.ExitStatus())
	untouched(t, f)
}

// TestSilentWebSocket has one that is open and never tells of anything, which the gateway would trust.
func TestSilentWebSocket(t *testing.T) {
	f := newFake(t, fault{http: onPath("/ws", func(w http.ResponseWriter, r *http.Request) {
		if conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"jmap"}}); err == nil {
			for err == nil {
				_, _, err = conn.Read(context.Background())
			}
		}
	})})
	o := options(f.URL)
	o.PushWait = 50 * time.Millisecond
	report, err := probe.Run(t.Context(), o)
	require.NoError(t, err)
	silent := find(t, report, "push over a WebSocket")
	require.Equal(t, probe.Broken, silent.Status)
	require.Equal(t, probe.Degraded, silent.Severity)
	require.Contains(t, silent.Detail, "no event came")
	untouched(t, f)
}

// TestPushThatBeginsWithAnEvent has servers whose event at the beginning is no push: one that sends nothing else, and one that tells of
// changes, too, but by states of its own.
func TestPushThatBeginsWithAnEvent(t *testing.T) {
	for _, later := range []int{0, 2} {
		var account string
		states := make(chan string, 100)
		events := onPath("/eventsource", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			for state := "at the beginning"; ; {
				fmt.Fprintf(w, "event: state\ndata: {\"@type\":\"StateChange\",\"changed\":{\"%s\":{\"Email\":\"%s\"}}}\n\n", account, state)
				w.(http.Flusher).Flush()
				select {
				case state = <-states:
				case <-r.Context().Done():
					return
				}
			}
		})
		var told atomic.Int32
		f := newFake(t, fault{http: events, before: func(method string, arguments map[string]any) {
			if method == "Email/set" && strings.Contains(fmt.Sprint(arguments), "-push") && int(told.Load()) < later {
				states <- fmt.Sprint("own ", told.Add(1))
			}
		}})
		var err error
		account, err = f.store.(*embedded.Store).AccountID("ann")
		require.NoError(t, err)
		o := options(f.URL)
		o.PushWait = time.Second
		var report *probe.Report
		report, err = probe.Run(t.Context(), o)
		require.NoError(t, err)
		push := find(t, report, "push")
		if later == 0 {
			require.Equal(t, probe.Broken, push.Status, push.Detail)
			continue
		}
		require.Equal(t, probe.OK, push.Status, push.Detail)
		require.Contains(t, push.Detail, "another state")
	}
}

// TestTimeout has a server that never answers one method: the check ends, and the others are made.
func TestTimeout(t *testing.T) {
	t.Parallel() // it takes as long as a check may
	f := newFake(t, fault{http: func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost {
			return false
		}
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if !bytes.Contains(body, []byte("Mailbox/changes")) {
			return false
		}
		<-r.Context().Done()
		return true
	}})
	o := options(f.URL)
	o.Timeout = 10 * time.Second
	report, err := probe.Run(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, probe.Broken, find(t, report, "Mailbox/changes").Status)
	require.NotEmpty(t, find(t, report, "Email/query").Detail)
	untouched(t, f)
}

// TestLostAnswer has a server that makes mailboxes and does not say so: they are found again by their names.
func TestLostAnswer(t *testing.T) {
	f := newFake(t, fault{after: func(method string, arguments map[string]any) {
		if method == "Mailbox/set" {
			delete(arguments, "created")
		}
	}})
	report, err := probe.Run(t.Context(), options(f.URL))
	require.NoError(t, err)
	require.Equal(t, probe.Broken, find(t, report, "scratch mailbox").Status)
	require.Equal(t, probe.OK, find(t, report, "scratch mailbox removed").Status)
	require.Equal(t, probe.Skipped, find(t, report, "Email/import").Status)
	untouched(t, f)
}

// TestNotRemoved has a server that says it destroys mailboxes and does not.
func TestNotRemoved(t *testing.T) {
	f := newFake(t, fault{before: func(method string, arguments map[string]any) {
		if method == "Mailbox/set" {
			delete(arguments, "destroy")
		}
	}})
	report, err := probe.Run(t.Context(), options(f.URL))
	require.NoError(t, err)
	left := find(t, report, "scratch mailbox removed")
	require.Equal(t, probe.Broken, left.Status)
	require.Contains(t, left.Detail, "dragoman-probe-")
	require.Equal(t, 1, report.ExitStatus())
}

// TestInterrupt cancels at every check in turn, as Ctrl-C does: nothing stays.
func TestInterrupt(t *testing.T) {
	for _, after := range []string{"session", "scratch mailbox", "upload", "Email/import", "push", "Email/set destroy"} {
		t.Run(after, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, fault{})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			o := options(f.URL)
			o.Done = func(c probe.Check) {
				if c.Name == after {
					cancel()
				}
			}
			report, err := probe.Run(ctx, o)
			require.NoError(t, err)
			require.Contains(t, []probe.Status{probe.OK, probe.Skipped}, report.Checks[len(report.Checks)-1].Status)
			require.Equal(t, probe.Skipped, find(t, report, "capability quota").Status)
			untouched(t, f)
		})
	}
}

// TestInterruptInTheMiddle cancels while the server makes the mailbox, and while it imports.
func TestInterruptInTheMiddle(t *testing.T) {
	for _, method := range []string{"Mailbox/set", "Email/import"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			f := newFake(t, fault{before: func(called string, _ map[string]any) {
				if called == method {
					cancel()
				}
			}})
			report, err := probe.Run(ctx, options(f.URL))
			require.NoError(t, err)
			require.Equal(t, probe.OK, find(t, report, "scratch mailbox removed").Status)
			require.Equal(t, 0, report.ExitStatus())
			require.Contains(t, f.called(), method)
			untouched(t, f)
		})
	}
}

// TestNames holds what programs that read the report know the checks by. They are there however it goes.
func TestNames(t *testing.T) {
	want := []string{
		"session", "capabilities core, mail", "limit maxCallsInRequest", "limit maxObjectsInGet", "limit maxObjectsInSet",
		"limit maxSizeUpload", "limit maxConcurrentRequests", "mail account", "Mailbox/get", "mailbox roles", "rights in INBOX",
		"Email/get of the state", "scratch mailbox", "scratch mailbox inside it", "Mailbox/changes", "upload", "download",
		"download of a range", "Email/import", "Email/get", "keywords and receivedAt", "octets of a message", "Email/query",
		"result references", "Email/changes", "Email/set keywords", "Email/set ifInState", "Email/set mailboxIds: copy",
		"Email/set mailboxIds: move", "Blob/get", "push", "push over a WebSocket", "Email/set destroy", "capability submission", "capability quota",
		"capability sieve", "capability sharing", "scratch mailbox removed",
	}
	for _, f := range []fault{{}, {http: onPath("", status(503, ""))}} {
		report, err := probe.Run(t.Context(), options(newFake(t, f).URL))
		require.NoError(t, err)
		var names []string
		for _, c := range report.Checks {
			names = append(names, c.Name)
		}
		require.Equal(t, want, names)
	}
}

// TestRange has a server that gives ranges, and one that gives the wrong one.
func TestRange(t *testing.T) {
	for from, want := range map[int]probe.Status{0: probe.OK, 1: probe.Broken} {
		var f *fake
		f = newFake(t, fault{http: func(w http.ResponseWriter, r *http.Request) bool {
			if r.Header.Get("Range") == "" {
				return false
			}
			whole := httptest.NewRecorder()
			f.store.ServeHTTP(whole, r)
			w.WriteHeader(http.StatusPartialContent)
			w.Write(whole.Body.Bytes()[from : from+100])
			return true
		}})
		report, err := probe.Run(t.Context(), options(f.URL))
		require.NoError(t, err)
		require.Equal(t, want, find(t, report, "download of a range").Status)
		require.Equal(t, 0, report.ExitStatus())
	}
}

// TestBlobGet has a server that has the method, and one that answers with something else.
func TestBlobGet(t *testing.T) {
	for _, right := range []bool{true, false} {
		var uploaded []byte
		report, err := probe.Run(t.Context(), options(newFake(t, fault{
			session: func(info map[string]any) {
				in(info, "capabilities")["https://cyrusimap.org/ns/jmap/blob"] = map[string]any{}
			},
			http: func(_ http.ResponseWriter, r *http.Request) bool {
				if strings.Contains(r.URL.Path, "/upload/") {
					uploaded, _ = io.ReadAll(r.Body)
					r.Body = io.NopCloser(bytes.NewReader(uploaded))
				}
				return false
			},
			answer: func(method string) any {
				if method != "Blob/get" {
					return nil
				}
				data := uploaded
				if !right {
					data = uploaded[1:]
				}
				return map[string]any{"list": []any{map[string]any{"data:asBase64": data}}}
			},
		}).URL))
		require.NoError(t, err)
		c := find(t, report, "Blob/get")
		if right {
			require.Equal(t, probe.OK, c.Status, c.Detail)
		} else {
			require.Equal(t, probe.Broken, c.Status)
			require.Equal(t, probe.Optional, c.Severity)
		}
	}
}

// TestPanic has a fault of our own in the middle.
func TestPanic(t *testing.T) {
	f := newFake(t, fault{})
	o := options(f.URL)
	o.Done = func(c probe.Check) {
		if c.Name == "Email/import" {
			panic("oops")
		}
	}
	require.PanicsWithValue(t, "oops", func() { _, _ = probe.Run(t.Context(), o) })
	untouched(t, f)
}

func TestJSON(t *testing.T) {
	report := &probe.Report{Severity: probe.Degraded, Checks: []probe.Check{{Name: "push", Status: probe.Broken, Severity: probe.Degraded, Detail: "d", Meaning: "m"}}}
	text, err := json.Marshal(report)
	require.NoError(t, err)
	require.JSONEq(t, `{"severity":"degraded","checks":[{"name":"push","status":"broken","severity":"degraded","detail":"d","meaning":"m"}]}`, string(text))
}
