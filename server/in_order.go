package server

import "context"

// loading is how a list of things is loaded ahead of their use.
type loading[T any] struct {
	n     int
	ahead int // how many are loaded at a time
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
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	slots := make([]chan outcome[T], min(l.n, l.ahead))
	for i := range slots {
		slots[i] = make(chan outcome[T], 1)
		go l.begin(ctx, i, slots[i])
	}
	for i := range l.n {
		slot := slots[i%len(slots)]
		got := <-slot
		if err := l.finish(i, got); err != nil {
			cancel()
			l.abandon(slots, i)
			if got.panicked != nil {
				panic(got.panicked)
			}
			return err
		}
		if next := i + len(slots); next < l.n {
			go l.begin(ctx, next, slot)
		}
	}
	return nil
}

func (l loading[T]) begin(ctx context.Context, i int, slot chan<- outcome[T]) {
	var got outcome[T]
	defer func() {
		got.panicked = recover()
		slot <- got
	}()
	if got.err = ctx.Err(); got.err == nil {
		got.value, got.err = l.load(ctx, i)
	}
}

func (l loading[T]) finish(i int, got outcome[T]) error {
	if got.panicked != nil {
		return context.Canceled
	}
	if got.err != nil {
		return got.err
	}
	return l.use(i, got.value)
}

// abandon waits for the loads behind the one that ended the run.
func (l loading[T]) abandon(slots []chan outcome[T], last int) {
	for i := last + 1; i < min(l.n, last+len(slots)); i++ {
		got := <-slots[i%len(slots)]
		if got.err == nil && got.panicked == nil && l.drop != nil {
			l.drop(got.value)
		}
	}
}
