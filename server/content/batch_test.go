package content

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
	"github.com/dragoman-mail/dragoman/server/message"
	"github.com/dragoman-mail/dragoman/server/store"
)

// batcher is a source that gives octets in batches, too.
type batcher struct {
	source
	batches  atomic.Int32
	octets   atomic.Int64
	unasked  map[jmap.ID]bool // what batches leave out
	sizeless bool
	fail     error // of batches
	failOne  map[jmap.ID]error
	absent   bool
	wait     chan struct{} // when set, batches wait for it or for their context
	entered  chan struct{}
}

func newBatcher(blobs map[jmap.ID]string) *batcher {
	return &batcher{source: source{blobs: blobs}, unasked: map[jmap.ID]bool{}, failOne: map[jmap.ID]error{}}
}

func (b *batcher) account() Account {
	return Account{Key: store.Key{Account: "a"}, ID: "a", Source: b}
}

func (b *batcher) HasBlobGet(jmap.ID) bool { return !b.absent }

func (b *batcher) Blobs(ctx context.Context, _ jmap.ID, ranges []jmapclient.BlobRange) ([]jmapclient.BlobPiece, error) {
	b.batches.Add(1)
	if b.wait != nil {
		b.entered <- struct{}{}
		select {
		case <-b.wait:
		case <-ctx.Done():
			return nil, fmt.Errorf("calling Blob/get: %w", ctx.Err())
		}
	}
	if b.fail != nil {
		return nil, b.fail
	}
	pieces := make([]jmapclient.BlobPiece, len(ranges))
	for i, r := range ranges {
		octets, ok := b.blobs[r.Blob]
		if !ok || b.unasked[r.Blob] || b.failOne[r.Blob] != nil {
			pieces[i] = jmapclient.BlobPiece{Size: -1, Err: jmapclient.ErrUnanswered}
			continue
		}
		piece := octets[min(r.Offset, int64(len(octets))):]
		if r.Length > 0 {
			piece = piece[:min(r.Length, int64(len(piece)))]
		}
		b.octets.Add(int64(len(piece)))
		pieces[i] = jmapclient.BlobPiece{Octets: []byte(piece), Size: int64(len(octets))}
		if b.sizeless {
			pieces[i].Size = -1
		}
	}
	return pieces, nil
}

func (b *batcher) Download(ctx context.Context, account, blob jmap.ID, contentType, name string) (io.ReadCloser, int64, error) {
	if err := b.failOne[blob]; err != nil {
		b.downloads.Add(1)
		return nil, 0, err
	}
	if _, ok := b.blobs[blob]; !ok {
		b.downloads.Add(1)
		return nil, 0, fmt.Errorf("downloading: %w", jmapclient.ErrNotFound)
	}
	return b.source.Download(ctx, account, blob, contentType, name)
}

// letters are n messages with headers and bodies of some octets, with sizes.
func letters(n, header, body int) (map[jmap.ID]string, []Want) {
	blobs := map[jmap.ID]string{}
	var wants []Want
	for i := range n {
		id := jmap.ID(fmt.Sprint("m", i))
		text := fmt.Sprintf("Subject: number %d\r\nX-Junk: %s\r\n\x00\xff no field\r\n\r\n%s", i, strings.Repeat("x", header), strings.Repeat("y", body))
		blobs[id] = text
		wants = append(wants, Want{Blob: id, Size: int64(len(text))})
	}
	return blobs, wants
}

// checkHeaders compares digests with those of the whole messages.
func checkHeaders(t *testing.T, b *batcher, wants []Want, got []Loaded[*message.Digest]) {
	t.Helper()
	require.Len(t, got, len(wants))
	for i, w := range wants {
		require.NoError(t, got[i].Err)
		want := message.NewDigest(mime.Parse([]byte(b.blobs[w.Blob])))
		require.Equal(t, string(want.Header), string(got[i].Value.Header))
		require.Equal(t, want.Size, got[i].Value.Size)
		require.Equal(t, want.HasBody, got[i].Value.HasBody)
		require.Equal(t, want.HeaderWhole, got[i].Value.HeaderWhole)
		require.Equal(t, want.Envelope(true), got[i].Value.Envelope(true))
	}
}

