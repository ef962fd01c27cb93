package jmap

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/stretchr/testify/require"
)

func TestDo(t *testing.T) {
	f := newFake(t)
	var body []byte
	f.api = func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		require.Equal(t, "application/json", r.Header.Get("Content-Type"))
		require.Equal(t, "dragoman", r.Header.Get("User-Agent"))
		echo(w, r)
	}
	session := f.login(t, nil)
	response, err := session.Do(t.Context(), call("Core/echo"))
	require.NoError(t, err)
	require.Equal(t, "Core/echo", response.MethodResponses[0].Name)
	require.JSONEq(t, `{"using":["urn:ietf:params:jmap:core","urn:ietf:params:jmap:mail"],"methodCalls":[["Core/echo",{},"c0"]]}`, string(body))
}

func TestDoChecksLimitsFirst(t *testing.T) {
	f := newFake(t)
	f.core = `"maxCallsInRequest":2,"maxSizeRequest":300`
	session := f.login(t, nil)
	var limit *LimitError
	_, err := session.Do(t.Context(), call("a/get", "b/get", "c/get"))
	require.ErrorAs(t, err, &limit)
	require.Equal(t, "maxCallsInRequest", limit.Limit)
	_, err = session.Do(t.Context(), call("Core/echo", strings.Repeat("x", 300)))
	require.ErrorAs(t, err, &limit)
	require.Equal(t, "maxSizeRequest", limit.Limit)
	require.Empty(t, f.requests("/jmap/api"))
}

func TestDoFailures(t *testing.T) {
	const problem = "application/problem+json"
	unavailable := func(t *testing.T, err error) { require.ErrorIs(t, err, ErrUnavailable) }
	for name, test := range map[string]struct {
		api   http.HandlerFunc
		check func(*testing.T, error)
	}{
		"401": {status(401, "text/html", ""), func(t *testing.T, err error) { require.ErrorIs(t, err, ErrUnauthorized) }},
		"request error": {status(400, problem, `{"type":"urn:ietf:params:jmap:error:unknownCapability","detail":"x:y"}`),
			func(t *testing.T, err error) {
				var refused *proto.RequestError
				require.ErrorAs(t, err, &refused)
				require.Equal(t, proto.RequestErrorUnknownCapability, refused.Type)
				require.Equal(t, 400, refused.Status)
				require.NotErrorIs(t, err, ErrUnavailable)
			}},
		"413": {status(413, "text/html", "too big"), func(t *testing.T, err error) {
			var limit *LimitError
			require.ErrorAs(t, err, &limit)
			require.Equal(t, "maxSizeRequest", limit.Limit)
		}},
		"429": {status(429, problem, `{"type":"urn:ietf:params:jmap:error:limit","limit":"requests"}`), func(t *testing.T, err error) {
			var limit *LimitError
			require.ErrorAs(t, err, &limit)
			require.Equal(t, "requests", limit.Limit)
		}},
		"500":         {status(500, "text/plain", "Fatal error"), unavailable},
		"500 problem": {status(500, problem, `{"type":"about:blank"}`), unavailable},
		"HTML 415":    {status(415, "text/html", "<p>no"), unavailable},
		"HTML 200":    {status(200, "text/html", "<p>log in"), unavailable},
		"empty":       {status(200, "application/json", ""), unavailable},
		"cut":         {status(200, "application/json", `{"methodResponses":[["Core/e`), unavailable},
		"other":       {status(200, "application/json", `{"hello":1}`), unavailable},
		"redirect":    {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, unavailable},
		"too long":    {status(200, "application/json", `{"methodResponses":[],"x":"`+strings.Repeat("x", 5000)+`"}`), unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.api = test.api
			_, err := f.login(t, func(c *Config) { c.MaxResponse = 4096 }).Do(t.Context(), call("Email/set"))
			test.check(t, err)
			require.ErrorContains(t, err, "")
			require.Len(t, f.requests("/jmap/api"), 1)
		})
	}
}

// reset breaks the connection n times.
func reset(n int32) http.HandlerFunc {
	var count atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		if count.Add(1) <= n {
			panic(http.ErrAbortHandler)
		}
		echo(w, r)
	}
}

func TestOnlyReadsAreRepeated(t *testing.T) {
	for _, test := range []struct {
		breaks  int32
		methods []string
		sent    int
		ok      bool
	}{
		{1, []string{"Email/query", "Email/get", "Mailbox/changes"}, 2, true},
		{2, []string{"Email/get"}, 3, true},
		{3, []string{"Email/get"}, 3, false},
		{1, []string{"Email/get", "Email/set"}, 1, false},
		{1, []string{"Email/import"}, 1, false},
	} {
		f := newFake(t)
		f.api = reset(test.breaks)
		_, err := f.login(t, nil).Do(t.Context(), call(test.methods...))
		if test.ok {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, ErrUnavailable)
		}
		require.Len(t, f.requests("/jmap/api"), test.sent)
	}
}

