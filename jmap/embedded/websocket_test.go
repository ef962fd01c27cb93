package embedded

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// socketClient is the other end of a WebSocket.
type socketClient struct {
	t    testing.TB
	conn *websocket.Conn
}

// socket opens a WebSocket.
func (c *client) socket() *socketClient {
	c.t.Helper()
	r := httptest.NewRequest("GET", "/", nil)
	r.SetBasicAuth(c.user, c.password)
	conn, _, err := websocket.Dial(c.t.Context(), c.url+pathSocket, &websocket.DialOptions{HTTPHeader: r.Header, Subprotocols: []string{"jmap"}})
	require.NoError(c.t, err)
	require.Equal(c.t, "jmap", conn.Subprotocol())
	c.t.Cleanup(func() { conn.CloseNow() })
	conn.SetReadLimit(-1)
	return &socketClient{c.t, conn}
}

func (k *socketClient) send(text string) {
	k.t.Helper()
	require.NoError(k.t, k.conn.Write(k.t.Context(), websocket.MessageText, []byte(text)))
}

// next returns the next message.
func (k *socketClient) next() map[string]any {
	k.t.Helper()
	ctx, cancel := context.WithTimeout(k.t.Context(), 20*time.Second)
	defer cancel()
	_, data, err := k.conn.Read(ctx)
	require.NoError(k.t, err)
	return plain(k.t, data)
}

// ends returns the status with which the server closes.
func (k *socketClient) ends() websocket.StatusCode {
	ctx, cancel := context.WithTimeout(k.t.Context(), 20*time.Second)
	defer cancel()
	_, data, err := k.conn.Read(ctx)
	require.Error(k.t, err, "%s", data)
	return websocket.CloseStatus(err)
}

func (k *socketClient) echo(id string) {
	k.send(`{"@type":"Request","id":"` + id + `",` + usingMail + `,"methodCalls":[["Core/echo",{"x":"` + id + `"},"0"]]}`)
}

func TestWebSocketRequests(t *testing.T) {
	c := newClient(t, Limits{MaxConcurrentRequests: 2, MaxSizeRequest: 5000})
	k := c.socket()
	want := map[string]bool{}
	for i := range 20 { // at once, for all that the limit says
		id := fmt.Sprint("r", i)
		want[id] = true
		k.echo(id)
	}
	for range 20 {
		got := k.next()
		require.Equal(t, "Response", got["@type"])
		id := got["requestId"].(string)
		require.True(t, want[id], "one answer for each: %s", id)
		delete(want, id)
		require.Equal(t, js(t, `[["Core/echo",{"x":"`+id+`"},"0"]]`), got["methodResponses"])
		require.Equal(t, c.store.sessionState(), got["sessionState"])
	}
	k.send(`{"@type":"Request",` + usingMail + `,"methodCalls":[["Mailbox/get",{"accountId":"` + c.account + `"},"0"]]}`)
	require.NotContains(t, k.next(), "requestId", "none was given")

	for text, kind := range map[string]string{
		"The quick brown fox": "urn:ietf:params:jmap:error:notJSON",
		`{"@type":"Request","id":"q","using":["x:y"],"methodCalls":[]}`: "urn:ietf:params:jmap:error:unknownCapability",
		`{"@type":"Request","id":"q"}`:                                  "urn:ietf:params:jmap:error:notRequest",
		`{"id":"q","using":[],"methodCalls":[]}`:                        "urn:ietf:params:jmap:error:notRequest",
		`{"@type":"WebSocketPushEnable","dataTypes":7,"id":"q"}`:        "urn:ietf:params:jmap:error:notRequest",
		`{"@type":7}`: "urn:ietf:params:jmap:error:notRequest",
	} {
		k.send(text)
		got := k.next()
		require.Equal(t, "RequestError", got["@type"])
		require.Equal(t, kind, got["type"], text)
		if strings.Contains(text, `"id":"q"`) {
			require.Equal(t, "q", got["requestId"])
		} else {
			require.Nil(t, got["requestId"])
			require.Contains(t, got, "requestId")
		}
	}
	k.send(`{"@type":"Request","x":"` + strings.Repeat("x", 6000) + `"}`)
	got := k.next()
	require.Equal(t, "maxSizeRequest", got["limit"])
	require.Equal(t, websocket.StatusMessageTooBig, k.ends())

	k = c.socket()
	require.NoError(t, k.conn.Write(t.Context(), websocket.MessageBinary, []byte("x")))
	require.Equal(t, websocket.StatusUnsupportedData, k.ends())
}