func TestHeadersOfManyMessagesComeInOneRequest(t *testing.T) {
	blobs, wants := letters(500, 1000, 50_000)
	b := newBatcher(blobs)
	c := New(Options{Store: &shelf{}})
	for range 2 {
		got, err := c.HeadersOf(t.Context(), b.account(), wants)
		require.NoError(t, err)
		checkHeaders(t, b, wants, got)
		require.False(t, got[0].Value.HasStructure())
	}
	require.EqualValues(t, 1, b.batches.Load())
	require.EqualValues(t, 500*HeaderOctets, b.octets.Load())
	require.Zero(t, b.downloads.Load())
	for _, w := range wants {
		require.NotNil(t, c.CachedHeader(b.account(), w.Blob))
		require.Nil(t, c.CachedDigest(b.account(), w.Blob))
	}
	c = New(Options{Store: c.options.Store})
	got, err := c.HeadersOf(t.Context(), b.account(), wants)
	require.NoError(t, err)
	checkHeaders(t, b, wants, got)
	require.EqualValues(t, 1, b.batches.Load(), "the store has them")

	all, err := c.DigestsOf(t.Context(), b.account(), wants)
	require.NoError(t, err)
	require.True(t, all[7].Value.HasStructure())
	require.Equal(t, all[7].Value, c.CachedDigest(b.account(), wants[7].Blob))
	require.Zero(t, b.downloads.Load())
}

func TestSmallMessagesComeWholeWithTheirHeaders(t *testing.T) {
	blobs, wants := letters(10, 1000, 1000)
	b := newBatcher(blobs)
	c := New(Options{Store: &shelf{}})
	got, err := c.HeadersOf(t.Context(), b.account(), wants)
	require.NoError(t, err)
	checkHeaders(t, b, wants, got)
	digests, err := c.DigestsOf(t.Context(), b.account(), wants)
	require.NoError(t, err)
	for i, d := range digests {
		require.Same(t, got[i].Value, d.Value)
		require.NotNil(t, d.Value.BodyStructure(true, true))
	}
	_, err = New(Options{Store: c.options.Store}).DigestsOf(t.Context(), b.account(), wants)
	require.NoError(t, err)
	require.EqualValues(t, 1, b.batches.Load())
	require.Zero(t, b.downloads.Load())
}

func TestLongHeadersAreFetchedPieceByPiece(t *testing.T) {
	for header, requests := range map[int]int32{HeaderOctets - 100: 1, HeaderOctets: 2, 60 << 10: 2, 64 << 10: 3, 250 << 10: 3, 256 << 10: 3} {
		blobs, wants := letters(3, header, 100_000)
		b := newBatcher(blobs)
		got, err := New(Options{}).HeadersOf(t.Context(), b.account(), wants)
		require.NoError(t, err)
		checkHeaders(t, b, wants, got)
		require.Equal(t, requests, b.batches.Load(), header)
		if header < 256<<10 {
			require.Zero(t, b.downloads.Load(), header)
		} else {
			require.EqualValues(t, 3, b.downloads.Load(), "a huge header takes the message")
		}
	}
}

// The blank line may lie across two pieces.
func TestTheEndOfAHeaderBetweenPieces(t *testing.T) {
	for shift := range 8 {
		text := "A: " + strings.Repeat("a", HeaderOctets-4-shift) + "\r\n\r\nB: c\r\n\r\n" + strings.Repeat("y", 20_000)
		b := newBatcher(map[jmap.ID]string{"m": text})
		wants := []Want{{Blob: "m", Size: int64(len(text))}}
		got, err := New(Options{}).HeadersOf(t.Context(), b.account(), wants)
		require.NoError(t, err)
		checkHeaders(t, b, wants, got)
	}
}

func TestWhatABatchLeavesOutIsDownloaded(t *testing.T) {
	blobs, wants := letters(20, 100, 20_000)
	b := newBatcher(blobs)
	b.unasked["m3"] = true
	delete(b.blobs, "m5")
	b.failOne["m7"] = &jmapclient.UnavailableError{Status: http.StatusInternalServerError}
	for name, load := range map[string]func(*Cache) []error{
		"headers": func(c *Cache) []error { return errorsOf(t, c.HeadersOf, b, wants) },
		"digests": func(c *Cache) []error { return errorsOf(t, c.DigestsOf, b, wants) },
		"octets":  func(c *Cache) []error { return errorsOf(t, c.OctetsOf, b, wants) },
	} {
		t.Run(name, func(t *testing.T) {
			before := b.downloads.Load()
			for i, err := range load(New(Options{})) {
				switch i {
				case 5:
					require.True(t, Gone(err))
				case 7:
					require.True(t, Broken(err))
				default:
					require.NoError(t, err)
				}
			}
			require.EqualValues(t, 3, b.downloads.Load()-before)
		})
	}
}

func errorsOf[T any](t *testing.T, load func(context.Context, Account, []Want) ([]Loaded[T], error), b *batcher, wants []Want) (errs []error) {
	got, err := load(t.Context(), b.account(), wants)
	require.NoError(t, err)
	for _, one := range got {
		errs = append(errs, one.Err)
	}
	return errs
}

