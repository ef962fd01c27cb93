package jmap

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

// socketProtocol is the WebSocket subprotocol of JMAP (RFC 8887 section 4.2).
const socketProtocol = "jmap"

// SocketEvents is Events over a WebSocket (RFC 8887): it opens one, asks for state changes, and calls handle for each. It pings the server at the ping
// interval, and ends when nothing comes back. The errors are those of Events; a server that does not announce push over WebSockets, or
// refuses them, is ErrNoPush, and one that answers with a request-level error gives a *proto.RequestError.
//
// Credentials go only where those of other requests may go; the wss URL counts as https there.
func (s *Session) SocketEvents(ctx context.Context, options EventOptions, handle func(Event)) error {
	stream := newStream(s, options, handle)
	return stream.run(ctx, stream.listenSocket)
}

// pushesOverSocket reports whether the server announces push over a WebSocket.
func (s *Session) pushesOverSocket() bool {
	capability, ok := s.socketCapability()
	return ok && capability.SupportsPush
}

func (s *Session) socketCapability() (c proto.WebSocketCapability, ok bool) {
	raw, ok := s.Info().Capabilities[proto.CapabilityWebSocket]
	return c, ok && c.UnmarshalJSON(raw) == nil && c.URL != ""
}

// socketURL resolves the URL of the capability as if it were one of HTTP, which the handshake is. Cyrus gives "wss:/jmap/ws/": a URL
// without a host is one on the server that the session came from, by the scheme that leads there.
func (s *Session) socketURL() (*url.URL, error) {
	capability, ok := s.socketCapability()
	if !ok {
		return nil, noPush("the session has no WebSocket")
	}
	given, err := url.Parse(capability.URL)
	if err != nil {
		return nil, fmt.Errorf("%w: %q is no URL", ErrUntrustedHost, capability.URL)
	}
	scheme, isSocket := map[string]string{"ws": "http", "wss": "https"}[given.Scheme]
	switch {
	case isSocket && given.Host == "":
		given.Scheme = ""
	case isSocket:
		given.Scheme = scheme
	}
	return s.client.locate(s.current.Load().from, given.String())
}

// listenSocket opens a WebSocket and handles its state changes until it ends, which it always reports as an error.
func (s *stream) listenSocket(ctx context.Context, dog *watchdog) error {
	if !s.session.pushesOverSocket() {
		return noPush("none over WebSockets")
	}
	conn, err := s.dial(ctx, dog)
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	conn.SetReadLimit(maxEvent)
	enable := proto.WebSocketPushEnable{DataTypes: s.options.Types, PushState: s.pushState}
	if err := conn.Write(ctx, websocket.MessageText, enable.AppendJSON(nil)); err != nil {
		return err
	}
	s.connected = true
	pinging, stop := context.WithCancel(ctx)
	var pings sync.WaitGroup
	pings.Go(func() { keepPinging(pinging, conn, s.ping()) })
	defer pings.Wait()
	defer stop()
	return s.readSocket(ctx, conn, dog)
}

// keepPinging asks the server for a sign of life at once and then at every interval. The watchdog judges the answers.
func keepPinging(ctx context.Context, conn *websocket.Conn, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for conn.Ping(ctx) == nil {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

func (s *stream) readSocket(ctx context.Context, conn *websocket.Conn, dog *watchdog) error {
	for {
		kind, data, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		dog.pat()
		if kind != websocket.MessageText { // to be ignored, RFC 8887 section 4.3.1
			continue
		}
		if err := s.message(data); err != nil {
			return err
		}
	}
}

// message handles a message of the server. What cannot be read may have been a state change.
func (s *stream) message(data []byte) error {
	var message proto.WebSocketMessage
	if message.UnmarshalJSON(data) != nil {
		s.handle(Event{})
		return nil
	}
	switch message.Type {
	case "StateChange":
		s.answered()
		s.handle(s.stateMessage(data))
	case "RequestError":
		problem := problemOf(data)
		return fmt.Errorf("%s: %w", opListen, problem)
	}
	return nil
}

// answered notes that the server got what was sent before the first ping: the wish for state changes.
func (s *stream) answered() {
	if s.opened.IsZero() {
		s.up()
	}
	s.living()
}

func (s *stream) stateMessage(data []byte) Event {
	var change proto.WebSocketStateChange
	if change.UnmarshalJSON(data) != nil {
		return Event{}
	}
	if change.PushState != "" {
		s.pushState = change.PushState
	}
	return Event{PushState: change.PushState, Changed: change.Changed}
}

// dial makes the handshake. Its context may not end with it: the connection would.
func (s *stream) dial(ctx context.Context, dog *watchdog) (*websocket.Conn, error) {
	to, err := s.session.socketURL()
	if errors.Is(err, ErrNoPush) {
		return nil, err
	}
	if err != nil {
		return nil, &UnavailableError{Op: opListen, Err: err}
	}
	handshake := http.Request{Header: http.Header{"User-Agent": {s.session.client.config.UserAgent}}}
	s.session.credentials.authorize(&handshake)
	limited, cancel := context.WithTimeoutCause(ctx, loginTimeout, errTimeout)
	defer cancel()
	conn, response, err := websocket.Dial(limited, to.String(), &websocket.DialOptions{
		HTTPClient:     s.session.client.http,
		HTTPHeader:     handshake.Header,
		Subprotocols:   []string{socketProtocol},
		OnPingReceived: func(context.Context, []byte) bool { dog.pat(); return true },
		OnPongReceived: func(context.Context, []byte) { dog.pat(); s.answered() },
	})
	if err != nil {
		return nil, refused(limited, response, err)
	}
	if !strings.EqualFold(conn.Subprotocol(), socketProtocol) {
		conn.CloseNow()
		return nil, noPush("the WebSocket does not speak JMAP")
	}
	return conn, nil
}

// refused sorts the ways in which a handshake fails.
func refused(ctx context.Context, response *http.Response, err error) error {
	switch {
	case response == nil:
		return transportError(ctx, opListen, err)
	case response.StatusCode >= http.StatusInternalServerError && response.StatusCode != http.StatusNotImplemented,
		response.StatusCode == http.StatusUnauthorized, response.StatusCode == http.StatusForbidden,
		response.StatusCode == http.StatusTooManyRequests:
		return statusError(opListen, response)
	}
	return noPush(fmt.Sprintf("no WebSocket: HTTP %d", response.StatusCode))
}
