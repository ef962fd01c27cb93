package server

import (
	"context"
	"sync"
)

// loading is how a list of things is loaded ahead of their use.
type loading[T any] struct {
	n     int
	ahead int                            // how many are loaded at a time
	ready func(i int) (value T, ok bool) // what needs no load is used without; may be nil
	load  func(ctx context.Context, i int) (T, error)
	use   func(i int, value T) error
	drop  func(value T) // for values that were loaded and are not used; may be nil
}

// outcome is what one load came to.
type outcome[T any] struct {
	value    T
	err      error
	panicked any
}

// run loads ahead and uses in order. It returns the first error, when no load is running any more. A panic in a load
// goes on in the caller.
func (l loading[T]) run(ctx context.Context) error {
	begin, err := l.useReady(ctx)
	if err != nil || begin == l.n {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var loaders sync.WaitGroup
	defer loaders.Wait()
	defer cancel()
	slots := make([]chan outcome[T], min(l.n-begin, l.ahead))
	for k := range slots {
		slots[k] = make(chan outcome[T])
		loaders.Go(func() { l.loadEach(ctx, begin+k, len(slots), slots[k]) })
	}
	for i := begin; i < l.n; i++ {
		select {
		case got := <-slots[(i-begin)%len(slots)]:
			if err := l.finish(i, got); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// useReady uses what is ready, up to the first thing that is not.
func (l loading[T]) useReady(ctx context.Context) (next int, err error) {
	for l.ready != nil && next < l.n {
		if err := ctx.Err(); err != nil {
			return next, err
		}
		value, ok := l.ready(next)
		if !ok {
			break
		}
		if err := l.use(next, value); err != nil {
			return next, err
		}
		next++
	}
	return next, nil
}

// loadEach loads every step'th thing, one after the other is taken.
func (l loading[T]) loadEach(ctx context.Context, first, step int, taken chan<- outcome[T]) {
	for i := first; i < l.n; i += step {
		got := l.loadOne(ctx, i)
		select {
		case taken <- got:
		case <-ctx.Done():
			if got.err == nil && got.panicked == nil && l.drop != nil {
				l.drop(got.value)
			}
			return
		}
	}
}

func (l loading[T]) loadOne(ctx context.Context, i int) (got outcome[T]) {
	defer func() { got.panicked = recover() }()
	if got.err = ctx.Err(); got.err == nil {
		got.value, got.err = l.load(ctx, i)
	}
	return got
}

func (l loading[T]) finish(i int, got outcome[T]) error {
	switch {
	case got.panicked != nil:
		panic(got.panicked)
	case got.err != nil:
		return got.err
	}
	return l.use(i, got.value)
}
