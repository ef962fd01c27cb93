package server

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel does something for each number below n, on all processors. It returns the first error, when nothing is running any more; a
// panic goes on in the caller.
func inParallel(n int, do func(i int) error) error {
	var (
		next     atomic.Int64
		once     sync.Once
		failed   error
		panicked any
		workers  sync.WaitGroup
	)
	stop := func(err error, v any) {
		once.Do(func() { failed, panicked = err, v })
		next.Store(int64(n))
	}
	one := func(i int) {
		defer func() {
			if v := recover(); v != nil {
				stop(nil, v)
			}
		}()
		if err := do(i); err != nil {
			stop(err, nil)
		}
	}
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for {
				i := next.Add(1) - 1
				if i >= int64(n) {
					return
				}
				one(int(i))
			}
		})
	}
	workers.Wait()
	if panicked != nil {
		panic(panicked)
	}
	return failed
}
