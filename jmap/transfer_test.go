package jmap

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A download that breaks goes on where the server gives ranges, and only then.
func TestDownloadGoesOn(t *testing.T) {
	const blob = "0123456789abcdefghijklmnopqrstuvwxyz"
	part := func(w http.ResponseWriter, kind string, from, to, size int) {
		w.Header().Set("Content-Type", "message/rfc822")
		w.Header().Set("Content-Length", fmt.Sprint(size-from))
		if kind != "" {
			w.Header().Set("Content-Range", fmt.Sprintf("%s %d-%d/%d", kind, from, size-1, size))
			w.WriteHeader(http.StatusPartialContent)
		}
		io.WriteString(w, blob[from:min(to, size)])
		w.(http.Flusher).Flush()
	}
	var offset int
	at := func(r *http.Request) int {
		_, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &offset)
		require.NoError(t, err)
		return offset
	}
	busy := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
	rest := func(w http.ResponseWriter, r *http.Request) { part(w, "bytes", at(r), len(blob), len(blob)) }
	for _, c := range []struct {
		what   string
		header http.Header // of the first response
		later  []http.HandlerFunc
		want   string // all of the blob unless given
		asked  []string
	}{
		{what: "no ranges", header: http.Header{}, want: blob[:10]},
		{what: "ranges are refused", header: http.Header{"Accept-Ranges": {"none"}}, want: blob[:10]},
		{what: "one break", later: []http.HandlerFunc{rest}, asked: []string{"bytes=10- "}},
		{what: "a strong tag", header: http.Header{"Accept-Ranges": {"Bytes"}, "Etag": {`"x"`}}, later: []http.HandlerFunc{rest}, asked: []string{`bytes=10- "x"`}},
		{what: "a weak tag", header: http.Header{"Accept-Ranges": {"bytes"}, "Etag": {`W/"x"`}}, later: []http.HandlerFunc{rest}, asked: []string{"bytes=10- "}},
		{what: "two breaks", later: []http.HandlerFunc{
			func(w http.ResponseWriter, r *http.Request) { part(w, "bytes", at(r), 20, len(blob)) }, rest,
		}, asked: []string{"bytes=10- ", "bytes=20- "}},
		{what: "a try in vain", later: []http.HandlerFunc{busy, rest}, asked: []string{"bytes=10- ", "bytes=10- "}},
		{what: "no end of breaks", later: []http.HandlerFunc{busy, busy, rest}, want: blob[:10], asked: []string{"bytes=10- ", "bytes=10- "}},
		{what: "all from the start", later: []http.HandlerFunc{
			func(w http.ResponseWriter, _ *http.Request) { part(w, "", 0, len(blob), len(blob)) }, rest,
		}, asked: []string{"bytes=10- ", "bytes=10- "}},
		{what: "another part", later: []http.HandlerFunc{
			func(w http.ResponseWriter, _ *http.Request) { part(w, "bytes", 9, len(blob), len(blob)) }, busy,
		}, want: blob[:10], asked: []string{"bytes=10- ", "bytes=10- "}},
		{what: "a part of another blob", later: []http.HandlerFunc{
			func(w http.ResponseWriter, r *http.Request) { part(w, "bytes", at(r), len(blob), len(blob)-1) }, busy,
		}, want: blob[:10], asked: []string{"bytes=10- ", "bytes=10- "}},
		{what: "gone", later: []http.HandlerFunc{
			func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }, busy,
		}, want: blob[:10], asked: []string{"bytes=10- ", "bytes=10- "}},
	} {
		t.Run(c.what, func(t *testing.T) {
			f := newFake(t)
			var asked []string
			later := c.later
			f.mux.HandleFunc("/jmap/download/", func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Range") == "" {
					header := c.header
					if header == nil {
						header = http.Header{"Accept-Ranges": {"bytes"}}
					}
					for name := range header {
						w.Header().Set(name, header.Get(name))
					}
					part(w, "", 0, 10, len(blob))
					panic(http.ErrAbortHandler)
				}
				asked = append(asked, r.Header.Get("Range")+" "+r.Header.Get("If-Range"))
				own := later[0]
				later = later[1:]
				own(w, r)
			})
			session := f.login(t, func(c *Config) { c.Retry.FirstWait = time.Millisecond })
			body, size, err := session.Download(t.Context(), account, "B1", "message/rfc822", "x")
			require.NoError(t, err)
			require.EqualValues(t, len(blob), size)
			text, err := io.ReadAll(body)
			require.NoError(t, body.Close())
			if c.want == "" {
				require.NoError(t, err)
				require.Equal(t, blob, string(text))
			} else {
				require.ErrorIs(t, err, ErrUnavailable)
				require.Equal(t, c.want, string(text))
			}
			require.Equal(t, c.asked, asked)
			leave, err := session.current.Load().gate.enterDownload(t.Context()) // the slot came back
			require.NoError(t, err)
			leave()
		})
	}
}

// A server that falls silent in the middle is asked for the rest, too.
func TestStalledDownloadGoesOn(t *testing.T) {
	f := newFake(t)
	release := make(chan struct{})
	defer close(release)
	f.mux.HandleFunc("/jmap/download/", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") != "" {
			http.ServeContent(w, r, "", time.Time{}, strings.NewReader("some more"))
			return
		}
		w.Header().Set("Accept-Ranges", "bytes")
		w.Header().Set("Content-Length", "9")
		io.WriteString(w, "some")
		w.(http.Flusher).Flush()
		<-release
	})
	session := f.login(t, func(c *Config) { c.StallTimeout, c.Retry.FirstWait = 50*time.Millisecond, time.Millisecond })
	body, _, err := session.Download(t.Context(), account, "B1", "text/plain", "x")
	require.NoError(t, err)
	defer body.Close()
	text, err := io.ReadAll(body)
	require.NoError(t, err)
	require.Equal(t, "some more", string(text))
}
