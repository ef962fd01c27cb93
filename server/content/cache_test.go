package content

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/server/store"
)

// source serves blobs from memory and counts downloads.
type source struct {
	mu        sync.Mutex
	blobs     map[jmap.ID]string
	fault     error
	hold      chan struct{} // when set, downloads wait for it or for their context
	begun     chan struct{}
	downloads atomic.Int32
}

func (s *source) Download(ctx context.Context, _, blob jmap.ID, _, _ string) (io.ReadCloser, int64, error) {
	s.downloads.Add(1)
	s.mu.Lock()
	octets, fault, hold := s.blobs[blob], s.fault, s.hold
	s.mu.Unlock()
	if hold != nil {
		s.begun <- struct{}{}
		select {
		case <-hold:
		case <-ctx.Done():
			return nil, 0, fmt.Errorf("downloading: %w", ctx.Err())
		}
	}
	return io.NopCloser(strings.NewReader(octets)), int64(len(octets)), fault
}

func account(s *source) Account { return Account{Key: store.Key{Account: "a"}, ID: "a", Source: s} }

const letter = "Subject: hello\r\nFrom: a@example.org\r\n\r\nbody\r\n"

func TestOctetsAreDownloadedOnce(t *testing.T) {
	s := &source{blobs: map[jmap.ID]string{"b": letter}}
	c := New(Options{})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			o, err := c.Octets(t.Context(), account(s), "b")
			require.NoError(t, err)
			defer o.Release()
			require.Equal(t, letter, string(o.Bytes()))
		})
	}
	all.Wait()
	require.EqualValues(t, 1, s.downloads.Load())
	other := account(s)
	other.Key.Account = "x"
	o, err := c.Octets(t.Context(), other, "b")
	require.NoError(t, err)
	o.Release()
	require.EqualValues(t, 2, s.downloads.Load(), "accounts share nothing")
}

func TestLargeMessagesAreSpooledAndEvicted(t *testing.T) {
	dir := t.TempDir()
	s := &source{blobs: map[jmap.ID]string{}}
	c := New(Options{Memory: 100_000, Inline: 1000, Dir: dir})
	want := map[jmap.ID]string{}
	for i := range 200 {
		id := jmap.ID(fmt.Sprint("b", i))
		want[id] = strings.Repeat(fmt.Sprintf("%03d ", i), 5000)
	}
	s.blobs = want
	var all sync.WaitGroup
	for id := range want {
		all.Go(func() {
			o, err := c.Octets(t.Context(), account(s), id)
			require.NoError(t, err)
			defer o.Release()
			require.NotNil(t, o.unmap)
			require.True(t, bytes.Equal([]byte(want[id]), o.Bytes()))
		})
	}
	all.Wait()
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, files, "spool files have no name, so that a crash leaves none")
}

func TestTooLarge(t *testing.T) {
	s := &source{blobs: map[jmap.ID]string{"b": strings.Repeat("x", 5000)}}
	_, err := New(Options{Inline: 10, Limit: 4999}).Octets(t.Context(), account(s), "b")
	require.ErrorIs(t, err, ErrTooLarge)
}

func TestAnotherConnectionGoingAwayIsNoError(t *testing.T) {
	s := &source{blobs: map[jmap.ID]string{"b": letter}, hold: make(chan struct{}), begun: make(chan struct{}, 2)}
	c := New(Options{})
	first, leave := context.WithCancel(t.Context())
	failed := make(chan error)
	go func() {
		_, err := c.Octets(first, account(s), "b")
		failed <- err
	}()
	<-s.begun
	got := make(chan error)
	go func() {
		o, err := c.Octets(t.Context(), account(s), "b")
		if err == nil {
			o.Release()
		}
		got <- err
	}()
	leave()
	require.ErrorIs(t, <-failed, context.Canceled)
	close(s.hold)
	require.NoError(t, <-got)
}

func TestFailuresAreNotKept(t *testing.T) {
	fault := errors.New("down")
	s := &source{blobs: map[jmap.ID]string{"b": letter}, fault: fault}
	c := New(Options{})
	_, err := c.Digest(t.Context(), account(s), "b")
	require.ErrorIs(t, err, fault)
	s.fault = nil
	_, err = c.Digest(t.Context(), account(s), "b")
	require.NoError(t, err)
}

// shelf is a store.Cache in memory.
type shelf struct{ data sync.Map }

func (s *shelf) Get(_ context.Context, k store.Key, kind, id string) ([]byte, bool) {
	v, ok := s.data.Load(fmt.Sprint(k, kind, id))
	if !ok {
		return nil, false
	}
	return v.([]byte), true
}

func (s *shelf) Put(_ context.Context, k store.Key, kind, id string, data []byte) {
	s.data.Store(fmt.Sprint(k, kind, id), data)
}

func (s *shelf) PutAll(ctx context.Context, k store.Key, kind string, data map[string][]byte) {
	for id, octets := range data {
		s.Put(ctx, k, kind, id, octets)
	}
}

func TestDigestsOutliveTheProcess(t *testing.T) {
	s := &source{blobs: map[jmap.ID]string{"b": letter}}
	kept := &shelf{}
	for range 3 {
		d, err := New(Options{Store: kept}).Digest(t.Context(), account(s), "b")
		require.NoError(t, err)
		require.Equal(t, "hello", d.Envelope(false).Subject.Value)
	}
	require.EqualValues(t, 1, s.downloads.Load())
	kept.data.Range(func(k, _ any) bool { kept.data.Store(k, []byte("damaged")); return true })
	_, err := New(Options{Store: kept}).Digest(t.Context(), account(s), "b")
	require.NoError(t, err, "a damaged entry is made anew")
	require.EqualValues(t, 2, s.downloads.Load())
}

// cutSource gives less of a message than there is, a few times.
type cutSource struct {
	*source
	lengths []int // of each download
}

func (s *cutSource) Download(ctx context.Context, account, blob jmap.ID, kind, name string) (io.ReadCloser, int64, error) {
	body, size, err := s.source.Download(ctx, account, blob, kind, name)
	if n := int(s.downloads.Load()) - 1; err == nil && n < len(s.lengths) {
		body = io.NopCloser(io.LimitReader(body, int64(s.lengths[n])))
	}
	return body, size, err
}

func TestWhatComesShortIsReadAgain(t *testing.T) {
	get := func(lengths ...int) (*Octets, *cutSource, error) {
		s := &cutSource{source: &source{blobs: map[jmap.ID]string{"b": letter}}, lengths: lengths}
		a := account(s.source)
		a.Source, a.Size = s, int64(len(letter))
		o, err := New(Options{}).Octets(t.Context(), a, "b")
		return o, s, err
	}
	o, s, err := get(10)
	require.NoError(t, err)
	require.Equal(t, letter, string(o.Bytes()))
	require.EqualValues(t, 2, s.downloads.Load())

	_, _, err = get(10, 12)
	require.ErrorIs(t, err, ErrIncomplete)

	o, _, err = get(10, 10)
	require.NoError(t, err, "the server has another notion of sizes")
	require.Equal(t, letter[:10], string(o.Bytes()))
}
