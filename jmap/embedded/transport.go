package embedded

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// Transport gives a RoundTripper that runs the Store's handler in the same process, for clients
// of any scheme and host. Bodies stream both ways; a request ends when its context does, or
// when the body of its response is closed.
func (s *Store) Transport() http.RoundTripper { return transport{s} }

type transport struct{ handler http.Handler }

// inProcess marks a request that no connection carries, so that none can become a WebSocket.
type inProcess struct{}

func isInProcess(r *http.Request) bool { return r.Context().Value(inProcess{}) != nil }

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	in := r.Clone(context.WithValue(ctx, inProcess{}, true))
	in.RequestURI, in.RemoteAddr = r.URL.RequestURI(), "embedded"
	in.Proto, in.ProtoMajor, in.ProtoMinor = "HTTP/1.1", 1, 1
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	pr, pw := io.Pipe()
	w := &pipeWriter{header: http.Header{}, body: pw, started: make(chan struct{}), bodiless: r.Method == http.MethodHead}
	go func() {
		defer cancel()
		defer in.Body.Close()
		err := serve(t.handler, w, in)
		if err == nil { // a handler that was given up has not come to the end of the body
			err = r.Context().Err()
		}
		w.close(err)
	}()
	select {
	case <-w.started: // as it is at the end of the handler, at the latest
	case <-r.Context().Done():
	}
	if err := r.Context().Err(); err != nil {
		pw.CloseWithError(err)
		cancel()
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() {
		if err := r.Context().Err(); err != nil {
			pw.CloseWithError(err)
		}
	})
	return w.response(r, &pipeBody{pr, stop, cancel}), nil
}

// serve turns a panic into an error.
func serve(h http.Handler, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("handling a request: panic: %v", v)
		}
	}()
	h.ServeHTTP(w, r)
	return nil
}

// pipeBody is the body of a response.
type pipeBody struct {
	*io.PipeReader
	stop   func() bool
	cancel context.CancelFunc
}

// Close ends the handler, too.
func (b *pipeBody) Close() error {
	b.stop()
	b.cancel()
	return b.PipeReader.Close()
}

// pipeWriter is the ResponseWriter of the handler.
type pipeWriter struct {
	header  http.Header
	body    *io.PipeWriter
	once    sync.Once
	started chan struct{} // closed when the status and sent are set
	status  int
	sent    http.Header
	// wrote is how much of the body there was so far; a response to HEAD is bodiless, whatever its header says.
	wrote    int64
	bodiless bool
}

// Header implements http.ResponseWriter.
func (w *pipeWriter) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *pipeWriter) WriteHeader(status int) {
	if status < http.StatusOK {
		return
	}
	w.once.Do(func() {
		w.status, w.sent = status, w.header.Clone()
		close(w.started)
	})
}

// Write implements http.ResponseWriter. It returns when the client has read b.
func (w *pipeWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	n, err := w.body.Write(b)
	w.wrote += int64(n)
	return n, err
}

// Flush implements http.Flusher: nothing is ever held back.
func (w *pipeWriter) Flush() { w.WriteHeader(http.StatusOK) }

// close ends the response after the handler. A body that is shorter than was said does not end well.
func (w *pipeWriter) close(err error) {
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
	w.WriteHeader(http.StatusOK)
	if err == nil && w.wrote < w.length() && !w.bodiless && w.status != http.StatusNotModified {
		err = io.ErrUnexpectedEOF
	}
	w.body.CloseWithError(err)
}

// length is the Content-Length that was sent, or -1.
func (w *pipeWriter) length() int64 {
	length, err := strconv.ParseInt(w.sent.Get("Content-Length"), 10, 64)
	if err != nil {
		return -1
	}
	return length
}

func (w *pipeWriter) response(r *http.Request, body io.ReadCloser) *http.Response {
	return &http.Response{
		Status: strconv.Itoa(w.status) + " " + http.StatusText(w.status), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: body, ContentLength: w.length(), Request: r,
	}
}
