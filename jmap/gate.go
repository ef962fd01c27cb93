package jmap

import (
	"context"
	"runtime"
	"sync"
	"weak"
)

// gate bounds the HTTP requests that run at once for one user, over all sessions of a Client. Uploads and downloads
// may wait for a slow peer on our side, so they can never take the last slot from API calls.
type gate struct {
	all     chan struct{}
	bulk    chan struct{}
	uploads chan struct{}
}

type gateKey struct {
	server, user  string
	calls, upload int
}

// gates holds the gate of each user for as long as a session uses it.
type gates struct {
	mu    sync.Mutex
	known map[gateKey]weak.Pointer[gate]
}

func (g *gates) get(key gateKey) *gate {
	g.mu.Lock()
	defer g.mu.Unlock()
	if found := g.known[key].Value(); found != nil {
		return found
	}
	made := newGate(key.calls, key.upload)
	if g.known == nil {
		g.known = map[gateKey]weak.Pointer[gate]{}
	}
	g.known[key] = weak.Make(made)
	runtime.AddCleanup(made, g.forget, key)
	return made
}

// forget drops the entry of a gate that is gone, unless a new one took its place.
func (g *gates) forget(key gateKey) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.known[key].Value() == nil {
		delete(g.known, key)
	}
}

func newGate(calls, uploads int) *gate {
	return &gate{
		all:     make(chan struct{}, max(calls, 1)),
		bulk:    make(chan struct{}, max(calls-1, 1)),
		uploads: make(chan struct{}, max(uploads, 1)),
	}
}

func (g *gate) enterCall(ctx context.Context) (leave func(), err error) { return enter(ctx, g.all) }

func (g *gate) enterDownload(ctx context.Context) (leave func(), err error) {
	return enter(ctx, g.bulk, g.all)
}

func (g *gate) enterUpload(ctx context.Context) (leave func(), err error) {
	return enter(ctx, g.uploads, g.bulk, g.all)
}

// enter takes a slot of each semaphore, in order, or none.
func enter(ctx context.Context, semaphores ...chan struct{}) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for i, semaphore := range semaphores {
		select {
		case semaphore <- struct{}{}:
		case <-ctx.Done():
			release(semaphores[:i])
			return nil, ctx.Err()
		}
	}
	return sync.OnceFunc(func() { release(semaphores) }), nil
}

func release(semaphores []chan struct{}) {
	for _, semaphore := range semaphores {
		<-semaphore
	}
}
