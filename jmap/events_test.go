package jmap

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/stretchr/testify/require"
)

// streams is a transport without a network, so that its time can be that of a synctest bubble.
type streams struct {
	connect func(*http.Request) *http.Response
	session string
}

func (s streams) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	response := &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(s.session))}
	if strings.HasPrefix(r.URL.Path, "/jmap/events") {
		response = s.connect(r)
	}
	response.Request = r
	return response, nil
}

func bubbleSession(t *testing.T, connect func(*http.Request) *http.Response) *Session {
	client, err := New(Config{URL: "http://jmap.test/jmap", HTTPTransport: streams{connect, (&fake{}).sessionObject()}})
	require.NoError(t, err)
	session, err := client.Login(t.Context(), ann)
	require.NoError(t, err)
	return session
}

// feed answers with an event stream that ends when the request is canceled.
func feed(r *http.Request) (*http.Response, *io.PipeWriter) {
	body, writer := io.Pipe()
	context.AfterFunc(r.Context(), func() { writer.CloseWithError(r.Context().Err()) })
	return &http.Response{StatusCode: 200, Body: body, Header: http.Header{"Content-Type": {"text/event-stream;charset=utf-8"}}}, writer
}

const change = "event: state\nid: 5\ndata: {\"@type\":\"StateChange\",\"changed\":{\"A1\":{\"Email\":\"e2\"}}}\n\n"

func TestEventsUntilSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		session := bubbleSession(t, func(r *http.Request) *http.Response {
			require.Equal(t, "types=Email%2CMailbox&closeafter=no&ping=20", r.URL.RawQuery)
			response, writer := feed(r)
			go func() {
				io.WriteString(writer, change)
				time.Sleep(49 * time.Second)
				io.WriteString(writer, "event: ping\ndata: {\"interval\":100}\n\n")
				time.Sleep(249 * time.Second)
				io.WriteString(writer, ": still here\n")
			}()
			return response
		})
		start, opened := time.Now(), false
		var got []Event
		err := session.Events(t.Context(), EventOptions{
			Types: []string{"Email", "Mailbox"}, Ping: 20 * time.Second, Opened: func() { opened = true },
		}, func(e Event) { got = append(got, e) })
		require.ErrorIs(t, err, errSilent)
		require.ErrorIs(t, err, ErrUnavailable)
		require.True(t, opened)
		require.Equal(t, []Event{{ID: "5", Changed: map[proto.ID]map[string]string{"A1": {"Email": "e2"}}}}, got)
		require.Equal(t, (49+249+250)*time.Second, time.Since(start))
	})
}

func TestWatchResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		connects := 0
		session := bubbleSession(t, func(r *http.Request) *http.Response {
			connects++
			switch connects {
			case 1:
				require.Empty(t, r.Header.Get("Last-Event-ID"))
			case 2:
				require.Equal(t, "5", r.Header.Get("Last-Event-ID"))
				return &http.Response{StatusCode: 503, Header: http.Header{"Retry-After": {"600"}}, Body: http.NoBody}
			case 3:
				require.Equal(t, "5", r.Header.Get("Last-Event-ID"))
				cancel()
			}
			response, writer := feed(r)
			go func() { io.WriteString(writer, change); writer.Close() }()
			return response
		})
		opened, lost, events := 0, 0, 0
		start := time.Now()
		err := session.Watch(ctx, WatchOptions{
			EventOptions: EventOptions{Opened: func() { opened++ }},
			Lost:         func(err error) { lost++; require.Error(t, err) },
		}, func(Event) { events++ })
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, 3, connects)
		require.Equal(t, 3, lost, "also when it could not be opened")
		require.Equal(t, 2, opened)
		require.GreaterOrEqual(t, time.Since(start), 300*time.Second, "Retry-After counts")
		require.GreaterOrEqual(t, events, 1)
	})
}

func TestNoPush(t *testing.T) {
	for _, code := range []int{204, 400, 404, 405, 501} {
		f := newFake(t)
		f.mux.HandleFunc("/jmap/events", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
		err := f.login(t, nil).Watch(t.Context(), WatchOptions{}, nil)
		require.ErrorIs(t, err, ErrNoPush)
	}
	f := newFake(t)
	f.mux.HandleFunc("/jmap/events", status(401, "text/html", ""))
	require.ErrorIs(t, f.login(t, nil).Watch(t.Context(), WatchOptions{}, nil), ErrUnauthorized)

	f = newFake(t)
	f.mux.HandleFunc("/jmap/events", status(200, "text/html", "<p>hello"))
	err := f.login(t, nil).Events(t.Context(), EventOptions{}, nil)
	require.ErrorIs(t, err, ErrUnavailable)
	require.NotErrorIs(t, err, ErrNoPush)

	f = newFake(t)
	f.session = strings.Replace(f.sessionObject(), `"eventSourceUrl"`, `"x"`, 1)
	require.ErrorIs(t, f.login(t, nil).Events(t.Context(), EventOptions{}, nil), ErrNoPush)
}

// Some servers answer no API call while a stream is open.
func TestSlowCallsEndPush(t *testing.T) {
	f := newFake(t)
	streamGone := make(chan struct{})
	f.mux.HandleFunc("/jmap/events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(streamGone)
	})
	f.api = func(w http.ResponseWriter, r *http.Request) { <-streamGone; echo(w, r) }
	session := f.login(t, func(c *Config) { c.SlowCall = 20 * time.Millisecond })
	opened := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		options := WatchOptions{EventOptions: EventOptions{Opened: func() { close(opened) }}}
		require.ErrorIs(t, session.Watch(context.Background(), options, nil), ErrNoPush)
	})
	<-opened
	_, err := session.Do(t.Context(), call("Email/query"))
	require.NoError(t, err)
	group.Wait()
	require.ErrorIs(t, session.Watch(t.Context(), WatchOptions{}, nil), ErrNoPush)
}

func TestEventsCanceled(t *testing.T) {
	f := newFake(t)
	f.mux.HandleFunc("/jmap/events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	err := f.login(t, nil).Events(ctx, EventOptions{Opened: cancel}, nil)
	require.ErrorIs(t, err, context.Canceled)
}
