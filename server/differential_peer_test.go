package server_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/imap/parser"
	"github.com/dragoman-mail/dragoman/jmap/cyrustest"
	"github.com/dragoman-mail/dragoman/server/servertest"
	"github.com/dragoman-mail/dragoman/server/wire"
)

// peer is one of the two servers that are asked the same, and a connection to it.
type peer struct {
	tb      testing.TB
	name    string
	dial    func() net.Conn // has logged in
	conn    net.Conn
	rest    []byte
	tags    int
	mailbox string   // that is selected
	uids    []uint32 // of the selected mailbox by sequence number
	lenient bool     // takes responses that the grammar does not know
}

// answered is what came for a command.
type answered struct {
	untagged []imap.Response
	tagged   *imap.Cond // nil: the server closed the connection
}

const peerPatience = 60 * time.Second

// overCyrus starts a gateway over the JMAP of Cyrus and returns a peer for its IMAP and one for Cyrus's own.
func overCyrus(t *testing.T, cyrus *cyrustest.Server) (gateway, native *peer) {
	t.Helper()
	user := cyrus.User(t)
	s := servertest.New(t, servertest.Options{Backend: &servertest.Backend{URL: cyrus.URL}})
	gateway = &peer{tb: t, name: "gateway"}
	gateway.dial = func() net.Conn {
		conn := s.Connect()
		p := &peer{tb: t, name: "gateway", conn: conn}
		p.next() // the greeting
		require.Equal(t, imap.OK, p.do("LOGIN "+user.User+" "+user.Password).tagged.Status)
		return conn
	}
	native = &peer{tb: t, name: "Cyrus", lenient: true, dial: func() net.Conn { return cyrus.IMAP(t, user) }}
	gateway.reconnect()
	native.reconnect()
	return gateway, native
}

func (p *peer) reconnect() {
	if p.conn != nil {
		_ = p.conn.Close()
	}
	p.conn, p.rest = p.dial(), nil
}

// do runs a command.
func (p *peer) do(command string) answered {
	p.tb.Helper()
	p.tags++
	tag := fmt.Sprintf("d%d", p.tags)
	_ = p.conn.SetDeadline(time.Now().Add(peerPatience))
	if _, err := io.WriteString(p.conn, tag+" "+command+"\r\n"); err != nil {
		p.tb.Fatalf("%s: sending %.100q: %v", p.name, command, err)
	}
	var all answered
	for {
		response, err := p.read()
		if errors.Is(err, io.EOF) {
			return answered{}
		}
		if err != nil {
			p.tb.Fatalf("%s: %.200q: %v", p.name, command, err)
		}
		if cond, ok := response.(*imap.Cond); ok && cond.Tag == tag {
			all.tagged = cond
			return all
		}
		all.untagged = append(all.untagged, response)
	}
}

// ok runs a command that has to succeed.
func (p *peer) ok(command string) answered {
	p.tb.Helper()
	all := p.do(command)
	if all.tagged == nil || all.tagged.Status != imap.OK {
		p.tb.Fatalf("%s: %.100q: %+v", p.name, command, all.tagged)
	}
	return all
}

// next reads a response that has to come.
func (p *peer) next() imap.Response {
	p.tb.Helper()
	response, err := p.read()
	if err != nil {
		p.tb.Fatalf("%s: %v", p.name, err)
	}
	return response
}

// ungrammatical begins the text that stands for a response of Cyrus that is not of the grammar.
const ungrammatical = "not of the grammar: "

func (p *peer) read() (imap.Response, error) {
	buffer := make([]byte, 64<<10)
	for {
		if line, lits, size := wire.SplitResponse(p.rest); size > 0 {
			response, err := parser.Response(line, lits)
			if err != nil && p.lenient {
				if response, err = parser.ResponseLenient(line, lits); err != nil {
					response, err = &imap.Cond{Status: imap.OK, Text: ungrammatical + string(line)}, nil
				}
			}
			if err != nil {
				return nil, fmt.Errorf("parsing %.2000q: %w", p.rest[:size], err)
			}
			p.rest = p.rest[size:]
			return response, nil
		}
		n, err := p.conn.Read(buffer)
		p.rest = append(p.rest, buffer[:n]...)
		if err != nil && n == 0 {
			return nil, err
		}
	}
}

// has tells whether the server announces a capability.
func (p *peer) has(capability string) bool {
	p.tb.Helper()
	for _, response := range p.ok("CAPABILITY").untagged {
		if data, ok := response.(*imap.CapabilityData); ok {
			for _, name := range data.Capabilities {
				if strings.EqualFold(name, capability) {
					return true
				}
			}
		}
	}
	return false
}

// look selects a mailbox read-only and learns its UIDs.
func (p *peer) look(mailbox string) {
	p.tb.Helper()
	p.ok("EXAMINE " + mailbox)
	p.mailbox, p.uids = mailbox, nil
	for _, response := range p.ok("UID FETCH 1:* (UID)").untagged {
		if data, ok := response.(*imap.FetchData); ok {
			for _, item := range data.Items {
				if uid, ok := item.(*imap.MsgUID); ok {
					p.uids = append(p.uids, uid.UID)
				}
			}
		}
	}
}
