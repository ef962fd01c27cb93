package jmap

import (
	"context"
	"errors"
	"time"
)

var errStalled = errors.New("the transfer stalled")

// stall cancels a transfer when the server makes no progress for a while. The time that our own side takes does not count.
type stall struct {
	timer *time.Timer
	limit time.Duration
}

// newStall returns a context that is canceled with errStalled when limit passes between resume and pause.
func newStall(ctx context.Context, limit time.Duration) (context.Context, *stall, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &stall{timer: time.AfterFunc(limit, func() { cancel(errStalled) }), limit: limit}, cancel
}

func (s *stall) resume() { s.timer.Reset(s.limit) }

func (s *stall) pause() { s.timer.Stop() }
