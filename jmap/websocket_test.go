package jmap

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

// socketServer is a server with WebSockets and an event stream, on pipes, so that its time can be that of a synctest bubble.
type socketServer struct {
	t       *testing.T
	url     string // of the WebSocket; default "wss:/jmap/ws/", as Cyrus says
	socket  func(c *websocket.Conn, enable string)
	mute    bool                               // answer no pings
	refuse  func(*http.Request) *http.Response // in place of a WebSocket
	events  func(*http.Request) *http.Response
	dialed  []*http.Request
	streams []*http.Request
	calls   func(*http.Request) *http.Response
}

func (s *socketServer) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	var response *http.Response
	switch {
	case strings.HasPrefix(r.URL.Path, "/jmap/ws"):
		s.dialed = append(s.dialed, r)
		if s.refuse != nil {
			response = s.refuse(r)
		} else {
			response = s.accept(r)
		}
	case strings.HasPrefix(r.URL.Path, "/jmap/events"):
		s.streams = append(s.streams, r)
		response = &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody}
		if s.events != nil {
			response = s.events(r)
		}
	case strings.HasPrefix(r.URL.Path, "/jmap/api"):
		response = s.calls(r)
	default:
		response = &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(s.session()))}
	}
	if response == nil {
		return nil, io.ErrUnexpectedEOF
	}
	response.Request = r
	if response.Header == nil {
		response.Header = http.Header{}
	}
	return response, nil
}

func (s *socketServer) session() string {
	at := s.url
	if at == "" {
		at = "wss:/jmap/ws/"
	}
	capability := fmt.Sprintf(`{"capabilities":{"%s":{"url":"%s","supportsPush":true},`, proto.CapabilityWebSocket, at)
	return strings.Replace((&fake{}).sessionObject(), `{"capabilities":{`, capability, 1)
}

// accept upgrades; the handler has the other end of the pipe, and what the client sent first.
func (s *socketServer) accept(r *http.Request) *http.Response {
	ours, theirs := net.Pipe()
	w := &upgrade{header: http.Header{}, conn: ours}
	r.ProtoMajor, r.ProtoMinor = 1, 1
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols: []string{"jmap"}, OnPingReceived: func(context.Context, []byte) bool { return !s.mute },
	})
	require.NoError(s.t, err)
	go func() {
		defer conn.CloseNow()
		if _, enable, err := conn.Read(context.Background()); err == nil {
			s.socket(conn, string(enable))
		}
	}()
	return &http.Response{StatusCode: w.status, Header: w.header, Body: theirs}
}

// upgrade is a ResponseWriter that can only be hijacked.
type upgrade struct {
	header http.Header
	conn   net.Conn
	status int
}

func (u *upgrade) Header() http.Header         { return u.header }
func (u *upgrade) WriteHeader(status int)      { u.status = status }
func (u *upgrade) Write(b []byte) (int, error) { return len(b), nil }
func (u *upgrade) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return u.conn, bufio.NewReadWriter(bufio.NewReader(u.conn), bufio.NewWriter(u.conn)), nil
}

func (s *socketServer) login(change func(*Config)) *Session {
	config := Config{URL: "http://jmap.test/jmap", HTTPTransport: s}
	if change != nil {
		change(&config)
	}
	client, err := New(config)
	require.NoError(s.t, err)
	session, err := client.Login(s.t.Context(), ann)
	require.NoError(s.t, err)
	return session
}

func sendText(c *websocket.Conn, text string) {
	_ = c.Write(context.Background(), websocket.MessageText, []byte(text)) // a client that is gone is its own affair
}

// stay answers pings until the client goes.
func stay(c *websocket.Conn) { _, _, _ = c.Read(context.Background()) }

const socketChange = `{"@type":"StateChange","changed":{"A1":{"Email":"e2"}},"pushState":"p1"}`

func TestSocketEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &socketServer{t: t}
		s.socket = func(c *websocket.Conn, enable string) {
			require.JSONEq(t, `{"@type":"WebSocketPushEnable","dataTypes":["Email","Mailbox"],"pushState":"p0"}`, enable)
			_ = c.Write(context.Background(), websocket.MessageBinary, []byte("ignored"))
			sendText(c, `{"@type":"Response","methodResponses":[],"sessionState":"x"}`)
			sendText(c, socketChange)
			sendText(c, `{"@type":"StateChange","changed":7}`)
			sendText(c, `no JSON`)
			c.Close(websocket.StatusGoingAway, "bye")
		}
		var steps []string
		var got []Event
		err := s.login(nil).SocketEvents(t.Context(), EventOptions{
			Types: []string{"Email", "Mailbox"}, PushState: "p0",
			Opened: func() { steps = append(steps, "opened") }, Alive: func() { steps = append(steps, "alive") },
		}, func(e Event) { got = append(got, e) })
		require.ErrorIs(t, err, ErrUnavailable)
		require.ErrorContains(t, err, "StatusGoingAway")
		require.Equal(t, []string{"opened", "alive"}, steps)
		require.Equal(t, []Event{{PushState: "p1", Changed: map[proto.ID]map[string]string{"A1": {"Email": "e2"}}}, {}, {}}, got)
		require.Len(t, s.dialed, 1)
		require.Equal(t, "http://jmap.test/jmap/ws/", s.dialed[0].URL.String())
		user, password, _ := s.dialed[0].BasicAuth()
		require.Equal(t, "ann:secret", user+":"+password)
		require.Equal(t, "jmap", s.dialed[0].Header.Get("Sec-WebSocket-Protocol"))
	})
}

func TestSocketLivesByItsPongs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &socketServer{t: t}
		s.socket = func(c *websocket.Conn, _ string) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
			defer cancel()
			_, _, _ = c.Read(ctx)
		}
		start, alive := time.Now(), time.Duration(-1)
		err := s.login(nil).SocketEvents(t.Context(), EventOptions{
			Ping: 20 * time.Second, Alive: func() { alive = time.Since(start) },
		}, nil)
		require.ErrorIs(t, err, ErrUnavailable)
		require.Zero(t, alive, "the first ping goes out at once")
		require.Equal(t, time.Hour, time.Since(start))
	})
}

func TestSocketUntilSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &socketServer{t: t, mute: true}
		s.socket = func(c *websocket.Conn, _ string) {
			sendText(c, socketChange)
			stay(c)
		}
		start, events := time.Now(), 0
		err := s.login(nil).SocketEvents(t.Context(), EventOptions{Ping: 20 * time.Second}, func(Event) { events++ })
		require.ErrorIs(t, err, errSilent)
		require.Equal(t, 1, events)
		require.Equal(t, 50*time.Second, time.Since(start))
	})
}

func TestSocketRefusals(t *testing.T) {
	for _, c := range []struct {
		status int
		want   error
	}{
		{200, ErrNoPush}, {204, ErrNoPush}, {301, ErrNoPush}, {400, ErrNoPush}, {404, ErrNoPush}, {426, ErrNoPush}, {501, ErrNoPush},
		{401, ErrUnauthorized}, {403, ErrUnauthorized}, {500, ErrUnavailable}, {503, ErrUnavailable}, {101, ErrNoPush},
	} {
		t.Run(fmt.Sprint(c.status), func(t *testing.T) {
			s := &socketServer{t: t, refuse: func(*http.Request) *http.Response {
				return &http.Response{StatusCode: c.status, Body: io.NopCloser(strings.NewReader("no")), Header: http.Header{"Location": {"http://elsewhere.test/"}}}
			}}
			err := s.login(nil).SocketEvents(t.Context(), EventOptions{}, nil)
			require.ErrorIs(t, err, c.want)
			require.Len(t, s.dialed, 1)
		})
	}
	t.Run("request error", func(t *testing.T) {
		s := &socketServer{t: t, socket: func(c *websocket.Conn, _ string) {
			sendText(c, `{"@type":"RequestError","requestId":null,"type":"urn:ietf:params:jmap:error:notRequest","status":400}`)
			stay(c)
		}}
		var problem *proto.RequestError
		require.ErrorAs(t, s.login(nil).SocketEvents(t.Context(), EventOptions{}, nil), &problem)
	})
	t.Run("too long", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := &socketServer{t: t, socket: func(c *websocket.Conn, _ string) {
				sendText(c, `{"@type":"StateChange","x":"`+strings.Repeat("x", maxEvent)+`"}`)
			}}
			require.ErrorIs(t, s.login(nil).SocketEvents(t.Context(), EventOptions{}, nil), ErrUnavailable)
		})
	})
	t.Run("not announced", func(t *testing.T) {
		require.ErrorIs(t, newFake(t).login(t, nil).SocketEvents(t.Context(), EventOptions{}, nil), ErrNoPush)
	})
}

