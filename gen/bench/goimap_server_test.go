package bench_test

import (
	"io"
	"log"
	"net"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// go-imap's decoder lies in an internal package, so the server is measured: imapserver on
// a feed, and a session that refuses every command with the same ready-made error. A
// figure has
//
//   - its bufio.Reader on the feed, and the decoder, which takes octet by octet from it;
//   - the structs of go-imap: imap.FetchOptions, imap.SearchCriteria and the like;
//   - dispatch, a call of the session, the encoding of "A1 NO refused" and its Write.
//
// The last is also in the figure of EXPUNGE, along with the reading of a tag, a name and
// the end of the line. So the figure of another command less that of EXPUNGE is what its
// arguments take, and may be held against the same difference of ours. NOOP is the one
// command that succeeds. Nothing waits for a round trip.

// state is what a connection has to be in before the command.
type state int

const (
	notAuthenticated state = iota
	authenticated
	selected
)

// head is what the feed sends first to reach the state.
func (s state) head() string {
	if s == selected {
		return "A0 SELECT INBOX\r\n"
	}
	return ""
}

func runGoIMAPServer(b *testing.B, s state, text string) {
	f := newFeed(s.head(), text, b.N)
	b.ResetTimer()
	if calls := serveGoIMAP(s, f); calls != b.N {
		b.Fatal("the session was called", calls, "times for", b.N, "commands")
	}
}

// serveGoIMAP serves a feed to its end and gives how many commands reached the session.
func serveGoIMAP(s state, f *feed) int {
	session := &refusing{selects: s == selected}
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return session, &imapserver.GreetingData{PreAuth: s != notAuthenticated}, nil
		},
		Logger:       log.New(io.Discard, "", 0),
		InsecureAuth: true,
	})
	ln := &oneConn{conn: make(chan net.Conn, 1), done: f.closed}
	ln.conn <- f
	_ = server.Serve(ln)
	return session.calls
}

// oneConn is a listener that accepts one connection, and ends with it.
type oneConn struct {
	net.Listener
	conn chan net.Conn
	done chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	select {
	case c := <-l.conn:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// refusing is a session that does nothing but count.
type refusing struct {
	calls   int
	selects bool // the first SELECT succeeds
}

var errRefused = &imap.Error{Type: imap.StatusResponseTypeNo, Text: "refused"}

func (s *refusing) refuse() error {
	s.calls++
	return errRefused
}

func (s *refusing) Close() error { return nil }

func (s *refusing) Login(string, string) error { return s.refuse() }

func (s *refusing) Select(string, *imap.SelectOptions) (*imap.SelectData, error) {
	if s.selects {
		s.selects = false
		return &imap.SelectData{}, nil
	}
	return nil, s.refuse()
}

func (s *refusing) Create(string, *imap.CreateOptions) error { return s.refuse() }

func (s *refusing) Delete(string) error { return s.refuse() }

func (s *refusing) Rename(string, string, *imap.RenameOptions) error { return s.refuse() }

func (s *refusing) Subscribe(string) error { return s.refuse() }

func (s *refusing) Unsubscribe(string) error { return s.refuse() }

func (s *refusing) List(*imapserver.ListWriter, string, []string, *imap.ListOptions) error {
	return s.refuse()
}

func (s *refusing) Status(string, *imap.StatusOptions) (*imap.StatusData, error) {
	return nil, s.refuse()
}

func (s *refusing) Append(string, imap.LiteralReader, *imap.AppendOptions) (*imap.AppendData, error) {
	return nil, s.refuse()
}

// Poll is what a NOOP comes to.
func (s *refusing) Poll(*imapserver.UpdateWriter, bool) error {
	s.calls++
	return nil
}

func (s *refusing) Idle(*imapserver.UpdateWriter, <-chan struct{}) error { return s.refuse() }

func (s *refusing) Unselect() error { return s.refuse() }

func (s *refusing) Expunge(*imapserver.ExpungeWriter, *imap.UIDSet) error { return s.refuse() }

func (s *refusing) Search(imapserver.NumKind, *imap.SearchCriteria, *imap.SearchOptions) (*imap.SearchData, error) {
	return nil, s.refuse()
}

func (s *refusing) Fetch(*imapserver.FetchWriter, imap.NumSet, *imap.FetchOptions) error {
	return s.refuse()
}

func (s *refusing) Store(*imapserver.FetchWriter, imap.NumSet, *imap.StoreFlags, *imap.StoreOptions) error {
	return s.refuse()
}

func (s *refusing) Copy(imap.NumSet, string) (*imap.CopyData, error) { return nil, s.refuse() }