func TestWebSocketPush(t *testing.T) {
	c := newClient(t, Limits{})
	require.NoError(t, c.store.Share("bob", "alice"))
	bob := clientFor(t, c.store, c.url, "bob")
	k := c.socket()
	c.importMail(message("unheard", "a@example.org", "x"), c.mailbox("inbox"), "")
	k.send(`{"@type":"WebSocketPushEnable","dataTypes":["Email"]}`)
	k.echo("enabled")
	require.Equal(t, "Response", k.next()["@type"])

	id := c.importMail(message("s", "a@example.org", "x"), c.mailbox("inbox"), "")
	first := k.next()
	require.Equal(t, "StateChange", first["@type"])
	require.Equal(t, map[string]any{c.account: map[string]any{"Email": c.state("Email")}}, first["changed"])
	require.NotEmpty(t, first["pushState"])
	bob.importMail(message("s", "b@example.org", "x"), bob.mailbox("inbox"), "")
	require.Contains(t, k.next()["changed"], bob.account)

	k.send(`{"@type":"WebSocketPushEnable","dataTypes":null}`)
	k.echo("all")
	require.Equal(t, "Response", k.next()["@type"])
	c.importMail(message("all", "a@example.org", "x"), c.mailbox("inbox"), "")
	require.Len(t, k.next()["changed"].(map[string]any)[c.account], 4, "Email, EmailDelivery, Mailbox, Thread")

	k.send(`{"@type":"WebSocketPushDisable"}`)
	k.echo("off")
	require.Equal(t, "Response", k.next()["@type"])
	c.ok("Email/set", `"update":{"`+id+`":{"keywords/x":true}}`)
	k.echo("still nothing")
	require.Equal(t, "Response", k.next()["@type"])
	k.conn.CloseNow()

	// A client that comes back is told what it missed, and only that.
	k = c.socket()
	state := string(quote(first["pushState"].(string)))
	k.send(`{"@type":"WebSocketPushEnable","dataTypes":["Email"],"pushState":` + state + `}`)
	again := k.next()
	require.Equal(t, c.state("Email"), again["changed"].(map[string]any)[c.account].(map[string]any)["Email"])
	k.send(`{"@type":"WebSocketPushEnable","dataTypes":["Email"],"pushState":` + string(quote(again["pushState"].(string))) + `}`)
	k.send(`{"@type":"WebSocketPushEnable","dataTypes":["Email"],"pushState":"nonsense;x:y:=;"}`)
	k.echo("nothing missed")
	require.Equal(t, "Response", k.next()["@type"])
	k.conn.Close(websocket.StatusNormalClosure, "")
	for _, a := range c.store.accounts {
		require.Eventually(t, func() bool {
			a.push.mu.Lock()
			defer a.push.mu.Unlock()
			return len(a.push.subs) == 0
		}, 10*time.Second, time.Millisecond)
	}
}

