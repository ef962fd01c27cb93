package embedded

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

const (
	// socketProtocol is the subprotocol of JMAP (RFC 8887 section 4.2).
	socketProtocol = "jmap"
	// socketPing is how often a WebSocket is kept alive on its way through NATs and proxies.
	socketPing = 45 * time.Second
	// socketFrame is the octets of a frame of a message that is sent.
	socketFrame = 64 << 10
)

var errMessageTooLong = errors.New("the message is too long")

// socket is one WebSocket (RFC 8887). Its requests run at the same time, within the limits of all requests of the user: a message is read only once there is
// room for what it asks.
type socket struct {
	store *Store
	user  *user
	conn  *websocket.Conn
	ctx   context.Context // ends with the connection
	end   context.CancelFunc

	sending sync.Mutex // held while a message goes out, so that sendWait is that of each alone
	tasks   sync.WaitGroup
	pushing func() // ends the push that is on; belongs to the reader
}

// socketBase is base with the scheme of a WebSocket.
func socketBase(base string) string { return "ws" + strings.TrimPrefix(base, "http") }

func (s *Store) serveSocket(w http.ResponseWriter, r *http.Request, u *user) {
	if !offersJMAP(r) {
		w.Header().Set("Upgrade", "websocket")
		writeProblem(w, problem(http.StatusUpgradeRequired, "this is for WebSockets with the subprotocol jmap"))
		return
	}
	if !s.gates.enter(u, "events", s.limits.MaxEventSources) {
		writeProblem(w, problem(http.StatusTooManyRequests, "there are too many event streams"))
		return
	}
	defer s.gates.leave(u, "events")
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{socketProtocol}})
	if err != nil { // and has been answered
		return
	}
	defer conn.CloseNow()
	k := &socket{store: s, user: u, conn: conn, pushing: func() {}}
	k.ctx, k.end = context.WithCancel(context.WithoutCancel(r.Context()))
	k.run()
}

// offersJMAP tells whether the client speaks the subprotocol.
func offersJMAP(r *http.Request) bool {
	offered := strings.Split(strings.Join(r.Header.Values("Sec-WebSocket-Protocol"), ","), ",")
	return slices.ContainsFunc(offered, func(name string) bool { return strings.EqualFold(strings.TrimSpace(name), socketProtocol) })
}

// run serves until the client goes, breaks the rules, or the store closes.
func (k *socket) run() {
	k.conn.SetReadLimit(k.store.limits.MaxSizeRequest + 2) // read has the limit itself
	k.tasks.Go(k.keepAlive)
	if err := k.read(); err != nil && !k.store.isClosed() {
		k.close(err)
	}
	k.end()
	k.tasks.Wait()
}

// keepAlive pings, and says goodbye when the store closes. What a ping gives does not matter: the system notices connections that are dead.
func (k *socket) keepAlive() {
	ticker := time.NewTicker(socketPing)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			ctx, cancel := context.WithTimeout(k.ctx, sendWait)
			_ = k.conn.Ping(ctx)
			cancel()
		case <-k.store.closing:
			k.conn.Close(websocket.StatusGoingAway, "the server is shutting down")
			k.end()
			return
		case <-k.ctx.Done():
			return
		}
	}
}

// closing is an error that ends the connection with a status (RFC 6455 section 7.4.1).
type closing struct {
	status websocket.StatusCode
	reason string
}

func (c closing) Error() string { return c.reason }

func (k *socket) close(err error) {
	var with closing
	if errors.As(err, &with) {
		k.conn.Close(with.status, with.reason)
	}
}

// read takes messages until there are no more.
func (k *socket) read() error {
	for {
		ctx, cancel := context.WithCancel(k.ctx)
		err := k.readMessage(ctx, cancel)
		cancel()
		if err != nil {
			return err
		}
	}
}

// readMessage waits for a message and for room, and leaves it to a goroutine that gives the room back.
func (k *socket) readMessage(ctx context.Context, giveUp func()) error {
	kind, from, err := k.conn.Reader(ctx)
	if err != nil {
		return err
	}
	if kind != websocket.MessageText {
		return closing{websocket.StatusUnsupportedData, "messages are text"}
	}
	s := k.store
	if err := s.gates.wait(k.ctx, k.user, "request", s.limits.MaxConcurrentRequests); err != nil {
		return err
	}
	leave := func() { s.gates.leave(k.user, "request") }
	data, err := s.readLimited(from, giveUp)
	if err != nil {
		leave()
		if errors.Is(err, errMessageTooLong) {
			k.refuse(limitProblem(http.StatusRequestEntityTooLarge, "maxSizeRequest", s.limits.MaxSizeRequest), nil)
			return closing{websocket.StatusMessageTooBig, err.Error()}
		}
		return err
	}
	u := s.stillValid(k.user)
	if u == nil {
		leave()
		return closing{websocket.StatusPolicyViolation, "the credentials are no longer valid"}
	}
	return k.dispatch(u, data, leave)
}

// readLimited reads a message, as long as it keeps coming.
func (s *Store) readLimited(from io.Reader, giveUp func()) ([]byte, error) {
	slow := time.AfterFunc(sendWait, giveUp)
	defer slow.Stop()
	data, err := io.ReadAll(io.LimitReader(progress{from, slow}, s.limits.MaxSizeRequest+1))
	if err == nil && int64(len(data)) > s.limits.MaxSizeRequest {
		err = errMessageTooLong
	}
	return data, err
}

// progress puts a timer off with everything that is read.
type progress struct {
	from io.Reader
	slow *time.Timer
}

func (p progress) Read(b []byte) (int, error) {
	n, err := p.from.Read(b)
	p.slow.Reset(sendWait)
	return n, err
}

