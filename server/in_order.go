package server

import "context"

// loading is how a list of things is loaded ahead of their use: in windows, some of which are loaded while the one before them is used.
type loading[T any] struct {
	n     int
	ready func(i int) (value T, ok bool) // what needs no load is used without, up to the first thing that does; may be nil
	end   func(first int) int            // where a window that begins at first ends, behind first
	load  func(ctx context.Context, first, end int) ([]T, error)
	use   func(i int, value T) error
	drop  func(value T) // for values that were loaded and are not used; may be nil
}

// window is a part of the list that is being loaded.
type window[T any] struct {
	first, end int
	loaded     chan outcome[[]T]
}

// outcome is what one load came to.
type outcome[T any] struct {
	value    T
	err      error
	panicked any
}

// windowsAhead is how many windows are loaded at a time.
const windowsAhead = 2

// run loads ahead and uses in order. It returns the first error, when no load is running any more. A panic in a load
// goes on in the caller.
func (l loading[T]) run(ctx context.Context) error {
	begin, err := l.useReady(ctx)
	if err != nil || begin == l.n {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var ahead []*window[T]
	fill := func() {
		for len(ahead) < windowsAhead && begin < l.n {
			w := l.start(ctx, begin)
			ahead, begin = append(ahead, w), w.end
		}
	}
	defer func() {
		cancel()
		for _, w := range ahead {
			l.dropAll((<-w.loaded).value)
		}
	}()
	for {
		fill()
		if len(ahead) == 0 {
			return nil
		}
		w, got := ahead[0], <-ahead[0].loaded
		ahead = ahead[1:]
		if got.panicked != nil {
			panic(got.panicked)
		}
		if got.err != nil {
			return got.err
		}
		fill()
		if err := l.useAll(ctx, w.first, got.value); err != nil {
			return err
		}
	}
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

// start loads the window that begins at first. Somebody has to receive what comes of it.
func (l loading[T]) start(ctx context.Context, first int) *window[T] {
	w := &window[T]{first: first, end: l.end(first), loaded: make(chan outcome[[]T], 1)}
	go func() {
		var got outcome[[]T]
		defer func() {
			got.panicked = recover()
			w.loaded <- got
		}()
		if got.err = ctx.Err(); got.err == nil {
			got.value, got.err = l.load(ctx, w.first, w.end)
		}
	}()
	return w
}

// useAll uses the values of a window, and drops those that it does not come to.
func (l loading[T]) useAll(ctx context.Context, first int, values []T) error {
	used := 0
	defer func() { l.dropAll(values[used:]) }()
	for used < len(values) {
		if err := ctx.Err(); err != nil {
			return err
		}
		i := used
		used++
		if err := l.use(first+i, values[i]); err != nil {
			return err
		}
	}
	return nil
}

func (l loading[T]) dropAll(values []T) {
	if l.drop == nil {
		return
	}
	for _, value := range values {
		l.drop(value)
	}
}
