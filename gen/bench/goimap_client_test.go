package bench_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// go-imap's client is measured on a connection in memory that answers each command with
// the same text. A figure has, for each line,
//
//   - its bufio.Reader on the connection, and the decoder, in a goroutine of the client;
//   - the structs of go-imap. It parses the date of an ENVELOPE and decodes the words of
//     RFC 2047 in it, which ours does not;
//   - a channel for the line, one for its items, and the goroutine that takes them off:
//     this cannot be had without.
//
// Once for all lines it has the command. The figure of "empty" has FETCH responses
// without items instead, that is all but the items; our grammar has no such line.
// Taking it off favours go-imap, for it has the beginning of each line, too.
//
// "go-imap-bare" has lines that nobody asked for, in the answer to a NOOP, and no handler for
// them: a goroutine drops the items. That is as near to the bare decoder as one comes
// from outside, for its package is internal.

func runGoIMAPClient(b *testing.B, text string) {
	c := newGoIMAPClient(text)
	for b.Loop() {
		if _, err := fetchAll(c); err != nil {
			b.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		b.Fatal(err)
	}
}

func runGoIMAPUnasked(b *testing.B, text string) {
	c := newGoIMAPClient(text)
	for b.Loop() {
		if err := c.Noop().Wait(); err != nil {
			b.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		b.Fatal(err)
	}
}

// fetchAll sends a FETCH and takes what comes, as far as its items.
func fetchAll(c *imapclient.Client) (items int, err error) {
	cmd := c.Fetch(imap.SeqSet{{Start: 1, Stop: fetchLines}}, &imap.FetchOptions{UID: true, Flags: true})
	for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
		for item := msg.Next(); item != nil; item = msg.Next() {
			items++
		}
	}
	return items, cmd.Close()
}

func newGoIMAPClient(text string) *imapclient.Client {
	s := &script{text: text, rest: []string{"* PREAUTH [CAPABILITY IMAP4rev1] ready\r\n"}}
	s.more.L = &s.mu
	return imapclient.New(s, nil)
}

// script is a connection that answers each command with a text and its tag.
type script struct {
	net.Conn // nil: what is not defined here is not called
	text     string

	mu     sync.Mutex
	more   sync.Cond
	rest   []string // still to be read
	closed bool
}

func (s *script) Write(b []byte) (int, error) {
	tag, _, _ := strings.Cut(string(b), " ")
	s.mu.Lock()
	s.rest = append(s.rest, s.text, tag+" OK done\r\n")
	s.mu.Unlock()
	s.more.Signal()
	return len(b), nil
}

func (s *script) Read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.rest) == 0 && !s.closed {
		s.more.Wait()
	}
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(b, s.rest[0])
	if s.rest[0] = s.rest[0][n:]; s.rest[0] == "" {
		s.rest = s.rest[1:]
	}
	return n, nil
}

func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }

func (s *script) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.more.Signal()
	return nil
}
