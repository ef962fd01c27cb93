package server_test

import (
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/server/servertest"
)

// gathering takes what a server complains of while a fuzz target runs, where *testing.F may not be used.
type gathering struct {
	*testing.F
	mu         sync.Mutex
	complaints []string
}

func (g *gathering) Helper() {}

func (g *gathering) Errorf(format string, args ...any) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.complaints = append(g.complaints, fmt.Sprintf(format, args...))
}

func (g *gathering) taken() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	taken := g.complaints
	g.complaints = nil
	return taken
}

// FuzzSession sends whatever it is to a selected mailbox. The server must neither panic nor send what the grammar of responses
// does not know, and has to end the connection when the client does.
func FuzzSession(f *testing.F) {
	for _, seed := range []string{
		"a NOOP\r\n", "a FETCH 1:* (UID FLAGS ENVELOPE BODYSTRUCTURE BODY[HEADER.FIELDS (SUBJECT)]<0.3>)\r\n",
		"a SEARCH RETURN (MIN MAX ALL COUNT SAVE) OR (SEEN SUBJECT x) NOT UID 1:*\r\nb FETCH $ BODY[1]\r\n",
		"a STORE 1 +FLAGS.SILENT (\\Seen $x)\r\nb EXPUNGE\r\nc MOVE 1 INBOX\r\nd COPY 1 y\r\n",
		"a LIST (SUBSCRIBED RECURSIVEMATCH) \"\" (% *) RETURN (CHILDREN STATUS (MESSAGES SIZE))\r\nb LSUB \"\" %\r\n",
		"a ENABLE IMAP4rev2\r\nb SELECT \"\xc3\xa9\"\r\nc CREATE \"\xc3\xa9\"\r\nd LIST \"\" *\r\n",
		"a APPEND INBOX (\\Draft) \" 1-Jan-2026 00:00:00 +0000\" {3+}\r\nabc\r\nb IDLE\r\nDONE\r\n",
		"a STATUS &AOk- (MESSAGES RECENT UNSEEN)\r\nb RENAME INBOX z\r\nc DELETE z\r\nd CLOSE\r\n",
	} {
		f.Add([]byte(seed))
	}
	g := &gathering{F: f}
	s := servertest.New(g, servertest.Options{})
	c := s.Login()
	f.Fuzz(func(t *testing.T, data []byte) {
		c.Append("INBOX", "", message)
		conn, err := net.Dial("tcp", s.Addr)
		require.NoError(t, err)
		defer conn.Close()
		require.NoError(t, conn.SetDeadline(time.Now().Add(servertestPatience)))
		go func() {
			_, _ = io.WriteString(conn, "a LOGIN demo demo\r\nb SELECT INBOX\r\n"+string(data)+"\r\n")
			_ = conn.(*net.TCPConn).CloseWrite()
		}()
		_, err = io.Copy(io.Discard, conn)
		require.NoError(t, err, "the server did not end the connection")
		require.Empty(t, g.taken())
		require.Zero(t, s.Value("dragoman_imap_panics_total"))
	})
}