func TestAFailingBatchFailsTheLoad(t *testing.T) {
	blobs, wants := letters(20, 100, 20_000)
	b := newBatcher(blobs)
	b.fail = &jmapclient.UnavailableError{Status: http.StatusServiceUnavailable}
	c := New(Options{})
	_, err := c.HeadersOf(t.Context(), b.account(), wants)
	require.ErrorIs(t, err, jmapclient.ErrUnavailable)
	_, err = c.DigestsOf(t.Context(), b.account(), wants)
	require.ErrorIs(t, err, jmapclient.ErrUnavailable)
	_, err = c.OctetsOf(t.Context(), b.account(), wants)
	require.ErrorIs(t, err, jmapclient.ErrUnavailable)
	require.Zero(t, b.downloads.Load())

	b.fail = &jmapclient.UnavailableError{Status: http.StatusInternalServerError} // the batch has a message that breaks it
	b.failOne["m7"] = b.fail
	got, err := c.HeadersOf(t.Context(), b.account(), wants)
	require.NoError(t, err)
	for i, one := range got {
		require.Equal(t, i == 7, Broken(one.Err))
	}
	for _, w := range wants {
		b.failOne[w.Blob] = b.fail
	}
	_, err = New(Options{}).HeadersOf(t.Context(), b.account(), wants)
	require.ErrorIs(t, err, jmapclient.ErrUnavailable, "it is not the messages that are broken")
}

func TestWithoutBatches(t *testing.T) {
	blobs, wants := letters(20, 100, 20_000)
	b := newBatcher(blobs)
	b.absent = true
	c := New(Options{})
	require.False(t, b.account().Batches())
	got, err := c.HeadersOf(t.Context(), b.account(), wants)
	require.NoError(t, err)
	checkHeaders(t, b, wants, got)
	require.EqualValues(t, 20, b.downloads.Load())
	require.Zero(t, b.batches.Load())
	delete(b.blobs, "m4")
	fault := errors.New("down")
	b.failOne["m9"] = fault
	_, err = New(Options{}).OctetsOf(t.Context(), b.account(), wants)
	require.ErrorIs(t, err, fault)
}

func TestAServerThatGivesNoSizes(t *testing.T) {
	blobs, wants := letters(5, 100, 20_000)
	b := newBatcher(blobs)
	b.sizeless = true
	got, err := New(Options{}).HeadersOf(t.Context(), b.account(), wants)
	require.NoError(t, err)
	checkHeaders(t, b, wants, got)
}

func TestOctetsComeInBatchesOrAlone(t *testing.T) {
	blobs, wants := letters(100, 100, 3000)
	huge := strings.Repeat("z", BatchOctets+1)
	blobs["huge"] = huge
	wants = append(wants, Want{Blob: "huge", Size: int64(len(huge))}, wants[0])
	b := newBatcher(blobs)
	c := New(Options{Memory: 1}) // which keeps nothing
	got, err := c.OctetsOf(t.Context(), b.account(), wants)
	require.NoError(t, err)
	for i, w := range wants {
		require.Equal(t, blobs[w.Blob], string(got[i].Value.Bytes()))
		got[i].Value.Release()
	}
	require.EqualValues(t, 1, b.batches.Load())
	require.EqualValues(t, 1, b.downloads.Load())
}

func TestBatchesKeepToTheBudget(t *testing.T) {
	blobs, wants := letters(64, 100, 200_000)
	b := newBatcher(blobs)
	c := New(Options{InFlight: 1000})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			got, err := c.OctetsOf(t.Context(), b.account(), wants)
			require.NoError(t, err)
			releaseAll(got)
		})
	}
	all.Wait()
	require.GreaterOrEqual(t, b.batches.Load(), int32(4), "of no more than MaxBlobOctets each")
}

// Two sessions that look at the same messages fetch them once.
func TestBatchesAreShared(t *testing.T) {
	blobs, wants := letters(50, 1000, 50_000)
	b := newBatcher(blobs)
	b.wait, b.entered = make(chan struct{}), make(chan struct{}, 10)
	c := New(Options{})
	var all sync.WaitGroup
	load := func() {
		got, err := c.HeadersOf(t.Context(), b.account(), wants)
		require.NoError(t, err)
		checkHeaders(t, b, wants, got)
	}
	all.Go(load)
	<-b.entered // from now on all of them are being loaded: connections that begin at the same time share the list between them
	for range 4 {
		all.Go(load)
	}
	close(b.wait)
	all.Wait()
	require.EqualValues(t, 1, b.batches.Load())
	require.EqualValues(t, 50*HeaderOctets, b.octets.Load())
}

