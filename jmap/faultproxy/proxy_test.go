package faultproxy

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// backend counts the calls that it has answered, by method.
type backend struct {
	*httptest.Server
	mu    sync.Mutex
	calls []string
}

const whole = `{"methodResponses":[["Email/get",{"accountId":"a","state":"1","list":[{"id":"1"},{"id":"2"}],"notFound":[]},"c0"],` +
	`["Mailbox/get",{"accountId":"a","state":"1","list":[{"id":"m"}],"notFound":[]},"c1"]],"sessionState":"s"}`

func newBackend(t *testing.T) *backend {
	b := &backend{}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		b.mu.Lock()
		b.calls = append(b.calls, strings.Join(methodsOf(body), " "))
		b.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		switch kindOf(r) {
		case Call:
			answer := whole
			if !strings.Contains(string(body), "Email/get") {
				answer = `{"methodResponses":[["Mailbox/get",{"accountId":"a","list":[{"id":"m"}]},"c1"]],"sessionState":"s"}`
			}
			_, _ = io.WriteString(w, answer)
		default:
			_, _ = io.WriteString(w, kindOf(r).String()+" "+r.Host)
		}
	}))
	t.Cleanup(b.Close)
	return b
}

func (b *backend) taken() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	calls := b.calls
	b.calls = nil
	return calls
}

func newProxy(t *testing.T) (*backend, *Proxy, *http.Client) {
	b := newBackend(t)
	p, err := New(b.URL)
	require.NoError(t, err)
	t.Cleanup(func() { p.Close() })
	client := &http.Client{Transport: p.Transport(), Timeout: 20 * time.Second}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.Cleanup(client.CloseIdleConnections)
	return b, p, client
}

const batch = `{"using":[],"methodCalls":[["Email/get",{},"c0"],["Mailbox/get",{},"c1"]]}`

// call returns status and body of a call of two methods.
func call(client *http.Client, p *Proxy) (int, string, error) {
	response, err := client.Post(p.URL()+"/jmap", "application/json", strings.NewReader(batch))
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, string(body), err
}

func TestWithoutFaultsItPassesOn(t *testing.T) {
	b, p, client := newProxy(t)
	status, body, err := call(client, p)
	require.NoError(t, err)
	require.Equal(t, 200, status)
	require.Equal(t, whole, body)
	require.Equal(t, []string{"Email/get Mailbox/get"}, b.taken())
	for kind, accept := range map[Kind]string{Session: "application/json", Download: "*/*", Events: "text/event-stream"} {
		request, err := http.NewRequest(http.MethodGet, p.URL()+"/x", nil)
		require.NoError(t, err)
		request.Header.Set("Accept", accept)
		response, err := client.Do(request)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		response.Body.Close()
		require.Equal(t, kind.String()+" "+strings.TrimPrefix(p.URL(), "http://"), string(body))
	}
	response, err := client.Post(p.URL()+"/upload", "message/rfc822", strings.NewReader("x"))
	require.NoError(t, err)
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(got), "upload "))
}

