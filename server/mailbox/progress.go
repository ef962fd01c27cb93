package mailbox

import (
	"context"
	"sync/atomic"
)

// progress is how far a piece of long work is.
type progress struct {
	done, total atomic.Int64
}

// start notes that done of total things are done.
func (p *progress) start(done, total int) {
	p.done.Store(int64(done))
	p.total.Store(int64(total))
}

func (p *progress) add(n int) { p.done.Add(int64(n)) }

// Meter tells how far the long work is that a command waits for: the first load of a mailbox, or a comparison with the server.
// It may be read while the command runs.
type Meter struct {
	work atomic.Pointer[progress]
}

// Progress returns how many messages of how many have been looked at; ok is false while the command waits for no long work, or
// for one whose size is not known yet. done is less than total.
func (m *Meter) Progress() (done, total int, ok bool) {
	p := m.work.Load()
	if p == nil {
		return 0, 0, false
	}
	done, total = int(p.done.Load()), int(p.total.Load())
	return done, total, done < total
}

type meterKey struct{}

// WithMeter returns a context under which m follows what the methods of an Account wait for.
func WithMeter(ctx context.Context, m *Meter) context.Context {
	return context.WithValue(ctx, meterKey{}, m)
}

// follow makes the meter of ctx, when there is one, read the work that is now waited for. The meter goes on with it when ctx ends.
func (p *progress) follow(ctx context.Context) {
	if m, _ := ctx.Value(meterKey{}).(*Meter); m != nil {
		m.work.Store(p)
	}
}

type workKey struct{}

// withWork returns a context under which p is the progress of what is done, whoever waits for it.
func withWork(ctx context.Context, p *progress) context.Context {
	return context.WithValue(WithMeter(ctx, nil), workKey{}, p)
}

// workOf returns the progress of what is done under ctx.
func workOf(ctx context.Context) *progress {
	if p, ok := ctx.Value(workKey{}).(*progress); ok {
		return p
	}
	p := &progress{}
	p.follow(ctx)
	return p
}
