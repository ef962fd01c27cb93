package jmap

import (
	"context"
	"sync"
	"time"
)

// Kind tells the HTTP requests of JMAP apart.
type Kind int

// The kinds of exchange: an API request (RFC 8620 section 3), an upload (section 6.1), a download (section 6.2) and
// a fetch of the session object (section 2).
const (
	KindCall Kind = iota
	KindUpload
	KindDownload
	KindSession
)

// String names the kind.
func (k Kind) String() string {
	return [...]string{"call", "upload", "download", "session"}[k]
}

// Exchange is one HTTP request and its outcome, as a Recorder keeps it.
type Exchange struct {
	Kind     Kind
	Methods  []string      // of a call: the method names in order
	Request  []byte        // of a call: the body sent, when the recorder keeps bodies
	Response []byte        // of a call: the body received, when the recorder keeps bodies
	Size     int64         // of an upload or a download: the octets moved
	Duration time.Duration // until the end of the response; of a download until it was closed
	Err      error         // nil when it succeeded
}

// Recorder keeps the exchanges made under a context. It may be used by many goroutines.
type Recorder struct {
	bodies    bool
	mu        sync.Mutex
	exchanges []Exchange
}

// NewRecorder returns an empty recorder; bodies makes it keep what API requests and responses contain.
func NewRecorder(bodies bool) *Recorder { return &Recorder{bodies: bodies} }

// Exchanges returns what was recorded so far, in the order in which it ended.
func (r *Recorder) Exchanges() []Exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Exchange(nil), r.exchanges...)
}

// Take returns what was recorded so far and forgets it.
func (r *Recorder) Take() []Exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.exchanges
	r.exchanges = nil
	return taken
}

func (r *Recorder) add(exchange Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.exchanges = append(r.exchanges, exchange)
}

type recorderKey struct{}

// WithRecorder returns a context under which every exchange is noted in recorder, and in the recorders that ctx had
// before.
func WithRecorder(ctx context.Context, recorder *Recorder) context.Context {
	outer := recordersOf(ctx)
	return context.WithValue(ctx, recorderKey{}, append(outer[:len(outer):len(outer)], recorder))
}

func recordersOf(ctx context.Context) []*Recorder {
	recorders, _ := ctx.Value(recorderKey{}).([]*Recorder)
	return recorders
}

// record notes an exchange that began at start in every recorder of ctx.
func record(ctx context.Context, start time.Time, exchange Exchange) {
	recorders := recordersOf(ctx)
	if len(recorders) == 0 {
		return
	}
	exchange.Duration = time.Since(start)
	for _, recorder := range recorders {
		noted := exchange
		if !recorder.bodies {
			noted.Request, noted.Response = nil, nil
		}
		recorder.add(noted)
	}
}