func TestFaults(t *testing.T) {
	reset := func(t *testing.T, _ int, _ string, err error) {
		require.Error(t, err)
		require.True(t, errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF), "%v", err)
	}
	answer := func(want int, text string) func(*testing.T, int, string, error) {
		return func(t *testing.T, status int, body string, err error) {
			require.NoError(t, err)
			require.Equal(t, want, status)
			require.Contains(t, body, text)
		}
	}
	for _, test := range []struct {
		fault  Fault
		method string
		check  func(t *testing.T, status int, body string, err error)
		seen   []string // calls that the backend has seen
	}{
		{Reset(), "", reset, nil},
		{Reset().Afterwards(), "", reset, []string{"Email/get Mailbox/get"}},
		{ResetInHeader(), "", reset, nil},
		{ResetInBody().Afterwards(), "", reset, []string{"Email/get Mailbox/get"}},
		{Status(503, 7), "", answer(503, "Unavailable"), nil},
		{Problem(400, "limit", "maxObjectsInGet"), "", answer(400, `"limit":"maxObjectsInGet"`), nil},
		{Truncated().Afterwards(), "", answer(200, whole[:len(whole)/2]), []string{"Email/get Mailbox/get"}},
		{WrongShape(), "", answer(200, `{"methodResponses":{`), nil},
		{Page(), "", answer(200, "<html>"), nil},
		{Redirect("http://elsewhere.invalid/"), "", answer(307, ""), nil},
		{MethodError("serverFail"), "", answer(200, `["error",{"description":"a fault","type":"serverFail"},"c1"]`), nil},
		{MethodError("serverFail"), "Email/get", answer(200, `["Mailbox/get",{"accountId":"a","list":[{"id":"m"}]},"c1"]`), []string{"Mailbox/get"}},
		{MethodError("serverPartialFail").Afterwards(), "Email/get", answer(200, `"serverPartialFail"},"c0"]`), []string{"Email/get Mailbox/get"}},
		{EmptyLists(), "", answer(200, `"list":[]`), []string{"Email/get Mailbox/get"}},
		{MissingEntries(), "", answer(200, `"list":[{"id":"2"}]`), []string{"Email/get Mailbox/get"}},
		{WrongAccount(), "", answer(200, `"somebody-else"`), []string{"Email/get Mailbox/get"}},
		{Unresolvable(), "", func(t *testing.T, _ int, _ string, err error) {
			var dns *net.DNSError
			require.ErrorAs(t, err, &dns)
		}, nil},
		{Refused(), "", func(t *testing.T, _ int, _ string, err error) { require.ErrorIs(t, err, syscall.ECONNREFUSED) }, nil},
	} {
		t.Run(test.fault.Name, func(t *testing.T) {
			b, p, client := newProxy(t)
			fault := p.Inject(Rule{Kind: Call, Method: test.method, Times: 1, Fault: test.fault})
			status, body, err := call(client, p)
			test.check(t, status, body, err)
			require.Equal(t, test.seen, b.taken())
			require.Equal(t, 1, fault.Hits())
			<-fault.Met()
			_, body, err = call(client, p)
			require.NoError(t, err)
			require.Equal(t, whole, body, "it comes once")
		})
	}
}

func TestHeldUntilLifted(t *testing.T) {
	for _, fault := range []Fault{Hang(), Hang().Afterwards(), Drip().Afterwards(), Slow(time.Hour)} {
		t.Run(fault.Name, func(t *testing.T) {
			_, p, client := newProxy(t)
			held := p.Inject(Rule{Fault: fault})
			go func() {
				<-held.Met()
				held.Lift()
			}()
			_, body, err := call(client, p)
			require.NoError(t, err)
			require.Equal(t, whole, body)
		})
	}
}

func TestRules(t *testing.T) {
	_, p, client := newProxy(t)
	statusOf := func() int {
		status, _, err := call(client, p)
		require.NoError(t, err)
		return status
	}
	p.Inject(Rule{Method: "Email/set", Fault: Status(500, -1)})
	p.Inject(Rule{Kind: Upload, Fault: Status(500, -1)})
	p.Inject(Rule{User: "ann", Fault: Status(500, -1)})
	require.Equal(t, 200, statusOf(), "no rule fits")
	second := p.Inject(Rule{Skip: 1, Times: 1, Fault: Status(501, -1)})
	require.Equal(t, []int{200, 501, 200}, []int{statusOf(), statusOf(), statusOf()})
	require.Equal(t, 1, second.Hits())
	p.Inject(Rule{Fault: Status(502, -1)})
	p.Inject(Rule{Fault: Status(503, -1)}).Lift()
	require.Equal(t, 502, statusOf())
	p.Clear()
	require.Equal(t, 200, statusOf())
}
