package jmap

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
)

// The development versions of Cyrus close a WebSocket as soon as push is asked for.
func TestWatchFallsBackForAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &socketServer{t: t}
		s.socket = func(c *websocket.Conn, _ string) {
			if len(s.dialed) == 1 {
				c.Close(websocket.StatusGoingAway, "assertion failed")
				return
			}
			sendText(c, socketChange)
			stay(c)
		}
		s.events = func(r *http.Request) *http.Response {
			response, writer := feed(r)
			go func() {
				io.WriteString(writer, change)
				time.Sleep(40 * time.Minute)
				writer.Close()
			}()
			return response
		}
		start := time.Now()
		var log []string
		note := func(what string) { log = append(log, what) }
		err := s.login(nil).Watch(ctx, WatchOptions{
			EventOptions: EventOptions{Ping: 20 * time.Minute, Opened: func() { note("opened") }, Alive: func() { note("alive") }},
			Lost:         func(error) { note("lost") },
		}, func(e Event) {
			note("event")
			if e.PushState == "p1" {
				cancel()
			}
		})
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, []string{
			"opened", "alive", "event", "lost", // event streams, the first of them at once
			"opened", "alive", "event", "lost",
			"opened", "alive", "event", "lost", // a WebSocket again
		}, log)
		require.Len(t, s.dialed, 2)
		require.Equal(t, "5", s.streams[1].Header.Get("Last-Event-ID"))
		require.Greater(t, time.Since(start), time.Hour)
	})
}

func TestWatchResumesOnASocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var enables []string
		s := &socketServer{t: t}
		s.socket = func(c *websocket.Conn, enable string) {
			enables = append(enables, enable)
			if len(enables) == 2 {
				cancel()
				return
			}
			sendText(c, socketChange)
			c.CloseRead(context.Background())
			time.Sleep(time.Minute)
			c.Close(websocket.StatusGoingAway, "restart")
		}
		events := 0
		err := s.login(nil).Watch(ctx, WatchOptions{}, func(Event) { events++ })
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, 1, events)
		require.JSONEq(t, `{"@type":"WebSocketPushEnable","dataTypes":null}`, enables[0])
		require.JSONEq(t, `{"@type":"WebSocketPushEnable","dataTypes":null,"pushState":"p1"}`, enables[1])
		require.Empty(t, s.streams)
	})
}

// What cuts every WebSocket after a moment is no way to be told of changes.
func TestWatchGivesUpSocketsThatDoNotLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &socketServer{t: t}
		s.socket = func(c *websocket.Conn, _ string) {
			sendText(c, socketChange)
			c.Close(websocket.StatusGoingAway, "")
		}
		require.ErrorIs(t, s.login(nil).Watch(t.Context(), WatchOptions{}, func(Event) {}), ErrNoPush)
		require.Len(t, s.dialed, flickers)
		require.Len(t, s.streams, 1)
	})
}

// A server that is down says nothing about its WebSockets.
func TestWatchComesBackToSocketsAfterAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		down := true
		s := &socketServer{t: t}
		s.socket = func(c *websocket.Conn, _ string) { sendText(c, socketChange); stay(c) }
		s.refuse = func(r *http.Request) *http.Response {
			if len(s.dialed) > 5 {
				down = false
				return s.accept(r)
			}
			return nil
		}
		s.events = func(*http.Request) *http.Response {
			require.True(t, down)
			return nil
		}
		lost := 0
		err := s.login(nil).Watch(ctx, WatchOptions{Lost: func(error) { lost++ }}, func(Event) { cancel() })
		require.ErrorIs(t, err, context.Canceled)
		require.Len(t, s.dialed, 6)
		require.Len(t, s.streams, 5)
		require.Equal(t, 6, lost)

		// Nor does an outage turn into "no push" where there is no event stream.
		ctx, cancel = context.WithTimeout(t.Context(), 24*time.Hour)
		defer cancel()
		s.events, s.refuse = nil, func(*http.Request) *http.Response { return nil }
		require.ErrorIs(t, s.login(nil).Watch(ctx, WatchOptions{}, nil), context.DeadlineExceeded)

		s.refuse = func(*http.Request) *http.Response { return &http.Response{StatusCode: 404, Body: http.NoBody} }
		require.ErrorIs(t, s.login(nil).Watch(t.Context(), WatchOptions{}, nil), ErrNoPush)
	})
}

func TestWatchNeverDialsUntrustedHosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &socketServer{t: t, url: "wss://evil.test/jmap/ws/"}
		require.ErrorIs(t, s.login(nil).Watch(t.Context(), WatchOptions{}, nil), ErrNoPush)
		require.Empty(t, s.dialed)
		require.Len(t, s.streams, 1)
	})
}

// A stream that holds up the calls of one user would hold up those of all; one that was just open while a call took long would not.
func TestOneSessionFindsOutForAll(t *testing.T) {
	for name, guilty := range map[string]bool{"holds up": true, "is slow": false, "is slow, was quick": false} {
		synctest.Test(t, func(t *testing.T) {
			streamGone := make(chan struct{})
			s := &socketServer{t: t, url: "none:"}
			s.events = func(r *http.Request) *http.Response {
				context.AfterFunc(r.Context(), func() { close(streamGone) })
				response, _ := feed(r)
				return response
			}
			quick := name == "is slow, was quick"
			s.calls = func(*http.Request) *http.Response {
				if !quick {
					<-streamGone
				}
				if name == "is slow" {
					time.Sleep(time.Second)
				}
				return answer(`{"methodResponses":[["Core/echo",{},"c0"]],"sessionState":"s1"}`)
			}
			client, err := New(Config{URL: "http://jmap.test/jmap", HTTPTransport: s})
			require.NoError(t, err)
			first, err := client.Login(t.Context(), ann)
			require.NoError(t, err)
			ended := make(chan error)
			go func() { ended <- first.Watch(t.Context(), WatchOptions{}, nil) }()
			synctest.Wait()
			if quick {
				_, err = first.Do(t.Context(), call("Core/echo"))
				require.NoError(t, err)
				quick = false
			}
			_, err = first.Do(t.Context(), call("Core/echo"))
			require.NoError(t, err)
			require.ErrorIs(t, <-ended, ErrNoPush)
			require.ErrorIs(t, first.Watch(t.Context(), WatchOptions{}, nil), ErrNoPush)

			second, err := client.Login(t.Context(), ann)
			require.NoError(t, err)
			s.events = nil
			require.ErrorIs(t, second.Watch(t.Context(), WatchOptions{}, nil), ErrNoPush)
			require.Equal(t, guilty, len(s.streams) == 1)
			time.Sleep(pushPause)
			require.False(t, errors.Is(second.Watch(t.Context(), WatchOptions{}, nil), errPushHarmful))
		})
	}
}

func answer(text string) *http.Response {
	return &http.Response{StatusCode: 200, ContentLength: int64(len(text)), Body: io.NopCloser(strings.NewReader(text))}
}
