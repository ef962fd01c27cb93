package server

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/server/wire"
)

// conn is the transport of a session: it changes under it at STARTTLS.
type conn struct {
	server *Server
	raw    net.Conn // as accepted
	config *tls.Config
	log    *slog.Logger

	net     net.Conn // what is read and written: raw, or TLS over it
	secure  bool
	input   *wire.Input
	framer  *wire.Framer
	output  *wire.Output
	encoder *imap.Encoder
	tap     io.Writer // nil: none

	ctx    context.Context // ends when the client is gone
	cancel context.CancelFunc
}

func newConn(s *Server, nc net.Conn, config *tls.Config) *conn {
	c := &conn{server: s, raw: nc, config: config}
	c.log = s.config.Logger.With("client", nc.RemoteAddr().String())
	if s.config.Tap != nil {
		c.tap = s.config.Tap()
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// open starts reading and writing over nc.
func (c *conn) open(nc net.Conn, limits wire.Limits) {
	c.net = nc
	c.input = wire.NewInput(nc, c.cancel)
	c.framer = wire.NewFramer(c.input, limits)
	c.output = wire.NewOutput(nc, c.server.limits.WriteTime)
	c.encoder = imap.NewEncoder(c.tapped())
	c.encoder.Features = features
}

// tapped is the output, with the tap on it where there is one.
func (c *conn) tapped() io.Writer {
	if c.tap == nil {
		return c.output
	}
	return io.MultiWriter(c.tap, c.output)
}

// handshake turns nc into TLS.
func (c *conn) handshake(nc net.Conn, config *tls.Config) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(c.ctx, c.server.limits.HandshakeTime)
	defer cancel()
	secured := tls.Server(nc, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	c.secure = true
	return secured, nil
}

// serve runs the connection to its end.
func (c *conn) serve() {
	defer c.raw.Close()
	defer c.cancel()
	nc := c.raw
	if c.config != nil {
		secured, err := c.handshake(nc, c.config)
		if err != nil {
			c.explainTLS(err)
			return
		}
		nc = secured
	}
	c.open(nc, c.server.limits.LoginInput)
	newSession(c).serve()
	c.close()
}

// explainTLS tells a client that speaks no TLS what is wrong, as well as it can be told.
func (c *conn) explainTLS(err error) {
	c.log.Info("TLS handshake failed", "error", err)
	var header tls.RecordHeaderError
	if errors.As(err, &header) && header.Conn != nil {
		c.say("* BYE This port speaks TLS from the first octet\r\n")
	}
}

// turnAway refuses a client for which there is no room.
func (c *conn) turnAway() {
	defer c.raw.Close()
	defer c.cancel()
	if c.config == nil {
		c.say("* BYE [UNAVAILABLE] No more connections, please try again later\r\n")
	}
}

// say writes a line outside any session and does not wait long for it.
func (c *conn) say(line string) {
	_ = c.raw.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = c.raw.Write([]byte(line))
}

// close sends what is buffered and ends the connection.
func (c *conn) close() {
	_ = c.encoder.Flush()
	c.server.metrics.wrote(c.output.Written())
	_ = c.net.Close()
	c.input.Stop()
}

// cut ends the connection from another goroutine, whatever it does.
func (c *conn) cut() {
	c.cancel()
	_ = c.raw.Close()
}

// loopback tells whether the client is on this machine.
func (c *conn) loopback() bool {
	if tcp, ok := c.raw.RemoteAddr().(*net.TCPAddr); ok {
		return tcp.IP.IsLoopback()
	}
	switch c.raw.RemoteAddr().Network() {
	case "unix", "pipe":
		return true
	}
	return false
}
