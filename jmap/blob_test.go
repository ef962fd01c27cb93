package jmap

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/stretchr/testify/require"
)

func TestUpload(t *testing.T) {
	f := newFake(t)
	content := bytes.Repeat([]byte("octets\x00\xff\n"), 500_000)
	for _, size := range []int64{int64(len(content)), -1} {
		var got []byte
		var length int64
		f.mux = http.NewServeMux()
		f.mux.HandleFunc("/jmap", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, f.sessionObject()) })
		f.mux.HandleFunc("/jmap/upload/A1/", func(w http.ResponseWriter, r *http.Request) {
			length = r.ContentLength
			require.Equal(t, "message/rfc822", r.Header.Get("Content-Type"))
			got, _ = io.ReadAll(r.Body)
			w.WriteHeader(http.StatusCreated)
			fmt.Fprintf(w, `{"accountId":"A1","blobId":"B1","type":"message/rfc822","size":%d}`, len(got))
		})
		recorder := NewRecorder(false)
		session := f.login(t, func(c *Config) { c.URL += "/jmap" })
		uploaded, err := session.Upload(WithRecorder(t.Context(), recorder), account, "message/rfc822", bytes.NewReader(content), size)
		require.NoError(t, err)
		require.Equal(t, proto.ID("B1"), uploaded.BlobID)
		require.Equal(t, size, length)
		require.True(t, bytes.Equal(content, got))
		require.EqualValues(t, len(content), recorder.Exchanges()[0].Size)
	}
}

func TestUploadFailures(t *testing.T) {
	f := newFake(t)
	f.core = `"maxSizeUpload":1000`
	var answer replaceable
	answer.Store(status(200, "application/json", `{"accountId":"A1","blobId":"B1","size":1}`))
	f.mux.HandleFunc("/jmap/upload/", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		answer.ServeHTTP(w, r)
	})
	session := f.login(t, nil)
	upload := func(r io.Reader, size int64) error {
		_, err := session.Upload(t.Context(), account, "text/plain", r, size)
		return err
	}
	require.NoError(t, upload(strings.NewReader("x"), 1))
	require.NoError(t, upload(strings.NewReader(""), 0))

	var limit *LimitError
	require.ErrorAs(t, upload(strings.NewReader(""), 1001), &limit)
	require.Equal(t, "maxSizeUpload", limit.Limit)
	require.ErrorAs(t, upload(strings.NewReader(strings.Repeat("x", 1001)), -1), &limit)

	gone := errors.New("the client went away")
	err := upload(io.MultiReader(strings.NewReader("half"), failing{gone}), 100)
	require.ErrorIs(t, err, gone)
	require.NotErrorIs(t, err, ErrUnavailable)

	answer.Store(status(413, "text/html", ""))
	require.ErrorAs(t, upload(strings.NewReader("x"), 1), &limit)
	answer.Store(status(200, "application/json", `{"size":1}`))
	require.ErrorIs(t, upload(strings.NewReader("x"), 1), ErrUnavailable)
	answer.Store(status(503, "text/html", "busy"))
	require.ErrorIs(t, upload(strings.NewReader("x"), 1), ErrUnavailable)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// counted fails the test when it is read after it was given back.
type counted struct {
	t    *testing.T
	from io.Reader
	back bool
}

func (c *counted) Read(p []byte) (int, error) {
	require.False(c.t, c.back, "read after Upload had returned")
	return c.from.Read(p)
}