func TestSocketURL(t *testing.T) {
	for _, c := range []struct{ session, given, want string }{
		{"https://mail.test/jmap", "wss:/jmap/ws/", "https://mail.test/jmap/ws/"},
		{"http://127.0.0.1:8080/jmap", "wss:/jmap/ws/", "http://127.0.0.1:8080/jmap/ws/"},
		{"https://mail.test:8443/jmap", "wss://mail.test:8443/ws?a=b", "https://mail.test:8443/ws?a=b"},
		{"https://mail.test/jmap", "ws://mail.test/ws", "https://mail.test/ws"},
		{"http://mail.test/jmap", "ws://mail.test/ws", "http://mail.test/ws"},
		{"http://mail.test/jmap", "wss://mail.test/ws", "https://mail.test/ws"},
		{"https://mail.test/jmap", "/ws", "https://mail.test/ws"},
		{"https://mail.test/jmap", "wss://push.test/ws", "https://push.test/ws"},
		{"https://mail.test/jmap", "wss://other.test/ws", ""},
		{"https://mail.test/jmap", "wss://mail.test:99/ws", ""},
		{"https://mail.test/jmap", "ws://localhost/ws", ""},
		{"https://mail.test/jmap", "ftp://mail.test/ws", ""},
		{"https://mail.test/jmap", "wss://%zz/", ""},
	} {
		s := &socketServer{t: t, url: c.given}
		session := s.login(func(config *Config) { config.URL, config.TrustedHosts = c.session, []string{"push.test"} })
		got, err := session.socketURL()
		if c.want == "" {
			require.ErrorIs(t, err, ErrUntrustedHost, c.given)
			require.ErrorIs(t, session.SocketEvents(t.Context(), EventOptions{}, nil), ErrUntrustedHost)
			require.Empty(t, s.dialed)
			continue
		}
		require.NoError(t, err, c.given)
		require.Equal(t, c.want, got.String())
	}
	s := &socketServer{t: t, url: "wss://localhost/ws"}
	got, err := s.login(func(config *Config) { config.SameOrigin = true }).socketURL()
	require.NoError(t, err)
	require.Equal(t, "http://jmap.test/ws", got.String())
}

// Whatever a server sends, at most one event comes of it, and the state to resume from is never lost.
func FuzzSocketMessage(f *testing.F) {
	f.Add([]byte(socketChange))
	f.Add([]byte(`{"@type":"StateChange","changed":7}`))
	f.Add([]byte(`{"@type":"RequestError","requestId":null,"type":"urn:ietf:params:jmap:error:limit","status":400}`))
	f.Add([]byte(`{"@type":"Response","requestId":"1"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var events []Event
		s := newStream(&Session{}, EventOptions{PushState: "before"}, func(e Event) { events = append(events, e) })
		err := s.message(data)
		require.LessOrEqual(t, len(events), 1)
		require.NotEmpty(t, s.pushState)
		if err != nil {
			require.Empty(t, events)
			require.False(t, s.alive)
		}
	})
}
