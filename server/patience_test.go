package server

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/imap/parser"
	"github.com/dragoman-mail/dragoman/server/wire"
)

// patient is a session whose client is the other end of a pipe, in a bubble with a clock of its own.
func patient(t *testing.T) (*session, net.Conn) {
	s := &Server{config: Config{Logger: slog.New(slog.DiscardHandler)}, limits: Limits{}.withDefaults()}
	near, far := net.Pipe()
	c := newConn(s, near, nil)
	c.open(near, wire.Limits{})
	t.Cleanup(func() {
		c.cancel()
		near.Close()
		far.Close()
	})
	own := newSession(c)
	own.tag = "a1"
	return own, far
}

func TestLongWorkIsNotSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := patient(t)
		begun := time.Now()
		lines := make(chan string, 10)
		go func() {
			for read := bufio.NewScanner(client); read.Scan(); {
				lines <- read.Text()
			}
		}()
		value, err := patiently(context.Background(), s, func(context.Context) (int, error) {
			time.Sleep(35 * time.Second)
			return 7, errors.New("in the end")
		})
		require.Equal(t, 7, value)
		require.EqualError(t, err, "in the end")
		require.Equal(t, 35*time.Second, time.Since(begun))
		synctest.Wait()
		require.Len(t, lines, 3)
		require.Equal(t, "* OK Still working", <-lines)
		client.Close()
	})
}

func TestShortWorkIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := patient(t) // a word to this client would never be taken
		require.NoError(t, s.wait(context.Background(), func(context.Context) error {
			time.Sleep(9 * time.Second)
			return nil
		}))
	})
}

// A client that is gone when it is to be told ends the work.
func TestLongWorkEndsWithTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := patient(t)
		client.Close()
		err := s.wait(context.Background(), func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		})
		require.Error(t, err)
		require.Error(t, s.output.Err())
	})
}

func TestPanicInLongWorkIsThatOfTheCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := patient(t)
		require.Panics(t, func() { _ = s.wait(context.Background(), func(context.Context) error { panic("here") }) })
	})
}

// RFC 9585 section 4 says what the notices look like once INPROGRESS is announced.
func TestProgressNotices(t *testing.T) {
	unknown := func() (int, int, bool) { return 0, 0, false }
	some := func() (int, int, bool) { return 175, 1000, true }
	for _, test := range []struct {
		tag      string
		progress func() (int, int, bool)
		want     string
	}{
		{"a1", some, `* OK [INPROGRESS ("a1" 175 1000)] Looked at 175 of 1000 messages`},
		{"a1", unknown, `* OK [INPROGRESS ("a1" NIL NIL)] Still working`},
		{"a]1", some, `* OK [INPROGRESS (NIL 175 1000)] Looked at 175 of 1000 messages`},
	} {
		var out bytes.Buffer
		encoder := imap.NewEncoder(&out)
		encoder.Features = imap.FeatureINPROGRESS
		require.NoError(t, encoder.Encode(progressNotice(test.tag, test.progress)))
		require.NoError(t, encoder.Flush())
		require.Equal(t, test.want+"\r\n", out.String())
		line, literals, _ := wire.SplitResponse(out.Bytes())
		_, err := parser.Response(line, literals)
		require.NoError(t, err)
	}
}