// stillValid returns the user as of now, or nil when the password with which he came is no longer his.
func (s *Store) stillValid(u *user) *user {
	s.mu.RLock()
	defer s.mu.RUnlock()
	now := s.users[u.Name]
	if now == nil || !slices.Equal(now.Password.Hash, u.Password.Hash) {
		return nil
	}
	return now
}

// dispatch answers a message. Requests run by themselves; leave is called when all is done.
func (k *socket) dispatch(u *user, data []byte, leave func()) error {
	var message jmap.WebSocketMessage
	refusal := k.store.checkJSON(data)
	if refusal == nil {
		if err := message.UnmarshalJSON(data); err != nil {
			refusal = requestProblem(jmap.RequestErrorNotRequest, err.Error())
		}
	}
	if refusal == nil && message.Type == "Request" {
		k.tasks.Go(func() {
			defer leave()
			k.request(u, data, message.ID)
		})
		return nil
	}
	defer leave()
	if refusal == nil {
		refusal = k.control(u, message.Type, data)
	}
	if refusal != nil {
		return k.refuse(refusal, message.ID)
	}
	return nil
}

// request runs a batch of method calls (RFC 8887 section 4.3.2).
func (k *socket) request(u *user, data []byte, id *string) {
	response, refusal := k.respond(u, data, id)
	if refusal != nil {
		_ = k.refuse(refusal, id) // that the client is gone is for the reader to find
		return
	}
	_ = k.send(response...)
}

func (k *socket) respond(u *user, data []byte, id *string) (response [][]byte, refusal *jmap.RequestError) {
	defer func() {
		if v := recover(); v != nil { // net/http does so for requests that come without WebSockets
			k.store.log.Error("handling a request", "panic", v)
			refusal = problem(http.StatusInternalServerError, "the request could not be handled")
		}
	}()
	request, refusal := k.store.parseRequest(data)
	if refusal != nil {
		return nil, refusal
	}
	extra := map[string]json.RawMessage{"@type": json.RawMessage(`"Response"`)}
	if id != nil {
		extra["requestId"] = quote(*id)
	}
	response, err := k.store.run(k.ctx, u, request, extra)
	if err != nil {
		k.store.log.Error("encoding a response", "err", err)
		return nil, problem(http.StatusInternalServerError, "the response could not be written")
	}
	return response, nil
}

// quote writes a JSON string.
func quote(text string) json.RawMessage {
	raw, err := json.Marshal(text)
	if err != nil { // of a string there is none
		return json.RawMessage("null")
	}
	return raw
}

// control turns push on and off.
func (k *socket) control(u *user, kind string, data []byte) *jmap.RequestError {
	switch kind {
	case "WebSocketPushEnable":
		var enable jmap.WebSocketPushEnable
		if err := enable.UnmarshalJSON(data); err != nil {
			return requestProblem(jmap.RequestErrorNotRequest, err.Error())
		}
		return k.enable(u, enable)
	case "WebSocketPushDisable":
		k.pushing()
		return nil
	}
	return requestProblem(jmap.RequestErrorNotRequest, fmt.Sprintf("@type %q is none of Request, WebSocketPushEnable and WebSocketPushDisable", kind))
}

// enable takes the place of the push that was on before.
func (k *socket) enable(u *user, wanted jmap.WebSocketPushEnable) *jmap.RequestError {
	p, err := k.store.push(u, wanted.DataTypes)
	if err != nil {
		k.store.log.Error("beginning to push", "err", err)
		return problem(http.StatusInternalServerError, "the state could not be read")
	}
	k.pushing()
	ctx, cancel := context.WithCancel(k.ctx)
	ended := make(chan struct{})
	k.pushing = func() {
		cancel()
		<-ended
	}
	p.catchUp(wanted.PushState)
	k.tasks.Go(func() {
		defer close(ended)
		defer p.end()
		k.push(ctx, p)
	})
	return nil
}

// push sends state changes. One that does not get through ends the connection: the client has to come back for it.
func (k *socket) push(ctx context.Context, p *pushed) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.sub.ready:
		}
		change := jmap.WebSocketStateChange{Changed: p.take()}
		if len(change.Changed) == 0 {
			continue
		}
		change.PushState = p.position()
		if k.send(change.AppendJSON(nil)) != nil {
			return
		}
	}
}

// refuse sends a request-level error (RFC 8887 section 4.3.4).
func (k *socket) refuse(refusal *jmap.RequestError, id *string) error {
	refusal.Extra = map[string]json.RawMessage{"@type": json.RawMessage(`"RequestError"`), "requestId": json.RawMessage("null")}
	if id != nil {
		refusal.Extra["requestId"] = quote(*id)
	}
	return k.send(refusal.AppendJSON(nil))
}

// send sends a message that may come in pieces. A client that takes none of it for sendWait is cut off.
func (k *socket) send(pieces ...[]byte) (err error) {
	k.sending.Lock()
	defer k.sending.Unlock()
	ctx, cancel := context.WithCancel(k.ctx)
	defer cancel()
	slow := time.AfterFunc(sendWait, cancel)
	defer slow.Stop()
	defer func() {
		if err != nil {
			k.end()
		}
	}()
	to, err := k.conn.Writer(ctx, websocket.MessageText)
	if err != nil {
		return err
	}
	size := 0
	for _, piece := range pieces {
		size += len(piece)
	}
	out := bufio.NewWriterSize(to, min(size, socketFrame))
	for _, piece := range pieces {
		for chunk := range slices.Chunk(piece, socketFrame) {
			if _, err := out.Write(chunk); err != nil {
				return err
			}
			slow.Reset(sendWait)
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return to.Close()
}
