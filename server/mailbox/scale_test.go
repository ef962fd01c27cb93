package mailbox

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/jmap/cyrustest"
	"github.com/dragoman-mail/dragoman/server/store/boltstore"
)

var (
	scale         = flag.Int("scale", 100_000, "how many messages the mailbox of the benchmarks has")
	scaleEmbedded = flag.Bool("scale.embedded", false, "run the benchmarks of scale over the embedded store, too; to fill it takes minutes")
	scaleCyrus    = flag.Bool("scale.cyrus", false, "run the benchmarks of scale over Cyrus, too; to fill it takes a minute or two")
)

func TestMain(m *testing.M) { os.Exit(cyrustest.Main(m)) }

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

// selectInbox does what SELECT does.
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

func realScaled(tb testing.TB, config jmapclient.Config, user jmapclient.Credentials) *scaled {
	client, err := jmapclient.New(config)
	require.NoError(tb, err)
	session, err := client.Login(ctx, user)
	require.NoError(tb, err)
	id, ok := session.MailAccount()
	require.True(tb, ok)
	counted := &countedSession{Session: session}
	return &scaled{tb: tb, session: counted, id: id, requests: counted.taken}
}

// scaledMessage is small, and there are no two alike: Cyrus keeps the same octets once.
func scaledMessage(n int) string {
	return fmt.Sprintf("From: a%d@example.org\r\nSubject: message %d\r\nMessage-ID: <%d@scale.example>\r\n"+
		"Date: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\nbody %d\r\n", n%97, n, n, n)
}

func scaledTime(n int) time.Time { return time.Unix(1_500_000_000+int64(n)*600, 0).UTC() }

const fillPart = 500 // messages of one import, or of one APPEND

// embeddedScaled is over the embedded store.
func embeddedScaled(tb testing.TB, n int) *scaled {
	w := newWhole(tb)
	session, a := w.login()
	inbox, _ := a.ByPath("INBOX")
	started := time.Now()
	for from := 0; from < n; from += fillPart {
		emails := map[jmap.ID]*jmap.EmailImportObject{}
		for i := from; i < min(from+fillPart, n); i++ {
			text := scaledMessage(i)
			uploaded, err := session.Upload(ctx, a.ID(), "message/rfc822", strings.NewReader(text), int64(len(text)))
			require.NoError(tb, err)
			emails[jmap.ID(fmt.Sprint("k", i))] = &jmap.EmailImportObject{
				BlobID: uploaded.BlobID, MailboxIDs: map[jmap.ID]bool{inbox.ID: true},
				Keywords: map[string]bool{"$seen": true}, ReceivedAt: jmap.NewUTCDate(scaledTime(i)),
			}
		}
		var q jmap.Request
		call := jmap.Add(&q, &jmap.EmailImport{AccountID: a.ID(), Emails: emails})
		p, err := session.Do(ctx, &q)
		require.NoError(tb, err)
		got, err := call.Response(p)
		require.NoError(tb, err)
		require.Empty(tb, got.NotCreated)
	}
	tb.Logf("filled the embedded store with %d messages in %v", n, time.Since(started).Round(time.Millisecond))
	a.Close()
	return realScaled(tb, jmapclient.Config{URL: "http://embedded.invalid/", HTTPTransport: w.mail.Transport()},
		jmapclient.Credentials{User: "ann", Password: "secret"})
}