func TestUploadLeavesTheSourceAlone(t *testing.T) {
	f := newFake(t)
	f.mux.HandleFunc("/jmap/upload/", status(500, "text/plain", "no room")) // answers without reading
	session := f.login(t, nil)
	for range 20 {
		source := &counted{t: t, from: io.LimitReader(zeros{}, 10<<20)}
		_, err := session.Upload(t.Context(), account, "text/plain", source, 10<<20)
		source.back = true
		require.ErrorIs(t, err, ErrUnavailable)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestDownload(t *testing.T) {
	f := newFake(t)
	f.core = `"maxConcurrentRequests":1`
	var handler replaceable
	f.mux.HandleFunc("/jmap/download/", handler.ServeHTTP)
	handler.Store(status(200, "message/rfc822", "Subject: x\r\n\r\n"))
	session := f.login(t, nil)
	get := func() (string, int64, error) {
		body, size, err := session.Download(t.Context(), account, "B/1", "message/rfc822", "a b.eml")
		if err != nil {
			return "", 0, err
		}
		defer body.Close()
		text, err := io.ReadAll(body)
		return string(text), size, err
	}
	for range 3 { // the slot comes back each time
		text, size, err := get()
		require.NoError(t, err)
		require.Equal(t, "Subject: x\r\n\r\n", text)
		require.EqualValues(t, 14, size)
	}
	require.Equal(t, "/jmap/download/A1/B%2F1/a%20b.eml?accept=message%2Frfc822", f.requests("/jmap/download")[0].RequestURI)

	handler.Store(status(404, "text/html", ""))
	_, _, err := get()
	require.ErrorIs(t, err, ErrNotFound)
	handler.Store(status(500, "text/html", ""))
	_, _, err = get()
	require.ErrorIs(t, err, ErrUnavailable)
	handler.Store(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "cut")
	}))
	text, _, err := get()
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, "cut", text)
}

func TestDownloadStalls(t *testing.T) {
	f := newFake(t)
	release := make(chan struct{})
	defer close(release)
	f.mux.HandleFunc("/jmap/download/", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "some")
		w.(http.Flusher).Flush()
		<-release
	})
	session := f.login(t, func(c *Config) { c.StallTimeout = 50 * time.Millisecond })
	recorder := NewRecorder(false)
	body, _, err := session.Download(WithRecorder(t.Context(), recorder), account, "B1", "text/plain", "x")
	require.NoError(t, err)
	_, err = io.ReadAll(body)
	require.ErrorIs(t, err, errStalled)
	require.ErrorIs(t, err, ErrUnavailable)
	require.Empty(t, recorder.Exchanges())
	require.NoError(t, body.Close())
	require.NoError(t, body.Close())
	require.Len(t, recorder.Exchanges(), 1)
}

func TestTransfersLeaveRoomForCalls(t *testing.T) {
	g := newGate(2, 4)
	leave, err := g.enterDownload(t.Context())
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err = g.enterUpload(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	leaveCall, err := g.enterCall(t.Context())
	require.NoError(t, err)
	leaveCall()
	leave()
	leave() // once more does no harm
	leave, err = g.enterUpload(t.Context())
	require.NoError(t, err)
	leave()
	require.Zero(t, len(g.all)+len(g.bulk)+len(g.uploads))
}

// An upload that breaks in the middle is sent again from its beginning, as long as that was kept.
func TestUploadIsRepeatedWhole(t *testing.T) {
	content := bytes.Repeat([]byte("octets\x00\xff\n"), keptOfUpload)
	for _, size := range []int{1, 5000, keptOfUpload, keptOfUpload + 1, len(content)} {
		for _, length := range []int64{int64(size), -1} {
			f := newFake(t)
			var got []byte
			var tries atomic.Int32
			f.mux.HandleFunc("/jmap/upload/A1/", func(w http.ResponseWriter, r *http.Request) {
				if tries.Add(1) == 1 {
					_, _ = io.CopyN(io.Discard, r.Body, int64(size))
					panic(http.ErrAbortHandler)
				}
				got, _ = io.ReadAll(r.Body)
				io.WriteString(w, `{"accountId":"A1","blobId":"B1","type":"text/plain","size":1}`)
			})
			session := f.login(t, func(c *Config) { c.Retry.FirstWait = time.Millisecond })
			_, err := session.Upload(t.Context(), account, "text/plain", iotest.HalfReader(bytes.NewReader(content[:size])), length)
			if size > keptOfUpload {
				require.ErrorIs(t, err, ErrUnavailable)
				require.EqualValues(t, 1, tries.Load())
				continue
			}
			require.NoError(t, err)
			require.True(t, bytes.Equal(content[:size], got), "%d octets of %d", len(got), size)
		}
	}
}
