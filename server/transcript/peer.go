package transcript

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// patience is how long a run waits for a line that has to come.
const patience = 20 * time.Second

// peer is one client connection of a run.
type peer struct {
	conn    net.Conn
	in      *bufio.Reader
	pending []string // tags of commands in flight
	literal int64    // octets of a literal that are still to be sent
	waiting bool     // the server's continuation, or what follows it, is due
	later   []byte   // octets to send after the continuation
}

func dial(ctx context.Context, target Target) (*peer, error) {
	conn, err := target.Dial(ctx)
	if err != nil {
		return nil, err
	}
	return &peer{conn: conn, in: bufio.NewReader(conn)}, nil
}

var (
	literalEnd = regexp.MustCompile(`\{([0-9]+)(\+?)\}$`)
	entryEnd   = regexp.MustCompile(`\{@(@?)([^}]+)\}$`)
)

// send writes a C: line; entries are the texts it may refer to.
func (p *peer) send(text string, entries map[string][]byte) error {
	wire := unescape(text)
	var body []byte
	if m := entryEnd.FindSubmatch(wire); m != nil {
		data, ok := entries[string(m[2])]
		if !ok {
			return fmt.Errorf("there is no entry %q to send", m[2])
		}
		plus := "+"
		if len(m[1]) > 0 {
			plus = ""
		}
		wire = append(wire[:len(wire)-len(m[0])], fmt.Sprintf("{%d%s}", len(data), plus)...)
		body = append(append([]byte{}, data...), "\r\n"...)
	}
	p.track(wire)
	if body != nil {
		p.literal = 0
	}
	wire = append(wire, "\r\n"...)
	if p.waiting {
		p.later = body
	} else {
		wire = append(wire, body...)
	}
	p.conn.SetDeadline(time.Now().Add(patience))
	_, err := p.conn.Write(wire)
	return err
}

// track notes which commands are in flight and whether the client has to wait.
func (p *peer) track(wire []byte) {
	starts := p.literal == 0 && !p.waiting
	if p.literal > 0 {
		p.literal -= int64(len(wire) + 2)
		if p.literal > 0 {
			return
		}
	}
	p.literal = 0
	words := strings.Fields(strings.ToUpper(string(wire)))
	if starts && len(words) > 0 {
		p.pending = append(p.pending, strings.Fields(string(wire))[0])
	}
	p.waiting = starts && len(words) > 1 && (words[1] == "IDLE" || words[1] == "AUTHENTICATE")
	if m := literalEnd.FindSubmatch(wire); m != nil {
		p.waiting = len(m[2]) == 0
		p.literal, _ = strconv.ParseInt(string(m[1]), 10, 64)
	}
}

// answers reads until the commands in flight are answered or the continuation
// that the client waits for has come.
func (p *peer) answers() ([]string, error) {
	var lines []string
	for len(p.pending) > 0 {
		got, err := p.response()
		lines = append(lines, got...)
		if err != nil {
			return lines, err
		}
		first := got[0]
		if first == closed {
			p.pending, p.waiting = nil, false
			break
		}
		if p.waiting && strings.HasPrefix(first, "+") {
			return lines, p.sendLater()
		}
		for i, tag := range p.pending {
			if strings.HasPrefix(first, tag+" ") {
				p.pending = append(p.pending[:i], p.pending[i+1:]...)
				p.waiting, p.literal, p.later = false, 0, nil
				break
			}
		}
	}
	return lines, nil
}

// sendLater sends what had to wait for the continuation; the caller reads on.
func (p *peer) sendLater() error {
	if p.later == nil {
		return nil
	}
	body := p.later
	p.later, p.waiting = nil, false
	_, err := p.conn.Write(body)
	return err
}

// response reads one response with its literals, as the lines of a transcript.
func (p *peer) response() ([]string, error) {
	p.conn.SetDeadline(time.Now().Add(patience))
	var octets []byte
	for {
		part, err := p.in.ReadBytes('\n')
		octets = append(octets, part...)
		if err == io.EOF && len(octets) == 0 {
			return []string{closed}, nil
		}
		if err != nil {
			return split(octets), fmt.Errorf("waiting for the server: %w", err)
		}
		m := literalEnd.FindSubmatch(bytes.TrimSuffix(part, []byte("\r\n")))
		if m == nil {
			return split(octets), nil
		}
		n, _ := strconv.Atoi(string(m[1]))
		literal := make([]byte, n)
		if _, err := io.ReadFull(p.in, literal); err != nil {
			return split(octets), fmt.Errorf("reading a literal of the server: %w", err)
		}
		octets = append(octets, literal...)
	}
}

func split(octets []byte) []string {
	parts := bytes.Split(bytes.TrimSuffix(octets, []byte("\r\n")), []byte("\r\n"))
	lines := make([]string, len(parts))
	for i, part := range parts {
		lines[i] = escape(part)
	}
	return lines
}

func (p *peer) startTLS() error {
	if p.in.Buffered() > 0 {
		return fmt.Errorf("the server sent octets before the TLS handshake")
	}
	conn := tls.Client(p.conn, &tls.Config{InsecureSkipVerify: true})
	p.conn.SetDeadline(time.Now().Add(patience))
	if err := conn.Handshake(); err != nil {
		return err
	}
	p.conn, p.in = conn, bufio.NewReader(conn)
	return nil
}