// cyrusScaled is over Cyrus, which takes many messages in one APPEND fastest (RFC 3502).
func cyrusScaled(tb testing.TB, n int) *scaled {
	cyrus := cyrustest.Start(tb)
	user := cyrus.User(tb)
	conn := cyrus.IMAP(tb, user)
	answers := bufio.NewReader(conn)
	started := time.Now()
	for from := 0; from < n; from += fillPart {
		var out strings.Builder
		out.WriteString("a APPEND INBOX")
		for i := from; i < min(from+fillPart, n); i++ {
			text := scaledMessage(i)
			fmt.Fprintf(&out, " (\\Seen) %q {%d+}\r\n%s", scaledTime(i).Format("_2-Jan-2006 15:04:05 -0700"), len(text), text)
		}
		out.WriteString("\r\n")
		_, err := io.WriteString(conn, out.String())
		require.NoError(tb, err)
		for answer := ""; !strings.HasPrefix(answer, "a OK"); {
			answer, err = answers.ReadString('\n')
			require.NoError(tb, err)
			require.True(tb, strings.HasPrefix(answer, "* ") || strings.HasPrefix(answer, "a OK"), answer)
		}
	}
	tb.Logf("filled Cyrus with %d messages in %v", n, time.Since(started).Round(time.Millisecond))
	return realScaled(tb, jmapclient.Config{URL: cyrus.URL}, user.Credentials)
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

// cpu is the processor time of this process: on a busy machine it says more than the clock does.
func cpu(tb testing.TB) time.Duration {
	var use syscall.Rusage
	require.NoError(tb, syscall.Getrusage(syscall.RUSAGE_SELF, &use))
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// The first load of a mailbox, and what follows it:
//
//	go test ./server/mailbox -run '^$' -bench FirstLoad -benchtime 1x -timeout 1h -scale 100000 -scale.embedded -scale.cyrus
func BenchmarkFirstLoad(b *testing.B) {
	b.Run("computed", func(b *testing.B) {
		s, _ := bulkScaled(b, *scale)
		s.benchmarkLoad(b)
	})
	b.Run("embedded", func(b *testing.B) {
		if !*scaleEmbedded {
			b.Skip("without -scale.embedded")
		}
		embeddedScaled(b, *scale).benchmarkLoad(b)
	})
	b.Run("cyrus", func(b *testing.B) {
		if !*scaleCyrus {
			b.Skip("without -scale.cyrus")
		}
		cyrusScaled(b, *scale).benchmarkLoad(b)
	})
}

func (s *scaled) benchmarkLoad(b *testing.B) {
	dir := b.TempDir()
	n := 0
	for b.Loop() {
		n++
		s.load(b, filepath.Join(dir, fmt.Sprint(n)))
	}
	runtime.KeepAlive(s)
}

// load measures one life of an account.
func (s *scaled) load(b *testing.B, path string) {
	messages := float64(*scale)
	before := heap()
	s.open(path)
	s.requests()
	stop := peak()
	s.timed(b, "load", func() { s.selectInbox(ctx).Close() })
	b.ReportMetric((float64(stop())-float64(before))/messages, "B/message-peak")
	b.ReportMetric((float64(heap())-float64(before))/messages, "B/message")
	v := s.selectInbox(ctx)
	require.Equal(b, *scale, v.Len())
	before = heap()
	s.requests()
	s.timed(b, "select", func() { s.selectInbox(ctx).Close() })
	stop = peak()
	s.timed(b, "compare", func() {
		r := s.account.replica
		require.NoError(b, r.compare(ctx, s.account.link(), r.head.EmailState, "benchmark"))
	})
	b.ReportMetric((float64(stop())-float64(before))/messages, "B/message-compare")
	require.Empty(b, v.Poll(true))
	if _, computed := s.session.(*bulkServer); !computed {
		_, err := s.account.Create(ctx, "scratch")
		require.NoError(b, err)
		s.requests()
		s.timed(b, "delete", func() { require.NoError(b, s.account.Delete(ctx, "scratch")) })
		s.timed(b, "noop-after", func() { require.NoError(b, s.account.Sync(ctx)) })
		require.Empty(b, v.Poll(true))
	}
	v.Close()
	s.close()
	info, err := os.Stat(path)
	require.NoError(b, err)
	b.ReportMetric(float64(info.Size())/messages, "B/message-file")
	s.timed(b, "open", func() { s.open(path) })
	s.close()
	require.NoError(b, os.Remove(path))
}

// timed reports the time that work takes, the processor time of this process, and the requests.
func (s *scaled) timed(b *testing.B, name string, work func()) {
	started, used := time.Now(), cpu(b)
	work()
	b.ReportMetric(float64(time.Since(started).Microseconds())/1000, "ms-"+name)
	b.ReportMetric(float64((cpu(b)-used).Microseconds())/1000, "cpu-ms-"+name)
	if n := s.requests(); n > 0 || name != "open" {
		b.ReportMetric(float64(n), "requests-"+name)
	}
}
