package content

import (
	"context"
	"sync"

	"github.com/maypok86/otter/v2"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// Want is one of several messages that are loaded together.
type Want struct {
	Blob  jmap.ID
	Email jmap.ID // an Email with that blob
	Size  int64   // octets, as far as the JMAP server has told; else 0
}

// of is where a message comes from when it is loaded alone.
func (a Account) of(w Want) Account {
	a.Size = w.Size
	return a
}

// Loaded is what came of one Want: a value, or why there is none.
type Loaded[T any] struct {
	Value T
	Err   error
}

// Bounds of what is loaded one by one.
const (
	// alone is how many messages are downloaded at the same time that do not come in a batch. The session keeps to the
	// server's own limit besides.
	alone = 4
	// MaxBroken is how many messages that the JMAP server fails at are passed over. When there are more it is not the
	// messages that are broken.
	MaxBroken = 10
)

// each loads the messages of a list one by one, some at a time. A message that is gone or broken is one without a value; anything
// else ends it, and is returned. A panic goes on in the caller.
func each[T any](ctx context.Context, list []int, load func(ctx context.Context, i int) (T, error), done func(i int, got Loaded[T])) error {
	if len(list) == 0 {
		return nil
	}
	all, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		mu       sync.Mutex
		next     int
		broken   int
		failed   error
		panicked any
		workers  sync.WaitGroup
	)
	one := func(i int) {
		defer func() {
			if v := recover(); v != nil {
				mu.Lock()
				panicked = v
				mu.Unlock()
				cancel()
			}
		}()
		value, err := load(all, i)
		mu.Lock()
		defer mu.Unlock()
		if Broken(err) {
			broken++
		}
		if err != nil && !Gone(err) && !(Broken(err) && broken <= MaxBroken) {
			if failed == nil {
				failed = err
			}
			cancel()
			return
		}
		done(i, Loaded[T]{value, err})
	}
	for range min(alone, len(list)) {
		workers.Go(func() {
			for {
				mu.Lock()
				k := next
				next++
				mu.Unlock()
				if k >= len(list) || all.Err() != nil {
					return
				}
				one(list[k])
			}
		})
	}
	workers.Wait()
	if panicked != nil {
		panic(panicked)
	}
	if failed == nil {
		return ctx.Err()
	}
	return failed
}

// bulk is a load of several values of a cache, of which some other connection may be loading a part.
type bulk[V any] struct {
	get  func(ctx context.Context, keys []key, load otter.BulkLoader[key, V]) (map[key]V, error)
	load func(ctx context.Context, keys []key) (map[key]V, error)
}

// run gives what is loaded in a batch, by this call or by another; the rest has to be loaded one by one. Only a failure of this call
// is one: the others' are told to them.
func (b bulk[V]) run(ctx context.Context, keys []key) (map[key]V, error) {
	var own error
	values, err := b.get(ctx, keys, otter.BulkLoaderFunc[key, V](func(ctx context.Context, keys []key) (map[key]V, error) {
		var values map[key]V
		values, own = b.load(ctx, keys)
		return values, own
	}))
	if err != nil && (own != nil || ctx.Err() != nil) {
		return nil, err
	}
	return values, nil
}