func TestDoWaitsOutConcurrencyLimits(t *testing.T) {
	f := newFake(t)
	var count atomic.Int32
	f.api = func(w http.ResponseWriter, r *http.Request) {
		if count.Add(1) < 3 {
			status(400, "application/problem+json", `{"type":"urn:ietf:params:jmap:error:limit","limit":"maxConcurrentRequests"}`)(w, r)
			return
		}
		echo(w, r)
	}
	_, err := f.login(t, nil).Do(t.Context(), call("Email/set"))
	require.NoError(t, err)
	require.EqualValues(t, 3, count.Load())
}

func TestGateBoundsAllSessionsOfAUser(t *testing.T) {
	f := newFake(t)
	f.core = `"maxConcurrentRequests":2`
	var running, most atomic.Int32
	arrived, release := make(chan struct{}, 20), make(chan struct{})
	f.api = func(w http.ResponseWriter, r *http.Request) {
		now := running.Add(1)
		defer running.Add(-1)
		for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
		}
		arrived <- struct{}{}
		<-release
		echo(w, r)
	}
	client := f.client(t, nil)
	var group sync.WaitGroup
	for range 4 {
		session, err := client.Login(t.Context(), ann)
		require.NoError(t, err)
		for range 3 {
			group.Go(func() {
				_, err := session.Do(context.Background(), call("Email/get"))
				require.NoError(t, err)
			})
		}
	}
	<-arrived
	<-arrived
	close(release)
	group.Wait()
	require.EqualValues(t, 2, most.Load())
}

func TestDoIsCanceled(t *testing.T) {
	f := newFake(t)
	arrived, release := make(chan struct{}), make(chan struct{})
	defer close(release)
	f.api = func(http.ResponseWriter, *http.Request) { close(arrived); <-release }
	session := f.login(t, nil)
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() { <-arrived; cancel(fmt.Errorf("the client left")) }()
	_, err := session.Do(ctx, call("Email/get"))
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, ErrUnavailable)
}

func TestDoTimesOut(t *testing.T) {
	f := newFake(t)
	release := make(chan struct{})
	defer close(release)
	f.api = func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush(); <-release }
	_, err := f.login(t, func(c *Config) { c.Timeout = 100 * time.Millisecond }).Do(t.Context(), call("Email/get"))
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorIs(t, err, errTimeout)
	require.Len(t, f.requests("/jmap/api"), 1, "a time-out is not retried")
}

func TestRecorder(t *testing.T) {
	f := newFake(t)
	session := f.login(t, nil)
	names, bodies := NewRecorder(false), NewRecorder(true)
	ctx := WithRecorder(WithRecorder(t.Context(), names), bodies)
	_, err := session.Do(ctx, call("Email/query", "Email/get"))
	require.NoError(t, err)
	require.NoError(t, session.Refresh(ctx))
	seen := names.Take()
	require.Len(t, seen, 2)
	require.Equal(t, []string{"Email/query", "Email/get"}, seen[0].Methods)
	require.Nil(t, seen[0].Request)
	require.Equal(t, KindSession, seen[1].Kind)
	require.Empty(t, names.Exchanges())
	require.Contains(t, string(bodies.Exchanges()[0].Request), "Email/query")
	require.Contains(t, string(bodies.Exchanges()[0].Response), "methodResponses")
}

func TestRetryAfterOf(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "12": 12 * time.Second, "-1": 0, "soon": 0, "99999999": 24 * time.Hour,
		"Fri, 02 Jan 2026 03:05:05 GMT": time.Minute, "Fri, 02 Jan 2026 03:00:00 GMT": 0,
	} {
		require.Equal(t, want, retryAfterOf(http.Header{"Retry-After": {text}}, now), text)
	}
}

func TestCall(t *testing.T) {
	f := newFake(t)
	f.api = status(200, "application/json", `{"methodResponses":[["Mailbox/get",{"accountId":"A1","state":"m7","list":[],"notFound":[]},"c0"]]}`)
	session := f.login(t, nil)
	boxes, err := Call(t.Context(), session, &proto.MailboxGet{AccountID: account})
	require.NoError(t, err)
	require.Equal(t, "m7", boxes.State)
	_, err = Call(t.Context(), session, &proto.ThreadGet{AccountID: account})
	require.ErrorContains(t, err, "Thread/get")
	f.api = status(200, "application/json", `{"methodResponses":[["error",{"type":"accountReadOnly"},"c0"]]}`)
	_, err = Call(t.Context(), session, &proto.MailboxGet{AccountID: account})
	var refused *proto.MethodError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, proto.MethodErrorAccountReadOnly, refused.Type)
}
