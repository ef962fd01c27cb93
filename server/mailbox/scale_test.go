package mailbox

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/server/store/boltstore"
)

var scale = flag.Int("scale", 3000, "how many messages the mailbox of the benchmarks of scale has")
var scaleCyrus = flag.String("scale.cyrus", "", "URL of a Cyrus whose user alice has that many messages in INBOX")

// scaled is an account with one large mailbox, on some server.
type scaled struct {
	tb       testing.TB
	session  Session
	id       jmap.ID
	requests func() int // since it was last called
	path     string
	store    *boltstore.Store
	registry *Registry
	account  *Account
}

func (s *scaled) open(path string) {
	var err error
	s.path = path
	s.store, err = boltstore.Open(path)
	require.NoError(s.tb, err)
	s.registry = NewRegistry(s.store, Options{Server: "scaled", Linger: -1, Poll: time.Hour, SafePoll: time.Hour})
	s.account, err = s.registry.Open(ctx, s.session, s.id)
	require.NoError(s.tb, err)
}

func (s *scaled) close() {
	s.account.Close()
	require.NoError(s.tb, s.registry.Close())
	require.NoError(s.tb, s.store.Close())
}

func (s *scaled) inbox(ctx context.Context) *Box {
	require.NoError(s.tb, s.account.Sync(ctx))
	box, ok := s.account.ByPath("INBOX")
	require.True(s.tb, ok)
	return box
}

// select does what SELECT does.
func (s *scaled) selectInbox(ctx context.Context) *View {
	v, err := s.account.Select(ctx, s.inbox(ctx), false)
	require.NoError(s.tb, err)
	v.Counters()
	v.FirstUnseen()
	return v
}

func bulkScaled(tb testing.TB, n int) (*scaled, *bulkServer) {
	server := newBulk(n)
	return &scaled{tb: tb, session: server, id: fakeAccount, requests: server.taken}, server
}

// countedSession counts the requests of a real client.
type countedSession struct {
	*jmapclient.Session
	count int
}

func (s *countedSession) Do(ctx context.Context, q *jmap.Request) (*jmap.Response, error) {
	s.count++
	return s.Session.Do(ctx, q)
}

func (s *countedSession) taken() int {
	n := s.count
	s.count = 0
	return n
}

func realScaled(tb testing.TB, config jmapclient.Config, user string) *scaled {
	client, err := jmapclient.New(config)
	require.NoError(tb, err)
	session, err := client.Login(ctx, jmapclient.Credentials{User: user, Password: "secret"})
	require.NoError(tb, err)
	id, ok := session.MailAccount()
	require.True(tb, ok)
	counted := &countedSession{Session: session}
	return &scaled{tb: tb, session: counted, id: id, requests: counted.taken}
}

// embeddedScaled is over the embedded store.
func embeddedScaled(tb testing.TB, n int) *scaled {
	w := newWhole(tb)
	session, a := w.login()
	inbox, _ := a.ByPath("INBOX")
	started := time.Now()
	for from := 0; from < n; from += 500 {
		var q jmap.Request
		emails := map[jmap.ID]*jmap.EmailImportObject{}
		for i := from; i < min(from+500, n); i++ {
			emails[jmap.ID(fmt.Sprint("k", i))] = &jmap.EmailImportObject{
				BlobID: w.upload(session, a.ID(), i), MailboxIDs: map[jmap.ID]bool{inbox.ID: true},
				Keywords: map[string]bool{"$seen": true}, ReceivedAt: jmap.NewUTCDate(time.Unix(1_500_000_000+int64(i)*600, 0)),
			}
		}
		call := jmap.Add(&q, &jmap.EmailImport{AccountID: a.ID(), Emails: emails})
		p, err := session.Do(ctx, &q)
		require.NoError(tb, err)
		got, err := call.Response(p)
		require.NoError(tb, err)
		require.Empty(tb, got.NotCreated)
	}
	tb.Logf("filled the embedded store with %d messages in %v", n, time.Since(started).Round(time.Millisecond))
	a.Close()
	return realScaled(tb, jmapclient.Config{URL: "http://embedded.invalid/", HTTPTransport: w.mail.Transport()}, "ann")
}

// peak notes the largest heap until stop is called.
func peak() (stop func() uint64) {
	done, out := make(chan struct{}), make(chan uint64)
	go func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		var most uint64
		for {
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64())
			select {
			case <-done:
				out <- most
				return
			case <-tick.C:
			}
		}
	}()
	return func() uint64 { close(done); return <-out }
}

// The first load of a mailbox, and SELECT after it:
//
//	go test ./server/mailbox -run '^$' -bench FirstLoad -benchtime 1x -scale 100000
func BenchmarkFirstLoad(b *testing.B) {
	b.Run("computed", func(b *testing.B) {
		s, _ := bulkScaled(b, *scale)
		s.benchmarkLoad(b)
	})
	b.Run("embedded", func(b *testing.B) { embeddedScaled(b, *scale).benchmarkLoad(b) })
	b.Run("cyrus", func(b *testing.B) {
		if *scaleCyrus == "" {
			b.Skip("no -scale.cyrus")
		}
		realScaled(b, jmapclient.Config{URL: *scaleCyrus}, "alice").benchmarkLoad(b)
	})
}

func (s *scaled) benchmarkLoad(b *testing.B) {
	dir := b.TempDir()
	n := 0
	for b.Loop() {
		n++
		before := heap()
		s.open(filepath.Join(dir, fmt.Sprint(n)))
		s.requests()
		stop := peak()
		started := time.Now()
		v := s.selectInbox(ctx)
		took := time.Since(started)
		highest := stop()
		messages := float64(v.Len())
		require.Equal(b, *scale, v.Len())
		b.ReportMetric(float64(s.requests()), "requests")
		b.ReportMetric(took.Seconds(), "s/load")
		b.ReportMetric(float64(heap()-before)/messages, "B/message")
		b.ReportMetric(float64(highest-before)/messages, "peakB/message")
		v.Close()
		started = time.Now()
		s.selectInbox(ctx).Close()
		b.ReportMetric(float64(time.Since(started).Microseconds())/1000, "ms/select")
		b.ReportMetric(float64(s.requests()), "requests/select")
		s.close()
		info, err := os.Stat(s.path)
		require.NoError(b, err)
		b.ReportMetric(float64(info.Size())/messages, "fileB/message")
		started = time.Now()
		s.open(s.path)
		b.ReportMetric(time.Since(started).Seconds(), "s/open")
		s.close()
		require.NoError(b, os.Remove(s.path))
	}
	runtime.KeepAlive(s)
}