func TestWebSocketIsAnnouncedWhereOneCanBe(t *testing.T) {
	c := newClient(t, Limits{MaxEventSources: 1})
	announced := func(c *client) *jmap.WebSocketCapability {
		var s jmap.Session
		require.NoError(t, json.Unmarshal([]byte(readAll(t, c.do("GET", pathSession, nil))), &s))
		raw, ok := s.Capabilities[jmap.CapabilityWebSocket]
		if !ok {
			return nil
		}
		capability := new(jmap.WebSocketCapability)
		require.NoError(t, json.Unmarshal(raw, capability))
		return capability
	}
	require.Equal(t, &jmap.WebSocketCapability{URL: strings.Replace(c.url, "http:", "ws:", 1) + pathSocket, SupportsPush: true}, announced(c))
	c.store.baseURL = "https://mail.example.org"
	require.Equal(t, "wss://mail.example.org"+pathSocket, announced(c).URL)
	within := clientFor(t, c.store, "http://in.process", "alice")
	within.http = clientOf(c.store)
	require.Nil(t, announced(within))

	require.Equal(t, 426, c.do("GET", pathSocket, nil).StatusCode)
	require.Equal(t, 426, c.do("GET", pathSocket, nil, "Sec-WebSocket-Protocol", "jmap").StatusCode)
	require.Equal(t, 426, c.do("GET", pathSocket, nil, "Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Version", "13",
		"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol", "chat").StatusCode)
	require.Equal(t, 403, c.do("GET", pathSocket, nil, "Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Version", "13",
		"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol", "jmap", "Origin", "https://evil.example").StatusCode)
	k := c.socket()
	require.Equal(t, 429, c.do("GET", pathSocket, nil, "Sec-WebSocket-Protocol", "jmap").StatusCode)
	k.echo("x")
	k.next()
}

func TestWebSocketEndsWithItsPassword(t *testing.T) {
	c := newClient(t, Limits{})
	k := c.socket()
	k.echo("before")
	k.next()
	require.NoError(t, c.store.SetPassword("alice", "another"))
	k.echo("after")
	require.Equal(t, websocket.StatusPolicyViolation, k.ends())
}

func TestCloseEndsWebSockets(t *testing.T) {
	s, err := Open(Options{Dir: t.TempDir(), HashIterations: 1})
	require.NoError(t, err)
	require.NoError(t, s.AddAccount("alice", "secret"))
	server := httptest.NewServer(s)
	defer server.Close()
	k := clientFor(t, s, server.URL, "alice").socket()
	k.send(`{"@type":"WebSocketPushEnable","dataTypes":null}`)
	k.echo("x")
	k.next()
	require.NoError(t, s.Close())
	require.Equal(t, websocket.StatusGoingAway, k.ends())
}

// hijacked is a ResponseWriter over one end of a pipe.
type hijacked struct {
	header http.Header
	conn   net.Conn
}

func (h hijacked) Header() http.Header         { return h.header }
func (h hijacked) WriteHeader(int)             {}
func (h hijacked) Write(b []byte) (int, error) { return len(b), nil }
func (h hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.conn, bufio.NewReadWriter(bufio.NewReader(h.conn), bufio.NewWriter(h.conn)), nil
}

// A client that does not read, and one that does not finish what it begins to write, are cut off.
func TestWebSocketCutsSlowClientsOff(t *testing.T) {
	for name, write := range map[string]string{
		"reader": `{"@type":"Request",` + usingMail + `,"methodCalls":[["Core/echo",{},"0"]]}`,
		"writer": "",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := openStore(t, Limits{})
				require.NoError(t, s.AddAccount("alice", "secret"))
				ours, theirs := net.Pipe()
				r := httptest.NewRequest("GET", pathSocket, nil)
				r.SetBasicAuth("alice", "secret")
				for field, value := range map[string]string{
					"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
					"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "jmap",
				} {
					r.Header.Set(field, value)
				}
				start, ended := time.Now(), make(chan time.Duration)
				go func() {
					s.ServeHTTP(hijacked{http.Header{}, ours}, r)
					ended <- time.Since(start)
				}()
				if write == "" {
					_, err := theirs.Write([]byte{0x81, 0x80 | 100, 0, 0, 0, 0, '{'}) // the beginning of a text of 100 octets, masked with zeros
					require.NoError(t, err)
				} else {
					_, err := theirs.Write(append([]byte{0x81, 0x80 | 126, 0, byte(len(write)), 0, 0, 0, 0}, write...))
					require.NoError(t, err)
				}
				require.InDelta(t, sendWait.Seconds(), (<-ended).Seconds(), 10)
				require.Empty(t, s.gates.now)
				theirs.Close()
			})
		})
	}
}