// The others go on when the connection whose batch it was goes away.
func TestABatchOfAConnectionThatGoesAway(t *testing.T) {
	blobs, wants := letters(50, 1000, 50_000)
	b := newBatcher(blobs)
	b.wait, b.entered = make(chan struct{}), make(chan struct{}, 10)
	c := New(Options{})
	first, leave := context.WithCancel(t.Context())
	failed := make(chan error)
	go func() {
		_, err := c.HeadersOf(first, b.account(), wants)
		failed <- err
	}()
	<-b.entered
	var all sync.WaitGroup
	for _, load := range []func(){
		func() {
			got, err := c.HeadersOf(t.Context(), b.account(), wants)
			require.NoError(t, err)
			checkHeaders(t, b, wants, got)
		},
		func() {
			d, err := c.Digest(t.Context(), b.account(), wants[0].Blob)
			require.NoError(t, err)
			require.True(t, d.HasStructure())
		},
	} {
		all.Go(load)
	}
	leave()
	require.ErrorIs(t, <-failed, context.Canceled)
	close(b.wait)
	all.Wait()
}

// A load of one message that waits for a batch which leaves it out loads it itself.
func TestALoadThatABatchLeavesOut(t *testing.T) {
	blobs, wants := letters(5, 100, 20_000)
	b := newBatcher(blobs)
	b.unasked["m2"] = true
	b.wait, b.entered = make(chan struct{}), make(chan struct{}, 10)
	c := New(Options{})
	batch := make(chan error)
	go func() {
		got, err := c.OctetsOf(t.Context(), b.account(), wants)
		releaseAll(got)
		batch <- err
	}()
	<-b.entered
	alone := make(chan error)
	go func() {
		o, err := c.Octets(t.Context(), b.account(), "m2")
		if err == nil {
			o.Release()
		}
		alone <- err
	}()
	close(b.wait)
	require.NoError(t, <-batch)
	require.NoError(t, <-alone)
}

// lister is a source that lists fields, and gives no batches.
type lister struct {
	*batcher
	lists  atomic.Int32
	change func(*jmapclient.HeaderBlock)
	fault  error
}

func (l *lister) HeaderBlocks(_ context.Context, _ jmap.ID, emails []jmap.ID) ([]jmapclient.HeaderBlock, error) {
	l.lists.Add(1)
	var blocks []jmapclient.HeaderBlock
	for i, id := range emails {
		blob := jmap.ID(strings.TrimPrefix(string(id), "e"))
		block := jmapclient.HeaderBlock{Email: id, Blob: blob, Size: int64(len(l.blobs[blob])), Octets: []byte(fmt.Sprint("Subject: number ", blob[1:], "\r\n\r\n"))}
		if i%4 == 3 {
			l.change(&block)
		}
		blocks = append(blocks, block)
	}
	return blocks, l.fault
}

func TestFieldsThatTheServerLists(t *testing.T) {
	for name, change := range map[string]func(*jmapclient.HeaderBlock){
		"other blob":  func(b *jmapclient.HeaderBlock) { b.Blob = "x" },
		"other Email": func(b *jmapclient.HeaderBlock) { b.Email = "x" },
		"too long":    func(b *jmapclient.HeaderBlock) { b.Size = int64(len(b.Octets)) - 1 },
		"no end":      func(b *jmapclient.HeaderBlock) { b.Octets = []byte("Subject: x") },
	} {
		t.Run(name, func(t *testing.T) {
			blobs, wants := letters(20, 100, 20_000)
			for i := range wants {
				wants[i].Email = "e" + wants[i].Blob
			}
			l := &lister{batcher: newBatcher(blobs), change: change}
			l.absent = true
			a := Account{Key: store.Key{Account: "a"}, ID: "a", Source: l}
			require.True(t, a.ListsFields())
			c := New(Options{Store: &shelf{}})
			for range 2 {
				got, err := c.FieldsOf(t.Context(), a, wants)
				require.NoError(t, err)
				for i, one := range got {
					require.NoError(t, one.Err)
					require.Equal(t, fmt.Sprint("number ", i), one.Value.Envelope(true).Subject.Value)
					require.Equal(t, i%4 != 3, one.Value.Rebuilt)
				}
				c = New(Options{Store: c.options.Store})
			}
			require.EqualValues(t, 1, l.lists.Load())
			require.EqualValues(t, 5, l.downloads.Load())
			headers, err := c.HeadersOf(t.Context(), a, wants)
			require.NoError(t, err)
			checkHeaders(t, l.batcher, wants, headers)
			require.EqualValues(t, 20, l.downloads.Load(), "fields are no octets")

			l.fault = &jmapclient.UnavailableError{Status: http.StatusServiceUnavailable}
			_, err = New(Options{}).FieldsOf(t.Context(), a, wants)
			require.ErrorIs(t, err, jmapclient.ErrUnavailable)
		})
	}
}
